import GuestProtocol
import TestGate
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Limits of boots and cases on a host that does not always run the guest. Scripted guests run as under KVM: 30 s for a
/// boot, 60 s for a case.
@Suite("A busy host")
struct BusyHostTests {
  private static let waiting = "for which the guest's processors waited for one of the host"

  private func go(
    _ scripts: GuestScript..., cases: [String] = ["a"], modules: [String: [ModuleLoad]] = [:]
  ) async throws -> (run: ScriptedRun, host: ScriptedHost) {
    let plan = try ScriptedRun.plan(cases.map { Case(name: $0, run: [$0]) }, caseModules: modules)
    let host = scripts.count > 1 ? ScriptedHost(scripts[0], scripts[1]) : ScriptedHost(scripts[0])
    return (try await ScriptedRun.go(plan, on: host), host)
  }

  // MARK: - Boots

  private static let starting = [GuestScript.kernel("Run /init")]

  @Test("a boot that is late because of the host is waited for, and a notice says so")
  func boot() async throws {
    var script = GuestScript(start: Self.starting)
    script.waits = [(7, []), (57, []), (87, [GuestScript.hello])]
    let (run, _) = try await go(script)
    #expect(run.told == ["a:pass"])
    #expect(run.boots[0].limit == StretchedLimit(seconds: 30, addedSeconds: 80))
    #expect(
      run.words.contains("notice boot 1: to reach the agent, the kernel was given 30 s, and 80 s \(Self.waiting)"))
  }

  @Test("a boot that hangs is a timeout all the same, and the reason says what it was given")
  func hangingBoot() async throws {
    var script = GuestScript(start: Self.starting)
    script.waits = [(7, []), (57, []), (87, [])]
    let (run, host) = try await go(script)
    #expect(run.told == ["a:timeout"] && run.boots[0].cause == VerdictCause(.timeout) && host.guests[0].wasKilled)
    #expect(run.boots[0].limit == StretchedLimit(seconds: 30, addedSeconds: 80))
    #expect(
      run.boots[0].reason
        == "the kernel did not reach the agent within 30 s, and 80 s \(Self.waiting); its last line: [    4.400000] "
        + "Run /init")
  }

  @Test("a host that runs a guest for less than a quarter of the time says nothing about the kernel")
  func noHost() async throws {
    var script = GuestScript(start: Self.starting)
    script.waits = [(0, []), (91, [])]
    let (run, _) = try await go(script)
    #expect(run.told == ["a:error"] && run.boots[0].verdict == .error && run.boots[0].cause == VerdictCause(.harness))
    #expect(run.boots[0].limit == StretchedLimit(seconds: 30, addedSeconds: 90, isExhausted: true))
    #expect(run.boots[0].reason?.hasPrefix("the host was too busy for a verdict: the kernel did not reach") == true)
  }

  @Test("on an idle host the limit is what it is")
  func idle() async throws {
    var script = GuestScript(start: Self.starting)
    script.waits = [(7, []), (7.2, [])]
    let (run, _) = try await go(script)
    #expect(run.boots[0].verdict == .timeout && run.boots[0].limit == nil)
    #expect(run.boots[0].reason?.hasPrefix("the kernel did not reach the agent within 30 s; its last line") == true)
  }

  @Test("a kernel that has panicked is not waited for")
  func panic() async throws {
    var script = GuestScript(start: [GuestScript.panic(), .panicked])
    script.waits = [(0, []), (50, [GuestScript.hello])]
    let (run, _) = try await go(script)
    #expect(run.told == ["a:crash"])
  }

  // MARK: - Cases

  private static func late(more: Bool) -> GuestScript {
    GuestScript { request in
      guard request.name == "a" else { return nil }
      return [
        GuestScript.begin(request), .message(.caseStarted(id: request.id)),
        .message(.output(id: request.id, isError: false, bytes: Array("KTAP version 1\n1..1\nok 1 it\n".utf8))),
        .message(.caseLate(id: request.id)),
      ]
    } sysrq: {
      [.message(.sysrqDone(key: $0, failure: ""))]
    } stop: { request in
      let end = CaseEnd(id: request.id, outcome: .signalled(signal: 15), timedOut: true)
      return [.message(.caseEnded(end)), GuestScript.end(request)]
    } more: { request in
      let end = CaseEnd(id: request.id, outcome: .exited(status: 0))
      return more
        ? [.message(.caseEnded(end)), GuestScript.end(request)] : [.message(.caseLate(id: request.id))]
    }
  }

  @Test("a case that is late because of the host goes on, and a notice says so")
  func case_() async throws {
    var script = Self.late(more: true)
    // At the start of the boot, at the start of the case, and when it is late.
    script.waits = [(1, []), (2, []), (27, [])]
    let (run, host) = try await go(script)
    #expect(run.told == ["a:pass"] && run.results[0].limit == StretchedLimit(seconds: 60, addedSeconds: 25))
    #expect(host.guests[0].sent.contains(.continueCase(id: 1, milliseconds: 25_000)))
    #expect(!host.guests[0].sent.contains(.stopCase(id: 1)))
    #expect(run.words.contains("notice s/a: it was given 60 s, and 25 s \(Self.waiting)"))
  }

  @Test("a case that hangs is ended when it has had its time, and looked into")
  func hangingCase() async throws {
    var script = Self.late(more: false)
    script.waits = [(1, []), (2, []), (27, []), (32, [])]
    let (run, host) = try await go(script, cases: ["a", "b"])
    #expect(run.told == ["a:timeout", "b:pass"] && host.guests.count == 2)
    #expect(run.results[0].reason == "timed out after 60 s, and 30 s \(Self.waiting)")
    #expect(run.results[0].cause == VerdictCause(.timeout))
    let sent = host.guests[0].sent
    let more = sent.filter { if case .continueCase = $0 { true } else { false } }
    #expect(more == [.continueCase(id: 1, milliseconds: 25_000), .continueCase(id: 1, milliseconds: 5_000)])
    #expect(sent.contains(.sysrq(UInt8(ascii: "w"))) && sent.contains(.stopCase(id: 1)))
  }

  @Test("a case that the host hardly ran says nothing about the kernel, and the next one gets another guest")
  func starvedCase() async throws {
    var script = Self.late(more: false)
    script.waits = [(0, []), (0, []), (181, [])]
    let (run, host) = try await go(script, cases: ["a", "b"])
    #expect(run.told == ["a:error", "b:pass"] && host.guests.count == 2)
    #expect(run.results[0].cause == VerdictCause(.harness))
    #expect(run.results[0].limit == StretchedLimit(seconds: 60, addedSeconds: 180, isExhausted: true))
    #expect(
      run.results[0].reason == "the host was too busy for a verdict: timed out after 60 s, and 180 s \(Self.waiting)")
  }

  @Test("a splat of a starved case counts")
  func starvedCaseWithSplat() async throws {
    var script = GuestScript { request in
      [GuestScript.begin(request), .message(.caseStarted(id: request.id)), GuestScript.oops]
    }
    script.waits = [(0, []), (0, []), (181, [])]
    let (run, _) = try await go(script)
    #expect(run.told == ["a:crash"])
  }

  @Test("an agent that is silent because of the host is waited for")
  func silentAgent() async throws {
    var script = GuestScript { request in [GuestScript.begin(request), .message(.caseStarted(id: request.id))] }
    let bytes = Array("KTAP version 1\n1..1\nok 1 it\n".utf8)
    let end: [GuestEvent] = [
      .message(.output(id: 1, isError: false, bytes: bytes)),
      .message(.caseEnded(CaseEnd(id: 1, outcome: .exited(status: 0)))),
    ]
    script.waits = [(0, []), (0, []), (40, end)]
    let (run, host) = try await go(script)
    // Its line in the kernel log never comes, but it was heard.
    #expect(run.results[0].subtests.pass == 1 && run.results[0].verdict == .error && !host.guests[0].wasKilled)
    #expect(run.results[0].limit == StretchedLimit(seconds: 60, addedSeconds: 40))
  }

  @Test("what the host added is told to an agent that comes to say it is late")
  func lateAfterAll() async throws {
    var script = GuestScript { request in
      [GuestScript.begin(request), .message(.caseStarted(id: request.id))]
    } more: {
      request in
      [.message(.caseEnded(CaseEnd(id: request.id, outcome: .exited(status: 0)))), GuestScript.end(request)]
    }
    script.waits = [(0, []), (0, []), (40, [.message(.caseLate(id: 1))]), (40, [])]
    let (run, host) = try await go(script)
    #expect(host.guests[0].sent.contains(.continueCase(id: 1, milliseconds: 40_000)))
    #expect(run.results[0].limit == StretchedLimit(seconds: 60, addedSeconds: 40))
  }

  @Test("modules of a case are waited for as well")
  func modules() async throws {
    var script = GuestScript { _ in
      nil
    } modules: { _ in
      []
    }
    script.waits = [(0, []), (0, []), (20, [.message(.moduleLoaded(name: "m", error: ""))]), (20, [])]
    let (run, _) = try await go(script, modules: ["a": [ModuleLoad(name: "m", path: "/m.ko")]])
    #expect(run.told == ["a:pass"])
  }

  // MARK: - Setup

  private func setUp(_ script: GuestScript) async throws -> (run: ScriptedRun, host: ScriptedHost) {
    let host = ScriptedHost(script)
    let plan = try ScriptedRun.plan([Case(name: "a", run: ["a"])], setup: [["prepare", "x"]])
    return (try await ScriptedRun.go(plan, on: host), host)
  }

  private static func lateSetUp(more: Bool) -> GuestScript {
    GuestScript { request in
      guard request.name == "setup" else { return nil }
      return [GuestScript.begin(request), .message(.caseLate(id: request.id))]
    } stop: { request in
      [.message(.caseEnded(CaseEnd(id: request.id, outcome: .signalled(signal: 15), timedOut: true)))]
    } more: { request in
      guard more else { return [.message(.caseLate(id: request.id))] }
      return [.message(.caseEnded(CaseEnd(id: request.id, outcome: .exited(status: 0)))), GuestScript.end(request)]
    }
  }

  @Test("a setup program that is late because of the host goes on, and a notice says so")
  func setUpProgram() async throws {
    var script = Self.lateSetUp(more: true)
    // At the start of the boot, at the start of the program, and when it is late.
    script.waits = [(1, []), (2, []), (27, [])]
    let (run, host) = try await setUp(script)
    #expect(run.told == ["a:pass"])
    #expect(host.guests[0].sent.contains(.continueCase(id: 1_000_000, milliseconds: 25_000)))
    #expect(run.words.contains("notice boot 1: setup 'prepare x' was given 60 s, and 25 s \(Self.waiting)"))
  }

  @Test("a setup program that hangs is ended when it has had its time")
  func hangingSetUp() async throws {
    var script = Self.lateSetUp(more: false)
    script.waits = [(1, []), (2, []), (27, []), (27, [])]
    let (run, host) = try await setUp(script)
    #expect(run.told == ["a:error"] && host.guests[0].sent.contains(.stopCase(id: 1_000_000)))
    #expect(run.results[0].reason == "setup 'prepare x' did not end within 60 s, and 25 s \(Self.waiting)")
    #expect(run.results[0].cause == VerdictCause(.setUp))
    script.waits = [(0, []), (0, []), (181, []), (181, [])]
    let starved = try await setUp(script).run
    #expect(starved.results[0].reason?.hasPrefix("the host was too busy for a verdict: setup 'prepare x'") == true)
  }

  @Test("a kernel that oopses in a setup program is not waited for")
  func setUpThatOopses() async throws {
    let script = GuestScript { request in
      request.name == "setup" ? [GuestScript.begin(request), GuestScript.oops] : nil
    }
    let (run, _) = try await setUp(script)
    #expect(
      run.told == ["a:crash"] && run.results[0].reason?.hasPrefix("setup 'prepare x' did not end; kernel: ") == true)
  }

  @Test("a journal keeps what was added")
  func journal() throws {
    var boot = BootResult(id: 1, suite: "s", kernel: "k", verdict: .timeout, seconds: 9, console: "c")
    boot.limit = StretchedLimit(seconds: 150, addedSeconds: 80.5, isExhausted: true)
    var result = CaseResult(name: "a", verdict: .pass)
    result.limit = StretchedLimit(seconds: 60, addedSeconds: 1.5)
    for event in [RunEvent.bootFinished(boot), .caseFinished(suite: "s", kernel: "k", result: result)] {
      let line = try #require(RecordedEvent(time: WallTime(milliseconds: 0), event: event).line)
      #expect(try RecordedEvent(line: line).event == event)
    }
  }
}
