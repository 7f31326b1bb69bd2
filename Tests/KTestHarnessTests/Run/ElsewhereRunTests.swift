import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// The same plan on one host and on workers: what is told is the same, but hosts, numbers of boots, and seconds.
@Suite("A run elsewhere is told as one here")
struct ElsewhereRunTests {
  private static let failing = "KTAP version 1\n1..1\nnot ok 1 it\n"

  /// A guest in which these cases fail, and others say what they skip.
  private static func guest(failing names: String...) -> GuestScript {
    GuestScript { names.contains($0.name) ? GuestScript.run($0, output: failing) : nil }
  }

  private struct Both {
    var here: ScriptedRun
    var there: ScriptedRun
    var hostHere: ScriptedHost
    var hostThere: ScriptedHost
    /// The orders that have an answer.
    var answers: [GroupOrder]
  }

  /// - Parameter host: makes a host; those of both runs must do the same.
  private func both(_ plan: Plan, workers: Int = 2, _ host: () -> ScriptedHost = { ScriptedHost() }) async throws
    -> Both
  {
    let (hostHere, hostThere) = (host(), host())
    let here = try await ScriptedRun.go(plan, on: hostHere)
    let tree = try TemporaryTree()
    let events = Locked<[RunEvent]>([])
    let executor = ScriptedExecutor(
      directory: tree.path, host: hostThere, accelerator: plan.settings.accelerator, workers: workers)
    let outcome = try await runElsewhere(
      plan, name: "t", on: executor, schedule: .oneByOne, needsKVM: false,
      emit: { event in events.with { $0.append(event) } })
    let there = ScriptedRun(events: events.with { $0 }, verdict: outcome.verdict, interrupted: outcome.interrupted)
    return Both(
      here: here, there: there, hostHere: hostHere, hostThere: hostThere, answers: executor.answered.with { $0 })
  }

  /// What is told of each case and boot, whatever the order.
  private func told(_ run: ScriptedRun) -> [String] {
    run.events.compactMap { event in
      switch event {
      case .caseFinished(let suite, let kernel, var result):
        (result.boot, result.seconds) = (result.boot == nil ? nil : 0, 0)
        result.usage = nil
        result.splats = ElsewhereRunTests.unplaced(result.splats)
        return "\(kernel) \(suite) \(result)"
      case .caseAbsent(let suite, let kernel, let test): return "\(kernel) \(suite) absent \(test)"
      case .bootFinished(let boot):
        return "boot \(boot.kernel) \(boot.suite) \(boot.verdict) \(boot.reason ?? "") \(boot.splats.map(\.title))"
      case .notice(let text): return "notice " + text.replacing(/boot \d+/, with: "boot N")
      case .roundStarted(let round, let planned): return "round \(round) of \(planned)"
      case .runStarted(let cases, let boots): return "run \(cases) \(boots)"
      default: return nil
      }
    }.sorted()
  }

  /// Where a splat is in the console depends on the length of tokens.
  private static func unplaced(_ splats: [SplatNote]) -> [SplatNote] {
    splats.map { splat in
      var splat = splat
      (splat.start, splat.end) = (0, 0)
      return splat
    }
  }

  private func summary(_ run: ScriptedRun) -> RunSummary {
    var replay = RunReplay()
    for event in run.events { replay.apply(event, at: 0) }
    var summary = replay.summary(run: "t")
    summary.seconds = 0
    summary.boots = []
    for suite in summary.suites.indices {
      for place in summary.suites[suite].cases.indices {
        summary.suites[suite].cases[place].seconds = 0
        summary.suites[suite].cases[place].boot = nil
        summary.suites[suite].cases[place].usage = nil
        let splats = summary.suites[suite].cases[place].splats
        summary.suites[suite].cases[place].splats = ElsewhereRunTests.unplaced(splats)
      }
    }
    summary.suites.sort { ($0.kernel, $0.name) < ($1.kernel, $1.name) }
    return summary
  }

  @discardableResult
  private func expectSame(
    _ plan: Plan, workers: Int = 2, _ host: () -> ScriptedHost = { ScriptedHost() }
  ) async throws -> Both {
    let both = try await both(plan, workers: workers, host)
    #expect(both.there.verdict == both.here.verdict && both.there.interrupted == both.here.interrupted)
    #expect(told(both.there) == told(both.here))
    let (here, there) = (summary(both.here), summary(both.there))
    #expect(there.verdict == here.verdict && there.rounds == here.rounds && there.interrupted == here.interrupted)
    for (one, other) in zip(here.suites, there.suites) {
      #expect(one.name == other.name && one.verdict == other.verdict && one.absent == other.absent)
      #expect(Set(one.cases.map { "\($0)" }) == Set(other.cases.map { "\($0)" }))
    }
    #expect(here.suites.count == there.suites.count)
    let ids = both.there.boots.map(\.id)
    #expect(Set(ids).count == ids.count, "\(ids)")
    // Each boot has its number in its order's range, and says where it was.
    for boot in both.there.boots {
      let order = both.answers.last { $0.firstBoot <= boot.id }
      let range = order.map { $0.firstBoot..<$0.firstBoot + $0.mostBoots }
      #expect(range?.contains(boot.id) == true && boot.host == order.map { "h\($0.number)" }, "\(boot)")
    }
    let groups = both.there.groups
    #expect(groups.map { [$0.round, $0.group] } == both.answers.map { [$0.round, $0.number] })
    #expect(groups.allSatisfy { $0.host?.name == "h\($0.group)" && $0.losses.isEmpty })
    #expect(both.hostThere.running == 0)
    return both
  }

  private func cases(_ names: String..., fresh: Set<String> = []) -> [Case] {
    names.map { Case(name: $0, run: [$0], fresh: fresh.contains($0)) }
  }

  @Test("cases that pass, fail, or are skipped before boot")
  func plain() async throws {
    let plan = try ScriptedRun.plan(
      cases("a", "b", "c", "d", fresh: ["c", "d"]), skips: ["b": "no module y", "d": "no module z"])
    let both = try await expectSame(plan) { ScriptedHost(Self.guest(failing: "c")) }
    #expect(both.there.verdict == .fail && both.answers.count == 2)
    // Reports keep the order of the suite.
    #expect(both.there.words.contains("plan s a,b,c,d"))
  }

  @Test("a run of which everything is skipped, and one of nothing")
  func nothing() async throws {
    let plan = try ScriptedRun.plan(cases("a", "b"), skips: ["a": "no", "b": "no"])
    let both = try await expectSame(plan)
    #expect(both.answers.isEmpty && both.there.verdict == .skip)
    var absent = plan
    absent.suites[0].absent = [AbsentCase(name: "new", reason: "is for later kernels")]
    try await expectSame(absent)
    try await expectSame(Plan(suites: [], settings: plan.settings))
  }

  @Test("cases whose program could not be built")
  func notBuilt() async throws {
    var plan = try ScriptedRun.plan(cases("a", "b"), skips: ["a": "the compiler failed"])
    plan.suites[0].cases[0].verdict = .error
    let both = try await expectSame(plan)
    #expect(both.there.verdict == .error)
  }

  @Test("cells of a matrix, in one guest and in several", arguments: [[], ["thp=${thp}"]])
  func matrix(_ commandLine: [String]) async throws {
    let suite = Suite(
      name: "s", guest: GuestSpec(commandLine: commandLine), matrix: [MatrixAxis("thp", ["always", "never"])],
      cases: [
        Case(name: "a", run: ["a"], environment: ["THP": "${thp}"]),
        Case(name: "b", run: ["b"], when: Condition(axes: [AxisCondition("thp", ["never"])])),
      ])
    let planned = try suite.cells.map { cell in
      PlannedSuite(
        suite: cell, kernel: ScriptedRun.kernel(), initramfs: "/i.cpio",
        commandLine: try guestCommandLine(of: cell.guest), cases: cell.cases.map { PlannedCase($0) })
    }
    var plan = Plan(suites: planned, settings: RunSettings(accelerator: .kvm, settle: .milliseconds(1)))
    let host = {
      ScriptedHost(
        GuestScript { request in
          request.name.hasSuffix("a") && request.environment == ["THP=never"]
            ? GuestScript.run(request, output: Self.failing) : nil
        })
    }
    let both = try await expectSame(plan, host)
    #expect(both.answers.count == (commandLine.isEmpty ? 1 : 2) && both.there.verdict == .fail)
    plan.settings.isolatesCases = true
    for place in plan.suites.indices { plan.suites[place].suite.isolation = .case }
    #expect(try await expectSame(plan, workers: 3, host).answers.count >= 3)
  }

  @Test("suites on several kernels")
  func kernels() async throws {
    var plan = try ScriptedRun.plan(cases("a", "b"))
    var other = plan.suites[0]
    other.kernel.label = "other"
    other.suite.name = "t"
    plan.suites.append(other)
    other.suite.name = "s"
    plan.suites.append(other)
    let both = try await expectSame(plan) { ScriptedHost(Self.guest(failing: "b")) }
    #expect(both.answers.count == 3)
  }

  @Test("guests of their own, forked where a host forks")
  func isolation() async throws {
    let plan = try ScriptedRun.plan(cases("a", "b", "c", "d"), isolation: .case)
    try await expectSame(plan, workers: 2) { ScriptedHost(Self.guest(failing: "b")) }
    let forked = try await both(plan, workers: 2) { ScriptedHost([GuestScript()], forkRefusal: nil) }
    #expect(forked.there.told.sorted() == ["a:pass", "b:pass", "c:pass", "d:pass"])
    // Each worker boots the guest that it forks, once.
    #expect(forked.hostThere.descriptions.count { if case .template = $0.origin { true } else { false } } == 2)
    #expect(Set(forked.there.boots.map(\.id)).count == forked.there.boots.count)
  }

  @Test("flaky cases run again in their group")
  func flaky() async throws {
    let flaky = Case(
      name: "f", run: ["f"], flaky: FlakyCase(reason: "a deadline", link: "https://x/", retries: 2))
    var plan = try ScriptedRun.plan([flaky] + cases("a"))
    plan.settings.course = RunCourse(retries: 2)
    let passes = try await expectSame(plan) { ScriptedHost(Self.guest(failing: "f"), GuestScript()) }
    #expect(passes.there.verdict == .pass && passes.there.results.count { $0.name == "f" } == 2)
    let fails = try await expectSame(plan) { ScriptedHost(Self.guest(failing: "f")) }
    #expect(fails.there.verdict == .fail && fails.there.results.count { $0.name == "f" } == 3)
    plan.settings.course.failFast = true
    try await expectSame(plan) { ScriptedHost(Self.guest(failing: "f"), GuestScript()) }
  }

  @Test("rounds, and the last of them")
  func rounds() async throws {
    var plan = try ScriptedRun.plan(cases("a", "b"), skips: ["b": "no"])
    plan.settings.course = RunCourse(rounds: 3)
    let three = try await expectSame(plan) { ScriptedHost(Self.guest(), Self.guest(failing: "a")) }
    #expect(three.there.results.filter { $0.name == "a" }.map(\.round) == [1, 2, 3] && three.there.verdict == .fail)
    plan.settings.course = RunCourse(untilFail: true)
    let until = try await expectSame(plan) { ScriptedHost(Self.guest(), Self.guest(), Self.guest(failing: "a")) }
    #expect(until.answers.map(\.round) == [1, 2, 3] && until.hostThere.guests.count == 3)
    plan.settings.course = RunCourse(rounds: 4, untilFail: true, failFast: true)
    try await expectSame(plan) { ScriptedHost(Self.guest(), Self.guest(failing: "a")) }
    plan = try ScriptedRun.plan(cases("a"), skips: ["a": "no"])
    plan.settings.course = RunCourse(untilFail: true)
    try await expectSame(plan)
  }

  @Test("after each round somebody may say that it was the last")
  func isOver() async throws {
    var plan = try ScriptedRun.plan(cases("a"))
    plan.settings.course = RunCourse(rounds: 9)
    let tree = try TemporaryTree()
    let (asked, rounds) = (Locked(0), Locked<[Int]>([]))
    try await runElsewhere(
      plan, name: "t", on: ScriptedExecutor(directory: tree.path, host: ScriptedHost()), schedule: .oneByOne,
      needsKVM: false,
      isOver: {
        asked.with {
          $0 += 1
          return $0 == 2
        }
      },
      emit: { if case .roundStarted(let round, _) = $0 { rounds.with { $0.append(round) } } })
    #expect(rounds.with { $0 } == [1, 2])
  }

  @Test("the first failure ends the run, and what is not run says so")
  func failFast() async throws {
    var plan = try ScriptedRun.plan(cases("a", "b", "c"))
    plan.settings.course = RunCourse(failFast: true)
    var other = plan.suites[0]
    other.kernel.label = "other"
    plan.suites.append(other)
    let both = try await expectSame(plan) { ScriptedHost(Self.guest(failing: "b")) }
    #expect(both.answers.count == 1 && both.there.results.count == 6 && both.hostThere.guests.count == 1)
    let good = try await expectSame(plan)
    #expect(good.there.verdict == .pass)
    var broken = try ScriptedRun.plan(cases("a", "b"), skips: ["a": "the compiler failed"])
    broken.suites[0].cases[0].verdict = .error
    broken.settings.course = RunCourse(failFast: true)
    let none = try await self.both(broken)
    #expect(none.there.told == ["a:error", "b:skip"] && none.answers.isEmpty && none.there.verdict == .error)
  }

  @Test("guests that crash, that never boot, and that a splat spoils")
  func crashes() async throws {
    let plan = try ScriptedRun.plan(cases("a", "b", "c", "d", fresh: ["d"]))
    let crash = GuestScript { request in
      guard request.name == "b" else { return nil }
      return [
        GuestScript.begin(request), .message(.caseStarted(id: request.id)), GuestScript.panic(), .ended(.poweredOff),
      ]
    }
    let crashed = try await expectSame(plan) { ScriptedHost(crash) }
    #expect(crashed.there.verdict == .crash)
    let spoilt = GuestScript { request in
      request.name == "a" ? GuestScript.run(request, output: "1..1\nok 1 a\n", [GuestScript.warning]) : nil
    }
    #expect(try await expectSame(plan) { ScriptedHost(spoilt) }.there.verdict == .fail)
    let lost = GuestScript { $0.name == "c" ? [GuestScript.begin($0), .ended(.failed)] : nil }
    #expect(try await expectSame(plan) { ScriptedHost(lost) }.there.verdict == .error)
    let shared = try ScriptedRun.plan(cases("a", "b", "c"))
    let never = GuestScript(start: [GuestScript.panic(), .ended(.poweredOff)])
    #expect(try await expectSame(shared) { ScriptedHost(never) }.there.verdict == .crash)
    try await expectSame(shared) { ScriptedHost(GuestScript(powerOff: [GuestScript.warning])) }
    try await expectSame(shared) { ScriptedHost(GuestScript(start: [.ended(.failed)])) }
  }

  @Test("faults of the emulator that are repeated")
  func emulator() async throws {
    @Sendable func oops() -> [GuestEvent] {
      [
        GuestScript.kernel(
          "Oops: int3: 0000 [#1] PREEMPT SMP NOPTI",
          "CPU: 0 UID: 0 PID: 18 Comm: rcu_preempt Not tainted 6.12.117+deb12-cloud-amd64 #1",
          "RIP: 0010:enqueue_timer+0xa5/0x100", "Code: c6 45 24 00 eb <09> 5b 5d",
          "RSP: 0018:ffffc9000009bd80 EFLAGS: 00000093", "Call Trace:", " <TASK>", " __mod_timer+0x26c/0x360",
          " </TASK>", "---[ end trace 0000000000000000 ]---",
          "Kernel panic - not syncing: Fatal exception in interrupt",
          "---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---"), .ended(.poweredOff),
      ]
    }
    var plan = try ScriptedRun.plan(cases("a", "b", "c"))
    plan.settings.accelerator = .tcg
    let boot = try await expectSame(plan) { ScriptedHost(GuestScript(start: oops()), GuestScript()) }
    #expect(boot.there.verdict == .pass && boot.there.boots.map(\.verdict) == [.skip, .pass])
    let dies = GuestScript { request in
      request.name == "b" ? [GuestScript.begin(request), .message(.caseStarted(id: request.id))] + oops() : nil
    }
    let inCase = try await expectSame(plan) { ScriptedHost(dies, GuestScript()) }
    #expect(inCase.there.verdict == .pass && inCase.hostThere.guests.count == 2)
    #expect(try await expectSame(plan) { ScriptedHost(dies) }.there.verdict == .error)
    let always = try await expectSame(plan) { ScriptedHost(GuestScript(start: oops())) }
    #expect(always.there.verdict == .error)
  }

  @Test("known skips that nothing needed are told once")
  func skips() async throws {
    var plan = try ScriptedRun.plan(cases("a", "b", fresh: ["b"]))
    for place in plan.suites[0].cases.indices {
      plan.suites[0].cases[place].test.skips = [
        KnownSkip(subtest: try WildcardPattern(parsing: "x"), reason: "no device")
      ]
      plan.suites[0].suite.cases[place].skips = plan.suites[0].cases[place].test.skips
    }
    let both = try await expectSame(plan)
    #expect(both.there.words.count { $0.hasPrefix("notice s/a: nothing was skipped") } == 1)
  }
}
