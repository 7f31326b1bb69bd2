import KTestValues

/// A fault of the emulator or its host that looks like a fault of the kernel. It occurs only under TCG, never on a real
/// processor.
enum EmulatorFault: Sendable, Equatable {
  /// QEMU executed a breakpoint that is no longer in memory.
  case staleBreakpoint(StaleBreakpoint)
  /// The kernel reports a processor that was stuck for `stalled` seconds, of which the host did not run it for `waited`
  /// seconds.
  case starvedGuest(stalled: Double, waited: Double)
  /// The kernel reports a processor that was stuck, but its clock had run ahead: it says `clock` seconds, and the guest was
  /// powered on `elapsed` seconds ago.
  case clockAhead(clock: Double, elapsed: Double)

  /// The share of a stall that the host must have caused to excuse the kernel.
  private static let starvedShare = 0.5
  /// How many seconds the clock of a kernel may be ahead of the time since power-on. It starts later, so it is never ahead.
  private static let clockTolerance = 10.0

  /// Returns nil if the kernel is responsible.
  ///
  /// - Parameter elapsed: the host's seconds since the guest's power-on.
  init?(_ splat: Splat, waits: ProcessorWaits, elapsed: Double) {
    if let breakpoint = StaleBreakpoint(splat) {
      self = .staleBreakpoint(breakpoint)
      return
    }
    guard let stall = StallReport(splat) else { return nil }
    if let clock = splat.seconds, clock > elapsed + EmulatorFault.clockTolerance {
      self = .clockAhead(clock: clock, elapsed: elapsed)
      return
    }
    let waited = waits.longestWait(during: stall.seconds)
    guard waited >= stall.seconds * EmulatorFault.starvedShare else { return nil }
    self = .starvedGuest(stalled: stall.seconds, waited: waited)
  }

  var why: VerdictReason { VerdictReason(.harness, reason) }

  var reason: String {
    switch self {
    case .staleBreakpoint(let breakpoint):
      "the emulator executed a breakpoint at \(breakpoint.place), where memory has a "
        + "\(breakpoint.instruction.rawValue): a fault of QEMU's translator, not of the kernel"
    case .starvedGuest(let stalled, let waited):
      "the host was too busy: the kernel reports a processor stuck for \(Int(stalled)) s, but for "
        + "\(Int(waited)) s of them the host did not run it"
    case .clockAhead(let clock, let elapsed):
      "the guest's clock ran ahead: the kernel reports a stuck processor at \(Int(min(clock, 1e9))) s, but the guest was "
        + "powered on only \(Int(elapsed)) s ago"
    }
  }
}
