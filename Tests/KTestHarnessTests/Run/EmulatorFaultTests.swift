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
    let fault = try #require(EmulatorFault(try softLockup(), waits: waits(0.8)))
    guard case .starvedGuest(let stalled, let waited) = fault else {
      Issue.record("it is \(fault)")
      return
    }
    #expect(stalled == 26 && abs(waited - 20.8) < 0.001)
  }

  @Test(arguments: [0.0, 0.1, 0.49]) func aStallOfTheKernelsOwn(share: Double) throws {
    #expect(EmulatorFault(try softLockup(), waits: waits(share)) == nil)
    #expect(EmulatorFault(try softLockup(), waits: ProcessorWaits()) == nil)
  }

  /// What was waited before the stall began is no excuse for it.
  @Test func earlierWaitsDoNotCount() throws {
    var waits = ProcessorWaits()
    for step in 0...30 { waits.add([10: min(Double(step) * 2, 34)], at: Double(step) * 2) }
    #expect(EmulatorFault(try softLockup(), waits: waits) == nil)
  }

  @Test func anotherSplatIsNoStall() throws {
    let warning = try splat(
      "WARNING: CPU: 0 PID: 77 at mm/gup.c:10 gup_leaf+0x10/0x20", "Modules linked in:",
      "RIP: 0010:gup_leaf+0x10/0x20", "Call Trace:", " <TASK>", " do_gup+0x1/0x20", " </TASK>")
    #expect(EmulatorFault(warning, waits: waits(1)) == nil)
  }

  @Test func samplesAreTakenNowAndThenAndForgotten() {
    var waits = ProcessorWaits()
    #expect(waits.wantsSample(at: 0))
    for step in 0...1000 { waits.add([1: Double(step)], at: Double(step)) }
    #expect(!waits.wantsSample(at: 1001) && waits.wantsSample(at: 1002))
    #expect(waits.longestWait(during: 10) == 10 && waits.longestWait(during: 900) == 63)
  }
}
