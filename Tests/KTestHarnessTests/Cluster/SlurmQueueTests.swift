import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// What sinfo and squeue of Slurm 22.05 say in the formats that they are asked for.
@Suite("Slurm's words")
struct SlurmQueueTests {
  private static let nodes = """
    h1|2|12288|tcg|idle|ktest*
    h2|2|12288|tcg,la57|mix|ktest*
    h3|2|12288|tcg|down*|ktest*
    h3|2|12288|tcg|down*|small
    h4|4+|4096|(null)|drng|small
    big|64|1048576+|kvm|idle~|small
    """

  @Test("are nodes of the default partition, each once")
  func defaultPartition() {
    let nodes = SlurmQueue.nodes(in: Self.nodes, ofDefault: true)
    #expect(nodes.map(\.name) == ["h1", "h2", "h3"] && nodes.map(\.isUsable) == [true, true, false])
    #expect(nodes[1] == .init(name: "h2", processors: 2, memory: 12 << 30, features: ["tcg", "la57"], state: "mix"))
    #expect(SlurmQueue.nodes(in: Self.nodes.replacing("*\n", with: "\n"), ofDefault: true).isEmpty)
  }

  @Test("are nodes of a partition that was named")
  func named() {
    let nodes = SlurmQueue.nodes(in: Self.nodes, ofDefault: false)
    #expect(nodes.map(\.name) == ["h1", "h2", "h3", "h4", "big"])
    #expect(nodes[3] == .init(name: "h4", processors: 4, memory: 4 << 30, features: [], state: "drng"))
    #expect(!nodes[3].isUsable && nodes[4].isUsable && nodes[4].memory == 1 << 40)
  }

  @Test(
    "that make no sense are no nodes",
    arguments: [
      "", "h1", "h1|x|1|a|idle|p*", "h1|1|99999999999999999999|a|idle|p*", "h1|1|18446744073709551615|a|idle|p*",
    ])
  func noNodes(_ text: String) { #expect(SlurmQueue.nodes(in: text, ofDefault: false).isEmpty) }

  @Test("are tasks, whatever a reason says")
  func tasks() {
    let tasks = SlurmQueue.tasks(
      in: """
        1|0|RUNNING|h1|None
        1|1|COMPLETED|h2|None
        2|0|PENDING||JobHeldUser
        3|12|PENDING||(ReqNodeNotAvail, UnavailableNodes:h[1-2]|maintenance)
        4|N/A|PENDING||None
        slurm_load_jobs error: Unable to contact slurm controller
        5|0|NODE_FAIL|h3|NodeDown
        """)
    #expect(
      tasks == [
        .init(job: 1, index: 0, state: "RUNNING", nodes: "h1", reason: "None"),
        .init(job: 1, index: 1, state: "COMPLETED", nodes: "h2", reason: "None"),
        .init(job: 2, index: 0, state: "PENDING", nodes: "", reason: "JobHeldUser"),
        .init(
          job: 3, index: 12, state: "PENDING", nodes: "",
          reason: "(ReqNodeNotAvail, UnavailableNodes:h[1-2]|maintenance)"),
        .init(job: 5, index: 0, state: "NODE_FAIL", nodes: "h3", reason: "NodeDown"),
      ])
    #expect(tasks.map(\.isOver) == [false, true, false, false, true])
  }

  private static func node(_ name: String, processors: Int, gib: UInt64, _ features: Set<String> = [])
    -> SlurmQueue.Node
  {
    SlurmQueue.Node(name: name, processors: processors, memory: gib << 30, features: features, state: "idle")
  }

  private func request(
    _ needs: GroupOrder.Needs, lost: [String] = [], on nodes: [SlurmQueue.Node]
  ) throws -> SlurmQueue.Request {
    var order = try ElsewherePlan.orders(of: ScriptedRun.plan([Case(name: "a", run: ["a"])]))[0]
    (order.needs, order.mostSeconds) = (needs, 90)
    var attempt = Attempt(order: .group(order), run: "r")
    attempt.losses = lost.map { GroupAnswer.Loss(host: $0, reason: "x") }
    return SlurmQueue.Request(for: attempt, on: nodes)
  }

  @Test("ask for what the guest needs, and for no more processors than a fitting node has")
  func requests() throws {
    let nodes = [
      Self.node("small", processors: 64, gib: 2), Self.node("large", processors: 4, gib: 16, ["kvm"]),
      Self.node("other", processors: 8, gib: 16),
    ]
    let needs = GroupOrder.Needs(memory: 4 << 30, processors: 16)
    let plain = try request(needs, on: nodes)
    #expect(plain.processors == 8 && plain.memory == 4096 + 256 && plain.minutes == 3)
    #expect(plain.constraint == nil && plain.excluded == [])
    let kvm = try request(GroupOrder.Needs(memory: 4 << 30, processors: 16, kvm: true), on: nodes)
    #expect(kvm.processors == 4 && kvm.constraint == "kvm")
    #expect(!nodes[0].fits(needs) && nodes[1].fits(needs))
    // The worker takes something, too: sbatch would refuse it for ever.
    #expect(!Self.node("tight", processors: 2, gib: 4).fits(needs))
  }

  @Test("exclude the nodes that were lost, as long as another can run it")
  func exclusions() throws {
    let nodes = [
      Self.node("small", processors: 2, gib: 2), Self.node("one", processors: 2, gib: 16),
      Self.node("two", processors: 4, gib: 16),
    ]
    let needs = GroupOrder.Needs(memory: 4 << 30, processors: 4)
    let one = try request(needs, lost: ["two", "elsewhere"], on: nodes)
    #expect(one.excluded == ["two"] && one.processors == 2)
    // The small one is no other, as it can never run it.
    #expect(try request(needs, lost: ["two", "one"], on: nodes).excluded == [])
  }
}
