/// Trouble of the emulator or of its host that looks like trouble of the kernel. Under TCG only: a processor does neither.
enum EmulatorFault: Sendable, Equatable {
  /// QEMU executed a breakpoint that memory does not hold any more.
  case staleBreakpoint(StaleBreakpoint)
  /// The kernel reports a processor that stood still for `stalled` seconds; the host let it wait for `waited` of them.
  case starvedGuest(stalled: Double, waited: Double)

  /// The part of a stall that the host must have caused before the kernel is excused.
  private static let starvedShare = 0.5

  /// Nil for what the kernel has to answer for.
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
      "the emulator executed a breakpoint at \(breakpoint.place), where memory holds a "
        + "\(breakpoint.instruction.rawValue): a fault of QEMU's translator, not of the kernel"
    case .starvedGuest(let stalled, let waited):
      "the host was too busy: the kernel reports a processor that stood still for \(Int(stalled)) s, and for "
        + "\(Int(waited)) s of them the host did not let it run"
    }
  }
}
