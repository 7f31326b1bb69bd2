import KTestGuests
import KTestValues

/// The handling of faults of the emulator or its host that the kernel reports: nothing from such a guest counts.
extension BootSession {
  /// Samples from time to time how long the guest's processors had to wait, which is needed to judge a stall.
  func sampleWaits() async {
    // Where the clock counts instructions, a processor that the host does not run loses no time.
    guard settings.accelerator == .tcg, !settings.countsInstructions, waits.wantsSample(at: seconds),
      let waited = await guest.processorWaits()
    else { return }
    waits.add(waited, at: seconds)
  }

  /// The seconds since power-on, which the clock of a guest cannot be ahead of unless it counts instructions. A clone's clock
  /// goes on from its template's.
  var clockLimit: Double {
    if settings.countsInstructions { return .infinity }
    if case .clone(let origin) = plan.role { return origin.seconds + seconds }
    return seconds
  }

  /// Keeps the first fault of the guest.
  func lookForEmulatorFault(in splat: Splat) {
    guard settings.accelerator == .tcg, emulatorFault == nil else { return }
    emulatorFault = EmulatorFault(splat, waits: waits, elapsed: clockLimit)
  }

  /// Decides what to do with a case in which the fault occurred.
  ///
  /// - Returns: nil if the case runs again in a new guest; its result if it already has.
  func result(_ result: CaseResult, of entry: BootCase, after fault: EmulatorFault) async throws -> CaseResult? {
    guard entry.isRepeated else {
      try await emit(.notice("boot \(plan.id): \(fault.reason); \(entry.test.name) runs again in a new guest"))
      return nil
    }
    var result = result
    result.overrule(.error, fault.why)
    return result
  }

  /// Decides what to do with a boot that ran no case because of the fault.
  func outcome(after fault: EmulatorFault, _ found: [Splat]) async throws -> BootOutcome {
    guard var first = plan.cases.first, !first.isRepeated else {
      return outcome(
        remaining: [], hopeless: (.error, fault.why), verdict: .error, why: fault.why, found)
    }
    try await emit(.notice("boot \(plan.id): \(fault.reason); booting again"))
    first.isRepeated = true
    return outcome(
      remaining: [first] + plan.cases.dropFirst(), verdict: .skip, why: fault.why, found)
  }
}
