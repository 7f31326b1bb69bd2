import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// What sinfo and squeue of Slurm 22.05 say in the formats that they are asked for.
@Suite("Slurm's words")
struct SlurmQueueTests {
  private static let nodes = """
    h1|2|12288|tcg|idle|ktest*|infinite|none
    h2|2|12288|tcg,la57|mix|ktest*|infinite|none
    h3|2|12288|tcg|down*|ktest*|infinite|Not responding
    h3|2|12288|tcg|down*|small|10:00|Not responding
    h4|4+|4096|(null)|drng|small|10:00|disk|wear
    big|64|1048576+|kvm|idle~|small|1-02:00:00|none
    """

  @Test("are nodes of the default partition, each once")
  func defaultPartition() {
    let nodes = SlurmQueue.nodes(in: Self.nodes, ofDefault: true)
    #expect(nodes.map(\.name) == ["h1", "h2", "h3"] && nodes.map(\.isUsable) == [true, true, false])
    #expect(nodes[1] == .init(name: "h2", processors: 2, memory: 12 << 30, features: ["tcg", "la57"], state: "mix"))
    #expect(SlurmQueue.nodes(in: Self.nodes.replacing("*|inf", with: "|inf"), ofDefault: true).isEmpty)
  }

  @Test("are nodes of a partition that was named")
  func named() {
    let nodes = SlurmQueue.nodes(in: Self.nodes, ofDefault: false)
    #expect(nodes.map(\.name) == ["h1", "h2", "h3", "h4", "big"])
    #expect(
      nodes[3]
        == .init(
          name: "h4", processors: 4, memory: 4 << 30, features: [], state: "drng", mostMinutes: 10, remark: "disk|wear")
    )
    #expect(nodes[2].remark == "Not responding" && nodes[4].mostMinutes == 26 * 60 && nodes[0].mostMinutes == nil)
    #expect(!nodes[3].isUsable && nodes[4].isUsable && nodes[4].memory == 1 << 40)
  }

  @Test(
    "that make no sense are no nodes",
    arguments: [
      "", "h1", "h1|x|1|a|idle|p*|1:00|none", "h1|1|99999999999999999999|a|idle|p*|1:00|none",
      "h1|1|18446744073709551615|a|idle|p*|1:00|none", "h1|1|1|a|idle|p*",
    ])
  func noNodes(_ text: String) { #expect(SlurmQueue.nodes(in: text, ofDefault: false).isEmpty) }

  @Test("are tasks, whatever a reason says")
  func tasks() {
    let tasks = SlurmQueue.tasks(
      in: """
        1|0|RUNNING|h1|3:00|0:01|None
        1|1|COMPLETED|h2|3:00|2:00|None
        2|0|PENDING||UNLIMITED|0:00|JobHeldUser
        3|12|PENDING||1-00:00:00|0:00|(ReqNodeNotAvail, UnavailableNodes:h[1-2]|maintenance)
        4|N/A|PENDING||3:00|0:00|None
        slurm_load_jobs error: Unable to contact slurm controller
        5|0|NODE_FAIL|h3|3:00|2:59|NodeDown
        """)
    #expect(
      tasks == [
        .init(job: 1, index: 0, state: "RUNNING", nodes: "h1", reason: "None", limit: 180, seconds: 1),
        .init(job: 1, index: 1, state: "COMPLETED", nodes: "h2", reason: "None", limit: 180, seconds: 120),
        .init(job: 2, index: 0, state: "PENDING", nodes: "", reason: "JobHeldUser", limit: nil, seconds: 0),
        .init(
          job: 3, index: 12, state: "PENDING", nodes: "",
          reason: "(ReqNodeNotAvail, UnavailableNodes:h[1-2]|maintenance)", limit: 86_400, seconds: 0),
        .init(job: 5, index: 0, state: "NODE_FAIL", nodes: "h3", reason: "NodeDown", limit: 180, seconds: 179),
      ])
    #expect(tasks.map(\.isOver) == [false, true, false, false, true])
    #expect(tasks.map(\.isOverTime) == [false, true, false, false, false])
  }

  @Test(
    "are times",
    arguments: [
      ("0:07", 7), ("10:00", 600), ("1:00:00", 3600), ("2-00:00:01", 172_801), ("UNLIMITED", nil), ("infinite", nil),
      ("n/a", nil), ("", nil), ("1-", nil), ("1-2:3", nil), ("-1:00", nil), ("1:2:3:4", nil), ("7", nil),
      ("999999999999:00", nil), ("99999999999999999999-00:00:00", nil),
    ] as [(String, Int?)])
  func times(_ text: String, _ seconds: Int?) { #expect(SlurmQueue.seconds(in: text) == seconds) }

  private static func node(_ name: String, processors: Int, gib: UInt64, _ features: Set<String> = [])
    -> SlurmQueue.Node
  {
    SlurmQueue.Node(name: name, processors: processors, memory: gib << 30, features: features, state: "idle")
  }

  private func request(
    _ needs: GroupOrder.Needs, lost: [String] = [], on nodes: [SlurmQueue.Node], overtimes: Int = 0
  ) throws -> SlurmQueue.Request {
    var order = try ElsewherePlan.orders(of: ScriptedRun.plan([Case(name: "a", run: ["a"])]))[0]
    (order.needs, order.mostSeconds) = (needs, 90)
    var attempt = Attempt(order: .group(order), run: "r")
    attempt.losses = lost.map { GroupAnswer.Loss(host: $0, reason: "x") }
    return SlurmQueue.Request(for: attempt, on: nodes, overtimes: overtimes)
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

  @Test("ask for more time after one that was too short, but for no more than the partition gives")
  func minutes() throws {
    let needs = GroupOrder.Needs(memory: 1 << 30, processors: 1)
    var node = Self.node("one", processors: 2, gib: 16)
    #expect(try (0..<3).map { try request(needs, on: [node], overtimes: $0).minutes } == [3, 6, 12])
    node.mostMinutes = 5
    #expect(try (0..<3).map { try request(needs, on: [node], overtimes: $0).minutes } == [3, 5, 5])
    node.mostMinutes = 2
    // It would wait for ever otherwise.
    #expect(try request(needs, on: [node]).minutes == 2)
    #expect(try request(needs, on: [node, Self.node("two", processors: 2, gib: 16)]).minutes == 3)
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
