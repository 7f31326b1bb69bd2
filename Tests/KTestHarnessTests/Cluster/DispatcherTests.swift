import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("Groups and the hosts that run them")
struct DispatcherTests {
  private let tree: TemporaryTree

  init() throws { tree = try TemporaryTree() }

  private var records: FleetRecords {
    FleetRecords(directory: "\(tree.path)/records", kind: .slurm(partition: nil, shared: "/x"))
  }

  private var recorded: [String] { HostFiles.names(in: "\(tree.path)/records") }

  private func dispatcher(_ fleet: ScriptedFleet) -> Dispatcher<ScriptedFleet> {
    Dispatcher(
      fleet: fleet, version: "1", guests: .init(accelerator: "tcg", timeFactor: nil, channel: "virtio"),
      records: records)
  }

  /// One group for each name, all of the same length.
  private func plan(_ names: String...) throws -> Plan {
    var plan = try ScriptedRun.plan([Case(name: names[0], run: ["x"])])
    plan.suites = []
    for name in names {
      var suite = try ScriptedRun.plan([Case(name: "\(name)1", run: ["x"]), Case(name: "\(name)2", run: ["x"])]).suites[
        0]
      suite.suite.name = name
      plan.suites.append(suite)
    }
    return plan
  }

  private final class Heard: Sendable {
    let answers = Locked<[GroupAnswer]>([])
    let notices = Locked<[String]>([])

    var told: [String] {
      answers.with { answers in
        answers.map { answer in
          switch answer.outcome {
          case .ran(let worker, _): "\(answer.order.number) ran on \(worker.name)"
          case .refused(let why): "\(answer.order.number) refused \(why.cause.kind) \(why.text)"
          case .lost(let why): "\(answer.order.number) lost \(why.cause.kind) \(why.text)"
          case .cut(let worker, _, let why):
            "\(answer.order.number) cut on \(worker.name) \(why.cause.kind) \(why.text)"
          }
        }
      }
    }
  }

  private func go(
    _ orders: [GroupOrder], _ fleet: ScriptedFleet, _ heard: Heard = Heard(),
    take: @escaping @Sendable (GroupAnswer) async throws -> Void = { _ in }
  ) async throws -> Heard {
    try await dispatcher(fleet).run(
      orders, of: "r",
      say: { if case .notice(let text) = $0 { heard.notices.with { $0.append(text) } } },
      take: { answer in
        heard.answers.with { $0.append(answer) }
        try await take(answer)
      })
    return heard
  }

  @Test("each group has one answer, and nothing stays", arguments: [1, 2, .max])
  func all(_ room: Int) async throws {
    let fleet = ScriptedFleet("\(tree.path)/work", [2: [.answers("h2")]], room: room)
    let during = Locked<[String]>([])
    let heard = try await go(ElsewherePlan.orders(of: plan("a", "b", "c", "d")), fleet) { [self] _ in
      during.with { $0 += recorded }
    }
    #expect(heard.told.sorted() == ["1 ran on h1", "2 ran on h2", "3 ran on h1", "4 ran on h1"])
    #expect(await fleet.log == ["begin", "start 1", "start 2", "start 3", "start 4", "end"])
    #expect(during.with { $0 } == Array(repeating: "r.json", count: 4) && recorded == [])
    #expect(heard.notices.with { $0 } == [] && heard.answers.with { $0.allSatisfy { $0.losses.isEmpty } })
  }

  @Test(
    "a group whose host is lost runs again elsewhere",
    arguments: [
      (.isLost("h9", "power cut"), "power cut"), (.endsSilently("h9"), "its worker ended without an answer"),
      (.fails("h9", "the disk is full"), "the disk is full"),
      (.isEnded("h9"), "somebody ended its worker, or its time was over"),
      (.isCut("h9"), "its answer is not complete"),
    ] as [(ScriptedFleet.Play, String)])
  func lost(_ play: ScriptedFleet.Play, _ reason: String) async throws {
    let fleet = ScriptedFleet("\(tree.path)/work", [1: [play, .answers("h2")]])
    let heard = try await go(ElsewherePlan.orders(of: plan("a", "b")), fleet)
    #expect(heard.told.sorted() == ["1 ran on h2", "2 ran on h1"])
    #expect(heard.notices.with { $0 } == ["a on k runs again elsewhere: h9: \(reason)"])
    let losses = heard.answers.with { $0.first { $0.order.number == 1 }?.losses }
    #expect(losses == [GroupAnswer.Loss(host: "h9", reason: reason)])
    // The worker may live after all, and the next host is another one.
    #expect(await fleet.log.contains("stop 1"))
    #expect(await fleet.avoided.contains("1 [\"h9\"]"))
  }

  @Test("what has to begin again, though no host is at fault, may do so as often as it has to")
  func again() async throws {
    let plays = Array(repeating: ScriptedFleet.Play.again("the folder is full"), count: 5) + [.answers("h2")]
    let fleet = ScriptedFleet("\(tree.path)/work", [1: plays])
    let heard = try await go(ElsewherePlan.orders(of: plan("a")), fleet)
    #expect(heard.told == ["1 ran on h2"] && heard.answers.with { $0[0].losses } == [])
    #expect(heard.notices.with { $0 } == Array(repeating: "a on k runs again: the folder is full", count: 5))
    // Whatever lives of it does not write into the same folder.
    #expect(await fleet.log.count { $0 == "stop 1" } == 5)
    #expect(await fleet.avoided.allSatisfy { $0 == "1 []" })
  }

  @Test("what nobody takes any more is an error, with the hosts that were lost before")
  func noLonger() async throws {
    let fleet = ScriptedFleet("\(tree.path)/work", [1: [.isLost("h1", "power cut"), .isRefused("no account")]])
    let heard = try await go(ElsewherePlan.orders(of: plan("a", "b")), fleet)
    #expect(heard.told.sorted() == ["1 lost harness no account", "2 ran on h1"])
    #expect(heard.answers.with { $0.first { $0.order.number == 1 }?.losses.map(\.host) } == ["h1"])
  }

  @Test("after three losses it is an error of the hosts, and never of the kernel")
  func threeLosses() async throws {
    let plays: [ScriptedFleet.Play] = [.isLost("h1", "power cut"), .endsSilently("h2"), .fails("h3", "no QEMU")]
    let fleet = ScriptedFleet("\(tree.path)/work", [1: plays])
    let events = Locked<[RunEvent]>([])
    let (verdict, isInterrupted) = try await runElsewhere(
      plan("a", "b"), name: "r", on: dispatcher(fleet), schedule: .oneByOne, needsKVM: false,
      emit: { event in events.with { $0.append(event) } })
    #expect(verdict == .error && !isInterrupted)
    let run = ScriptedRun(events: events.with { $0 }, verdict: verdict, interrupted: false)
    #expect(run.told.sorted() == ["a1:error", "a2:error", "b1:pass", "b2:pass"])
    let bad = try #require(run.results.first { $0.name == "a1" })
    #expect(bad.cause?.kind == .harness)
    #expect(
      bad.reason
        == "3 hosts were lost with it: h1: power cut; h2: its worker ended without an answer; h3: no QEMU")
    var replay = RunReplay()
    for event in run.events { replay.apply(event, at: 0) }
    #expect(replay.summary(run: "r").failureKind == .host)
    let workers = run.groups
    #expect(workers.count == 2)
    let lost = try #require(workers.first { $0.group == 1 })
    #expect(lost.host == nil && lost.losses.map(\.host) == ["h1", "h2", "h3"] && lost.cases == ["a:a1", "a:a2"])
  }

  @Test("what no host can run is skipped, and the rest runs")
  func refused() async throws {
    var plan = try plan("a", "b")
    plan.suites[0].suite.guest.memory = .gibibytes(4)
    let fleet = ScriptedFleet("\(tree.path)/work", memory: 2 << 30)
    let events = Locked<[RunEvent]>([])
    let (verdict, _) = try await runElsewhere(
      plan, name: "r", on: dispatcher(fleet), schedule: .oneByOne, needsKVM: false,
      emit: { event in events.with { $0.append(event) } })
    let run = ScriptedRun(events: events.with { $0 }, verdict: verdict, interrupted: false)
    #expect(run.told.sorted() == ["a1:skip", "a2:skip", "b1:pass", "b2:pass"] && verdict == .pass)
    let skipped = run.results.filter { $0.verdict == .skip }
    #expect(skipped.allSatisfy { $0.cause?.kind == .noHost && $0.reason == "no host has as much memory" })
    #expect(await fleet.log.filter { $0.hasPrefix("start") }.count == 1)
  }

  @Test("an answer that a lost host still brings is not taken")
  func late() async throws {
    let fleet = ScriptedFleet("\(tree.path)/work", [1: [.isLost("h1", "silent"), .answers("h2")]])
    let heard = try await go(ElsewherePlan.orders(of: plan("a", "b")), fleet) { answer in
      if answer.order.number == 2 { try await fleet.answerLate(1, as: "h1") }
    }
    #expect(heard.told.sorted() == ["1 ran on h2", "2 ran on h1"])
  }

  @Test("a run that is cancelled ends its workers, and takes what they have")
  func cancelled() async throws {
    let fleet = ScriptedFleet("\(tree.path)/work", [2: [.runs("h2")], 3: [.waits("Priority")]])
    let events = Locked<[RunEvent]>([])
    let (plan, dispatcher) = (try plan("a", "b", "c"), dispatcher(fleet))
    let task = Task {
      try await runElsewhere(
        plan, name: "r", on: dispatcher, schedule: .oneByOne, needsKVM: false,
        emit: { event in events.with { $0.append(event) } })
    }
    for await states in fleet.looks where states.count == 2 { break }
    task.cancel()
    let outcome = try await task.value
    let run = ScriptedRun(events: events.with { $0 }, verdict: outcome.verdict, interrupted: outcome.interrupted)
    #expect(run.interrupted && run.told.sorted() == ["a1:pass", "a2:pass", "b1:pass", "b2:pass"])
    #expect(Set(run.boots.map(\.host)) == ["h1", "h2"])
    let log = await fleet.log
    #expect(log.contains("stop 2") && log.contains("stop 3") && log.last == "end" && recorded == [])
    #expect(run.words.contains("notice groups wait in the queue: Priority"))
    #expect(run.words.count { $0.hasPrefix("notice groups wait") } == 1 && run.words.last == "over pass interrupted")
  }

  private struct DiskFull: Error {}

  @Test("where an answer cannot be taken, nothing stays under way")
  func takeThrows() async throws {
    let fleet = ScriptedFleet("\(tree.path)/work", [2: [.runs("h2")], 3: [.runs("h3")]])
    let orders = try ElsewherePlan.orders(of: plan("a", "b", "c"))
    await #expect(throws: DiskFull.self) {
      _ = try await go(orders, fleet) { _ in throw DiskFull() }
    }
    let log = await fleet.log
    #expect(log.contains("stop 2") && log.contains("stop 3") && log.last == "end" && recorded == [])
    #expect(log.count { $0.hasPrefix("start") } == 3)
  }

  @Test("a fleet that cannot begin has nothing left, and one that cannot clean up is remembered")
  func ends() async throws {
    let orders = try ElsewherePlan.orders(of: plan("a"))
    let broken = ScriptedFleet("\(tree.path)/work", breaks: true)
    await #expect(throws: ScriptedFleet.Broken.self) { _ = try await go(orders, broken) }
    #expect(await broken.log == ["begin", "end"] && recorded == [])
    let silent = ScriptedFleet("\(tree.path)/work", isReachable: false)
    #expect(try await go(orders, silent).told == ["1 ran on h1"] && recorded == ["r.json"])
  }

  @Test("--fail-fast ends what is under way, and tells it as not run")
  func failFast() async throws {
    var plan = try plan("a", "b", "c")
    plan.settings.course = RunCourse(failFast: true)
    let lost: [ScriptedFleet.Play] = [.isLost("h1", "x"), .isLost("h2", "x"), .isLost("h3", "x")]
    let fleet = ScriptedFleet("\(tree.path)/work", [1: lost, 2: [.runs("h2")], 3: [.waits("")]])
    let events = Locked<[RunEvent]>([])
    let (verdict, _) = try await runElsewhere(
      plan, name: "r", on: dispatcher(fleet), schedule: .oneByOne, needsKVM: false,
      emit: { event in events.with { $0.append(event) } })
    let run = ScriptedRun(events: events.with { $0 }, verdict: verdict, interrupted: false)
    #expect(run.told.sorted() == ["a1:error", "a2:error", "b1:skip", "b2:skip", "c1:skip", "c2:skip"])
    #expect(await fleet.log.contains("stop 2"))
  }

  @Test("--fail-fast tells what had ended as it ended")
  func failFastEnded() async throws {
    var plan = try plan("a", "b", "c", "d", "e")
    plan.settings.course = RunCourse(failFast: true)
    let fleet = ScriptedFleet("\(tree.path)/work", [1: [.failsCases("h1")], 3: [.failsCases("h3")], 4: [.runs("h4")]])
    let events = Locked<[RunEvent]>([])
    let (verdict, _) = try await runElsewhere(
      plan, name: "r", on: dispatcher(fleet), schedule: .oneByOne, needsKVM: false,
      emit: { event in events.with { $0.append(event) } })
    let run = ScriptedRun(events: events.with { $0 }, verdict: verdict, interrupted: false)
    #expect(run.results.filter { $0.name.hasPrefix("a") }.contains { $0.verdict == .fail })
    #expect(
      run.told.filter { $0.hasPrefix("b") || $0.hasPrefix("e") }.sorted() == [
        "b1:pass", "b2:pass", "e1:pass", "e2:pass",
      ])
    #expect(run.results.filter { $0.name.hasPrefix("c") }.contains { $0.verdict == .fail })
    #expect(run.told.filter { $0.hasPrefix("d") }.sorted() == ["d1:skip", "d2:skip"])
    #expect(run.results.count == 10)
  }
}
