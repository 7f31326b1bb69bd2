import KTestValues

/// A fault of the emulator or its host that looks like a fault of the kernel. It occurs only under TCG, never on a real
/// processor.
enum EmulatorFault: Sendable, Equatable {
  /// QEMU executed a breakpoint that is no longer in memory.
  case staleBreakpoint(StaleBreakpoint)
  /// The kernel reports a processor that was stuck for `stalled` seconds, of which the host did not run it for `waited`
  /// seconds.
  case starvedGuest(stalled: Double, waited: Double)

  /// The share of a stall that the host must have caused to excuse the kernel.
  private static let starvedShare = 0.5

  /// Returns nil if the kernel is responsible.
  init?(_ splat: Splat, waits: ProcessorWaits) {
    if let breakpoint = StaleBreakpoint(splat) {
      self = .staleBreakpoint(breakpoint)
      return
    }
    guard let stall = StallReport(splat) else { return nil }
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
    }
  }
}
