import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

@Suite("A guest whose clock counts instructions")
struct CountingRunTests {
  private func plan(_ cases: [Case]) throws -> Plan {
    var plan = try ScriptedRun.plan(cases)
    plan.suites[0].suite.guest.clock = .instructions
    return plan
  }

  @Test("times are counts, and the case is told so")
  func counts() async throws {
    let host = ScriptedHost(
      GuestScript { request in
        GuestScript.run(
          request,
          output: "KTAP version 1\n1..1\n# metric move 12.34 us lower\n# metric rate 1.5 GB/s higher\nok 1 it\n")
      })
    let run = try await ScriptedRun.go(try plan([Case(name: "a", run: ["a"], environment: ["LEVEL": "3"])]), on: host)
    #expect(run.told == ["a:pass"])
    #expect(run.results[0].metrics.map(\.unit) == ["instructions", "GB/s"])
    #expect(run.results[0].metrics.map(\.value) == [12340, 1.5])
    let request = try #require(
      host.guests[0].sent.lazy.compactMap { message -> CaseRequest? in
        if case .runCase(let request) = message { request } else { nil }
      }.first)
    #expect(request.environment == ["KTEST_CLOCK=instructions", "LEVEL=3"])
    // The host's limit in seconds of the guest, which is idle when they are over, and patience without end.
    #expect(request.timeoutMilliseconds == 600_000 && request.patienceMilliseconds >= 1_000_000_000_000)
  }

  @Test("a case that the guest's clock does not end is ended by the host's")
  func hostTimeout() async throws {
    let script = GuestScript { request in
      [GuestScript.begin(request), .message(.caseStarted(id: request.id))]
    } sysrq: {
      [.message(.sysrqDone(key: $0, failure: ""))]
    } stop: { request in
      let end = CaseEnd(id: request.id, outcome: .signalled(signal: 15))
      return [.message(.caseEnded(end)), GuestScript.end(request)]
    }
    let host = ScriptedHost(script)
    let run = try await ScriptedRun.go(try plan([Case(name: "a", run: ["a"])]), on: host)
    #expect(run.told == ["a:timeout"] && run.results[0].reason?.hasPrefix("timed out after 600 s") == true)
    #expect(!host.guests[0].wasKilled && host.guests[0].sent.contains(.stopCase(id: 1)))
  }

  @Test("a kernel that does not come up is a timeout that names the clock")
  func stall() async throws {
    let host = ScriptedHost(GuestScript(start: [GuestScript.kernel("smp: Bringing up secondary CPUs ...")]))
    let run = try await ScriptedRun.go(try plan([Case(name: "a", run: ["a"])]), on: host)
    #expect(run.boots.map(\.verdict) == [.timeout])
    #expect(
      run.boots[0].reason == "the kernel did not reach the agent within 300 s of the host, while its clock counts "
        + "instructions; its last line: [    4.400000] smp: Bringing up secondary CPUs ...")
  }

  @Test("a kernel that does not come up on a busy host is told what it was given, and the clock")
  func stallOnABusyHost() async throws {
    var script = GuestScript(start: [GuestScript.kernel("Run /init")])
    script.waits = [(7, []), (57, [])]
    let run = try await ScriptedRun.go(try plan([Case(name: "a", run: ["a"])]), on: ScriptedHost(script))
    #expect(run.boots.map(\.verdict) == [.timeout])
    #expect(
      run.boots[0].reason
        == "the kernel did not reach the agent within 300 s, and 50 s for which the guest's processors waited for one "
        + "of the host, while its clock counts instructions; its last line: [    4.400000] Run /init")
  }

  @Test func onlyTimesBecomeCounts() {
    func counted(_ value: Double, _ unit: String) -> Metric {
      Metric(name: "m", value: value, unit: unit, better: .lower).counted
    }
    #expect(counted(0.1, "s").value == 100_000_000 && counted(2.5, "ms").value == 2_500_000)
    #expect(counted(465.76, "us").value == 465_760 && counted(7, "ns").unit == "instructions")
    for unit in ["bytes", "instructions", "pages/s"] { #expect(counted(7, unit).unit == unit) }
  }

  @Test func eachGuestHasItsOwnFactor() {
    let host = RunSettings(accelerator: .kvm)
    #expect(host.adapted(to: GuestSpec()).timeFactor == 1)
    let counting = host.adapted(to: GuestSpec(clock: .instructions))
    #expect(counting.timeFactor == 10 && counting.accelerator == .tcg && counting.countsInstructions)
    var timed = RunSettings(accelerator: .tcg, timeFactor: 3)
    #expect(timed.adapted(to: GuestSpec(clock: .instructions)).timeFactor == 3)
    timed.clock = .time
    #expect(!timed.adapted(to: GuestSpec(clock: .instructions)).countsInstructions)
  }
}
