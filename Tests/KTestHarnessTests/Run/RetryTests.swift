import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// Cases that their suite calls flaky, in a run with --retry.
@Suite("Attempts at flaky cases")
struct RetryTests {
  private static let failing = "KTAP version 1\n1..1\nnot ok 1 it\n"

  private static func guest(failing names: String...) -> GuestScript {
    GuestScript { names.contains($0.name) ? GuestScript.run($0, output: failing) : nil }
  }

  private static func flaky(_ name: String, retries: Int = 2) -> Case {
    Case(name: name, run: [name], flaky: FlakyCase(reason: "a deadline", link: "https://x/", retries: retries))
  }

  private func plan(_ cases: [Case], retries: Int = 1, failFast: Bool = false) throws -> Plan {
    var plan = try ScriptedRun.plan(cases)
    plan.settings.course = RunCourse(failFast: failFast, retries: retries)
    return plan
  }

  private func go(_ plan: Plan, _ guests: GuestScript...) async throws -> (run: ScriptedRun, host: ScriptedHost) {
    let host = ScriptedHost(guests)
    return (try await ScriptedRun.go(plan, on: host), host)
  }

  private func attempts(_ run: ScriptedRun) -> [String] {
    run.results.map { "\($0.name)\($0.attempt.map { " \($0.number)/\($0.limit)" } ?? ""):\($0.verdict)" }
  }

  @Test("a failure is followed by another attempt in a new guest, and a pass then counts")
  func passes() async throws {
    let (run, host) = try await go(
      plan([Self.flaky("a"), Case(name: "b", run: ["b"])]), Self.guest(failing: "a"), .init())
    #expect(attempts(run) == ["a 1/2:fail", "b:pass", "a 2/2:pass"] && run.verdict == .pass)
    #expect(host.guests.count == 2 && run.boots.map(\.id) == [1, 2])
    #expect(run.results[0].attempt == CaseAttempt(number: 1, limit: 2, reason: "a deadline", link: "https://x/"))
    let (good, once) = try await go(plan([Self.flaky("a")]), GuestScript())
    #expect(attempts(good) == ["a 1/2:pass"] && once.guests.count == 1)
  }

  @Test(
    "there are no more attempts than asked for, nor than the suite allows",
    arguments: [(1, 2, 2), (5, 2, 3), (2, 1, 2)])
  func limits(_ asked: Int, _ allowed: Int, _ attempts: Int) async throws {
    let (run, host) = try await go(plan([Self.flaky("a", retries: allowed)], retries: asked), Self.guest(failing: "a"))
    #expect(host.guests.count == attempts && run.results.map { $0.attempt?.number } == Array(1...attempts))
    #expect(run.verdict == .fail && run.results.allSatisfy { $0.verdict == .fail && $0.attempt?.limit == attempts })
  }

  @Test("without --retry, and for cases that are not called flaky, a failure is a failure")
  func others() async throws {
    let (plain, host) = try await go(plan([Self.flaky("a")], retries: 0), Self.guest(failing: "a"))
    #expect(attempts(plain) == ["a:fail"] && host.guests.count == 1)
    let (steady, guests) = try await go(plan([Case(name: "a", run: ["a"]), Self.flaky("b")]), Self.guest(failing: "a"))
    #expect(attempts(steady) == ["a:fail", "b 1/2:pass"] && guests.guests.count == 1)
  }

  @Test(
    "a splat, a crash, a time limit and an error are never retried away",
    arguments: [
      ("splat", [GuestScript.warning], Verdict.fail), ("oops", [GuestScript.oops], .crash),
      ("panic", [GuestScript.panic(), .ended(.poweredOff)], .crash), ("lost", [.ended(.failed)], .error),
      ("late", [], .timeout),
    ] as [(String, [GuestEvent], Verdict)])
  func certain(_ name: String, _ events: [GuestEvent], _ verdict: Verdict) async throws {
    let script = GuestScript { request in
      name == "splat" || name == "oops"
        ? GuestScript.run(request, output: Self.failing, events)
        : [GuestScript.begin(request), .message(.caseStarted(id: request.id))] + events
    }
    let (run, host) = try await go(plan([Self.flaky("a")]), script, .init())
    #expect(attempts(run) == ["a 1/2:\(verdict)"] && host.guests.count == 1 && run.verdict == verdict)
  }

  @Test("a later attempt that crashes counts, one that comes to nothing leaves the failure")
  func worse() async throws {
    let crash = GuestScript { GuestScript.run($0, output: Self.failing, [GuestScript.oops]) }
    let (crashed, _) = try await go(plan([Self.flaky("a")], retries: 2), Self.guest(failing: "a"), crash)
    #expect(attempts(crashed) == ["a 1/3:fail", "a 2/3:crash"] && crashed.verdict == .crash)
    let broken = GuestScript(start: [.ended(.failed)])
    let (lost, _) = try await go(plan([Self.flaky("a")], retries: 2), Self.guest(failing: "a"), broken)
    #expect(attempts(lost).prefix(2) == ["a 1/3:fail", "a 2/3:error"])
    #expect(lost.results.count == 2 && lost.boots.count == 2)
  }

  @Test("--fail-fast waits for the last attempt, and an attempt that is not made is told")
  func failFast() async throws {
    let both = [Self.flaky("a"), Case(name: "b", run: ["b"])]
    let (good, _) = try await go(plan(both, failFast: true), Self.guest(failing: "a"), .init())
    #expect(attempts(good) == ["a 1/2:fail", "b:pass", "a 2/2:pass"] && good.verdict == .pass)
    let (bad, host) = try await go(plan(both, failFast: true), Self.guest(failing: "a", "b"))
    #expect(attempts(bad) == ["a 1/2:fail", "b:fail", "a 2/2:skip"] && host.guests.count == 1)
    #expect(bad.results[2].cause?.kind == .notRun && bad.verdict == .fail)
  }

  @Test("courses that make no sense")
  func problems() {
    #expect(
      RunCourse(rounds: 2, retries: 1).problem
        == "--retry would hide the failures that --repeat and --until-fail count; give one of them")
    #expect(RunCourse(untilFail: true, retries: 1).problem != nil && RunCourse(retries: 9).problem == nil)
    #expect(RunCourse(retries: 10).problem == "--retry takes a number from 1 to 9, not 10")
    #expect(RunCourse(retries: 2).text == "flaky cases run again at most 2 times")
  }
}
