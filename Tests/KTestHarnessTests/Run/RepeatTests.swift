import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// Runs that repeat, and runs that end early.
@Suite("Rounds of a run")
struct RepeatTests {
  private static let failing = "KTAP version 1\n1..1\nnot ok 1 it\n"

  /// A guest in which these cases fail.
  private static func guest(failing names: String...) -> GuestScript {
    GuestScript { names.contains($0.name) ? GuestScript.run($0, output: failing) : nil }
  }

  private static let broken = GuestScript(start: [.ended(.failed)])

  private func plan(_ course: RunCourse, _ names: String..., fresh: String = "") throws -> Plan {
    var plan = try ScriptedRun.plan(names.map { Case(name: $0, run: [$0], fresh: $0 == fresh) })
    plan.settings.course = course
    return plan
  }

  private func go(_ plan: Plan, _ guests: [GuestScript]) async throws -> (run: ScriptedRun, host: ScriptedHost) {
    let host = ScriptedHost(guests)
    return (try await ScriptedRun.go(plan, on: host), host)
  }

  private func rounds(_ run: ScriptedRun) -> [String] {
    run.results.map { "\($0.round.map(String.init) ?? "-") \($0.name):\($0.verdict)" }
  }

  @Test("each round has guests of its own, and each result its round")
  func repeated() async throws {
    let (run, host) = try await go(plan(RunCourse(rounds: 3), "a", "b"), [Self.guest(), Self.guest(failing: "b")])
    #expect(
      run.words == [
        "run 2 1", "round 1 of 3", "boot 1 a,b", "ready 1", "case 1 a", "pass a", "case 1 b", "pass b", "end 1 pass",
        "round 2 of 3", "boot 2 a,b", "ready 2", "case 2 a", "pass a", "case 2 b", "fail b", "end 2 pass",
        "round 3 of 3", "boot 3 a,b", "ready 3", "case 3 a", "pass a", "case 3 b", "fail b", "end 3 pass", "over fail",
      ])
    #expect(rounds(run) == ["1 a:pass", "1 b:pass", "2 a:pass", "2 b:fail", "3 a:pass", "3 b:fail"])
    #expect(host.descriptions.map(\.name) == ["ktest-t-1", "ktest-t-2", "ktest-t-3"])
    let (once, _) = try await go(plan(.once, "a"), [Self.guest()])
    #expect(rounds(once) == ["- a:pass"] && !once.words.contains { $0.hasPrefix("round") })
  }

  @Test("until a case fails: the round in which it does is the last, and is run to its end")
  func untilFail() async throws {
    let guests = [Self.guest(), Self.guest(), Self.guest(failing: "a"), Self.guest()]
    let (run, host) = try await go(plan(RunCourse(untilFail: true), "a", "b"), guests)
    #expect(host.guests.count == 3 && run.words.contains("round 3 of 100"))
    #expect(rounds(run).suffix(2) == ["3 a:fail", "3 b:pass"])
    let (never, others) = try await go(plan(RunCourse(rounds: 4, untilFail: true), "a"), [Self.guest()])
    #expect(others.guests.count == 4 && never.verdict == .pass)
  }

  @Test("an error is no failure of the case's; but where nothing else comes of a round, there is no other")
  func errors() async throws {
    // One case needs its own guest, which cannot be had in the first round.
    let some = [Self.broken, Self.guest(), Self.guest(failing: "a")]
    let (run, host) = try await go(plan(RunCourse(untilFail: true), "a", "b", fresh: "a"), some)
    #expect(rounds(run) == ["1 a:error", "1 b:pass", "2 a:fail", "2 b:pass"] && host.guests.count == 4)
    #expect(run.verdict == .error, "the run's is that of its worst member, as always: a guest could not be had")
    let (all, broken) = try await go(plan(RunCourse(untilFail: true), "a"), [Self.broken])
    #expect(broken.guests.count == 1 && all.told == ["a:error"])
  }

  @Test("what is skipped before boot is told once, and a run of nothing else has one round")
  func skipped() async throws {
    var plan = try ScriptedRun.plan(
      ["a", "b"].map { Case(name: $0, run: [$0]) }, skips: ["a": "no module y"])
    plan.settings.course = RunCourse(rounds: 2)
    let (run, _) = try await go(plan, [Self.guest()])
    #expect(rounds(run) == ["1 a:skip", "1 b:pass", "2 b:pass"])
    plan = try ScriptedRun.plan([Case(name: "a", run: ["a"])], skips: ["a": "no module y"])
    plan.settings.course = RunCourse(untilFail: true)
    let (nothing, host) = try await go(plan, [Self.guest()])
    #expect(host.guests.isEmpty && nothing.told == ["a:skip"] && nothing.verdict == .skip)
  }

  @Test("after the first failure nothing runs, and everything that was not run says so")
  func failFast() async throws {
    var plan = try plan(RunCourse(failFast: true), "a", "b", "c", fresh: "c")
    var other = plan.suites[0]
    other.kernel.label = "other"
    plan.suites.append(other)
    let (run, host) = try await go(plan, [Self.guest(failing: "a")])
    #expect(host.guests.count == 1 && host.guests[0].sent.last == .powerOff)
    #expect(run.told == ["a:fail", "b:skip", "c:skip", "a:skip", "b:skip", "c:skip"] && run.verdict == .fail)
    for result in run.results.dropFirst() {
      #expect(result.cause?.kind == .notRun && result.boot == nil)
      #expect(result.reason == "not run: --fail-fast ended the run before")
    }
    let (good, _) = try await go(plan, [Self.guest()])
    #expect(good.told.count == 6 && good.told.allSatisfy { $0.hasSuffix(":pass") })
  }

  @Test("an error ends such a run too, and so does a boot with a splat of its own", arguments: [true, false])
  func failFastErrors(_ isError: Bool) async throws {
    let guest = isError ? Self.broken : GuestScript(powerOff: [GuestScript.warning])
    let (run, host) = try await go(plan(RunCourse(failFast: true), "a", "b", fresh: "a"), [guest])
    #expect(host.guests.count == 1)
    #expect(run.told.count == 2 && run.told.contains { $0.hasSuffix(":skip") })
    #expect(run.verdict == (isError ? .error : .fail))
  }

  @Test("with rounds: the rest of the round is told, and there is no other")
  func failFastRounds() async throws {
    let (run, host) = try await go(
      plan(RunCourse(rounds: 5, failFast: true), "a", "b"), [Self.guest(), Self.guest(failing: "a")])
    #expect(host.guests.count == 2)
    #expect(rounds(run) == ["1 a:pass", "1 b:pass", "2 a:fail", "2 b:skip"])
  }

  @Test("a load beside a case is asked for, gives it time, and is told with a failure")
  func load() async throws {
    var plan = try plan(.once, "a", "b")
    plan.settings.load = GuestLoad()
    let (run, host) = try await go(plan, [Self.guest(failing: "a")])
    let requests = host.guests[0].sent.compactMap { if case .runCase(let request) = $0 { request } else { nil } }
    #expect(requests.map(\.load) == Array(repeating: LoadRequest(busyPerProcessor: 1, memoryLeftPercent: 12), count: 2))
    #expect(requests.map(\.timeoutMilliseconds) == [240_000, 240_000])
    #expect(run.results.map(\.load) == [GuestLoad(), GuestLoad()])
    let remarks = run.results.map { $0.findings.filter { $0.kind == .load }.map(\.verdict) }
    #expect(remarks == [[.pass], []] && run.results[0].reason == "it failed")
    let (_, idle) = try await go(self.plan(.once, "a"), [Self.guest()])
    #expect(idle.guests[0].sent.contains { if case .runCase(let request) = $0 { request.load == nil } else { false } })
  }

  @Test("courses that make no sense, and what is said of one")
  func words() {
    #expect(RunCourse(rounds: 0).problem == "--repeat takes a number of rounds from 1 to 10000, not 0")
    #expect(RunCourse(rounds: 10_001).problem != nil && RunCourse(rounds: 10_000).problem == nil)
    #expect(RunCourse.once.text == nil && RunCourse.once.limit == 1 && !RunCourse.once.isRepeated)
    #expect(RunCourse(rounds: 3).text == "3 rounds, each in new guests")
    #expect(RunCourse(rounds: 1).isRepeated && RunCourse(rounds: -7).limit == 1)
    #expect(
      RunCourse(untilFail: true, failFast: true).text
        == "repeated until a case fails, at most 100 times, each in new guests, ended by the first result that is not good"
    )
  }
}
