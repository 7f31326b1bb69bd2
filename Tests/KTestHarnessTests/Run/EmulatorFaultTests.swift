import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct EmulatorFaultTests {
  private func splat(_ lines: String...) throws -> Splat {
    let text = lines.map { "[   60.500000] \($0)\n" }.joined()
    return try #require(SplatLog.splats(Array(text.utf8)).first)
  }

  private func softLockup() throws -> Splat {
    try splat(
      "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [test:123]", "Modules linked in:",
      "CPU: 1 UID: 0 PID: 123 Comm: test Not tainted 6.12.117 #1", "RIP: 0010:widget_spin+0x5/0x10", "Call Trace:",
      " <TASK>", " widget_wait+0x20/0x40", " widget_ioctl+0x30/0x50", " </TASK>")
  }

  /// A guest of two processors that waited `share` of each second, from 0 to 60 s.
  private func waits(_ share: Double) -> ProcessorWaits {
    var waits = ProcessorWaits()
    for step in 0...30 { waits.add([10: Double(step) * 2 * share, 11: Double(step) / 100], at: Double(step) * 2) }
    return waits
  }

  @Test func aStallOfAGuestThatTheHostStarved() throws {
    let fault = try #require(EmulatorFault(try softLockup(), waits: waits(0.8), elapsed: 65))
    guard case .starvedGuest(let stalled, let waited) = fault else {
      Issue.record("it is \(fault)")
      return
    }
    #expect(stalled == 26 && abs(waited - 20.8) < 0.001)
  }

  @Test(arguments: [0.0, 0.1, 0.49]) func aStallOfTheKernelsOwn(share: Double) throws {
    #expect(EmulatorFault(try softLockup(), waits: waits(share), elapsed: 65) == nil)
    #expect(EmulatorFault(try softLockup(), waits: ProcessorWaits(), elapsed: 65) == nil)
  }

  @Test("RCU's reports are stalls, however the kernel words them")
  func aStallThatRCUReports() throws {
    for header in [
      "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", "rcu: INFO: rcu_sched self-detected stall on CPU",
      "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-... } 25 jiffies s: 153 root: 0x2/.",
    ] {
      let stall = try splat(header, "rcu: \t(detected by 0, t=5252 jiffies, g=-923, q=26 ncpus=2)")
      #expect(EmulatorFault(stall, waits: waits(0.8), elapsed: 65) != nil, "\(header)")
      #expect(EmulatorFault(stall, waits: waits(0.1), elapsed: 65) == nil, "\(header)")
    }
  }

  /// What was waited before the stall began is no excuse for it.
  @Test func earlierWaitsDoNotCount() throws {
    var waits = ProcessorWaits()
    for step in 0...30 { waits.add([10: min(Double(step) * 2, 34)], at: Double(step) * 2) }
    #expect(EmulatorFault(try softLockup(), waits: waits, elapsed: 65) == nil)
  }

  /// The splat is at 60.5 s of the guest's clock. A processor cannot be stuck for longer than it has existed.
  @Test(arguments: [(50.4, true), (51.0, false), (70.0, false)])
  func aClockThatRanAhead(elapsed: Double, isAhead: Bool) throws {
    let fault = EmulatorFault(try softLockup(), waits: ProcessorWaits(), elapsed: elapsed)
    #expect(fault == (isAhead ? .clockAhead(clock: 60.5, elapsed: elapsed) : nil))
    guard let fault else { return }
    #expect(
      fault.reason == "the guest's clock ran ahead: the kernel reports a stuck processor at 60 s, but the guest was "
        + "powered on only 50 s ago")
  }

  /// What 6.18 printed on a busy host when its clock jumped by a minute at boot.
  @Test func aStallThatALeapOfTheClockMade() throws {
    let stall = try splat(
      "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
      "rcu: \t(detected by 0, t=18425 jiffies, g=-923, q=26 ncpus=1)",
      "rcu: All QSes seen, last rcu_preempt kthread activity 18425 (4294911514-4294893089), jiffies_till_next_fqs=1, root ->qsmask 0x0",
      "rcu: rcu_preempt kthread starved for 18425 jiffies! g-923 f0x2 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=0")
    #expect(EmulatorFault(stall, waits: ProcessorWaits(), elapsed: 31)?.why.cause.kind == .harness)
    #expect(EmulatorFault(stall, waits: ProcessorWaits(), elapsed: 61) == nil)
  }

  @Test func anotherSplatIsNoStall() throws {
    let warning = try splat(
      "WARNING: CPU: 0 PID: 77 at mm/gup.c:10 gup_leaf+0x10/0x20", "Modules linked in:",
      "RIP: 0010:gup_leaf+0x10/0x20", "Call Trace:", " <TASK>", " do_gup+0x1/0x20", " </TASK>")
    #expect(EmulatorFault(warning, waits: waits(1), elapsed: 5) == nil)
  }

  @Test func samplesAreTakenNowAndThenAndForgotten() {
    var waits = ProcessorWaits()
    #expect(waits.wantsSample(at: 0))
    for step in 0...1000 { waits.add([1: Double(step)], at: Double(step)) }
    #expect(!waits.wantsSample(at: 1001) && waits.wantsSample(at: 1002))
    #expect(waits.longestWait(during: 10) == 10 && waits.longestWait(during: 900) == 63)
  }
}
