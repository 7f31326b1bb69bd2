/// What is done where the emulator or its host failed and the kernel says so: nothing that such a guest says counts.
extension BootSession {
  /// Notes how long the guest's processors had to wait, now and then while events come. A stall is judged by it.
  func sampleWaits() async {
    guard settings.accelerator == .tcg, waits.wantsSample(at: seconds), let waited = await guest.processorWaits()
    else { return }
    waits.add(waited, at: seconds)
  }

  /// Keeps the first fault of the guest.
  func lookForEmulatorFault(in splat: Splat) {
    guard settings.accelerator == .tcg, emulatorFault == nil else { return }
    emulatorFault = EmulatorFault(splat, waits: waits)
  }

  /// What becomes of a case during which the fault came.
  ///
  /// - Returns: nil where the case runs in a new guest; its result where it has run in one already.
  func result(_ result: CaseResult, of entry: BootCase, after fault: EmulatorFault) async throws -> CaseResult? {
    guard entry.isRepeated else {
      try await emit(.notice("boot \(plan.id): \(fault.reason); \(entry.test.name) runs again in a new guest"))
      return nil
    }
    var result = result
    result.overrule(.error, fault.why)
    return result
  }

  /// What becomes of a boot that came to no case because of the fault.
  func outcome(after fault: EmulatorFault, _ found: [Splat]) async throws -> BootOutcome {
    guard var first = plan.cases.first, !first.isRepeated else {
      return outcome(
        remaining: [], hopeless: (.error, fault.why), verdict: .error, why: fault.why, found)
    }
    try await emit(.notice("boot \(plan.id): \(fault.reason); the boot is made again"))
    first.isRepeated = true
    return outcome(
      remaining: [first] + plan.cases.dropFirst(), verdict: .skip, why: fault.why, found)
  }
}
