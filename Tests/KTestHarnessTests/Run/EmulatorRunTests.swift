import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// Runs in which QEMU, not the kernel, is at fault.
@Suite struct EmulatorRunTests {
  /// What 6.12 prints when QEMU executes a breakpoint that is gone; `code` has the byte behind it in angle brackets.
  private static func oops(_ code: String = "c6 45 24 00 eb <09> 5b 5d") -> [GuestEvent] {
    [
      GuestScript.kernel(
        "Oops: int3: 0000 [#1] PREEMPT SMP NOPTI",
        "CPU: 0 UID: 0 PID: 18 Comm: rcu_preempt Not tainted 6.12.117+deb12-cloud-amd64 #1",
        "RIP: 0010:enqueue_timer+0xa5/0x100", "Code: \(code)", "RSP: 0018:ffffc9000009bd80 EFLAGS: 00000093",
        "Call Trace:", " <TASK>", " __mod_timer+0x26c/0x360", " schedule_timeout+0x99/0x170", " </TASK>",
        "---[ end trace 0000000000000000 ]---", "Kernel panic - not syncing: Fatal exception in interrupt",
        "---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---"), .ended(.poweredOff),
    ]
  }

  private static let diesInBoot = GuestScript(start: oops())

  /// A guest that dies in case `b`.
  private static func diesInCase(_ code: String = "c6 45 24 00 eb <09> 5b 5d") -> GuestScript {
    GuestScript { request in
      guard request.name == "b" else { return nil }
      let begin = GuestScript.begin(request)
      return [begin, .message(.caseStarted(id: request.id))] + oops(code)
    }
  }

  private func go(_ accelerator: Accelerator = .tcg, _ host: ScriptedHost) async throws -> ScriptedRun {
    var plan = try ScriptedRun.plan(["a", "b", "c"].map { Case(name: $0, run: [$0]) })
    plan.settings.accelerator = accelerator
    return try await ScriptedRun.go(plan, on: host)
  }

  @Test func aBootIsMadeAgainOnce() async throws {
    let host = ScriptedHost(Self.diesInBoot, GuestScript())
    let run = try await go(.tcg, host)
    #expect(run.verdict == .pass && run.told == ["a:pass", "b:pass", "c:pass"] && host.guests.count == 2)
    #expect(run.boots.map(\.verdict) == [.skip, .pass])
    #expect(run.boots[0].reason?.contains("enqueue_timer+0xa5/0x100") == true && run.boots[0].splats.count == 1)
    #expect(run.words.contains { $0.hasPrefix("notice boot 1: the emulator") && $0.hasSuffix("booting again") })
  }

  @Test func aBootThatFailsTwiceIsAnError() async throws {
    let host = ScriptedHost(Self.diesInBoot, Self.diesInBoot)
    let run = try await go(.tcg, host)
    #expect(run.verdict == .error && run.told == ["a:error", "b:error", "c:error"] && host.guests.count == 2)
    #expect(run.results[0].reason?.hasPrefix("the emulator executed a breakpoint at enqueue_timer") == true)
  }

  @Test func aCaseRunsAgainOnce() async throws {
    let host = ScriptedHost(Self.diesInCase(), GuestScript())
    let run = try await go(.tcg, host)
    #expect(run.verdict == .pass && run.told == ["a:pass", "b:pass", "c:pass"] && host.guests.count == 2)
    #expect(run.boots[0].verdict == .skip && run.boots[0].splats.map(\.title) == ["int3 in enqueue_timer"])
    #expect(run.words.contains { $0.hasPrefix("notice boot 1") && $0.hasSuffix("b runs again in a new guest") })
  }

  @Test func aCaseThatFailsTwiceIsAnErrorAndTheOthersGoOn() async throws {
    let host = ScriptedHost(Self.diesInCase())
    let run = try await go(.tcg, host)
    #expect(run.verdict == .error && run.told == ["a:pass", "b:error", "c:pass"] && host.guests.count == 3)
    #expect(run.results[1].findings.first?.kind == .harness)
  }

  /// A guest in whose case `b` a processor is stuck, by a clock that is further than any test can take.
  private static let leaps = GuestScript { request in
    guard request.name == "b" else { return nil }
    let stall = GuestScript.kernel(
      "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [test:123]", "RIP: 0010:widget_spin+0x5/0x10", "Call Trace:",
      " <TASK>", " widget_wait+0x20/0x40", " </TASK>", seconds: "999999.500000")
    return GuestScript.run(request, [stall])
  }

  @Test func aLeapOfTheClockIsNoStall() async throws {
    let host = ScriptedHost(Self.leaps, GuestScript())
    let run = try await go(.tcg, host)
    #expect(run.verdict == .pass && run.told == ["a:pass", "b:pass", "c:pass"] && host.guests.count == 2)
    #expect(run.words.contains { $0.hasPrefix("notice boot 1: the guest's clock ran ahead: ") })
  }

  @Test("a clock that counts instructions may be ahead of the host's")
  func aCountingClockCannotLeap() async throws {
    var plan = try ScriptedRun.plan(["a", "b"].map { Case(name: $0, run: [$0]) })
    plan.settings.accelerator = .tcg
    plan.suites[0].suite.guest.clock = .instructions
    let run = try await ScriptedRun.go(plan, on: ScriptedHost(Self.leaps))
    #expect(run.told == ["a:pass", "b:fail"])
  }

  @Test func aBreakpointInMemoryIsTheKernels() async throws {
    let run = try await go(.tcg, ScriptedHost(Self.diesInCase("c6 45 24 00 cc <09> 5b 5d")))
    #expect(run.told == ["a:pass", "b:crash", "c:pass"])
  }

  @Test func underKVMItIsTheKernels() async throws {
    let run = try await go(.kvm, ScriptedHost(Self.diesInCase()))
    #expect(run.told == ["a:pass", "b:crash", "c:pass"])
  }
}
