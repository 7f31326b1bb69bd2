internal import GuestProtocol
import KTestGuests
import KTestValues

/// What happens in a guest between its kernel's boot and its first case.
extension BootSession {
  /// How long a program of a suite's setup may take under KVM.
  private static let setUpLimit = Duration.seconds(60)
  /// The cases of a boot have smaller ids.
  private static let firstSetUpID: UInt32 = 1_000_000

  /// Loads modules and runs the suite's setup. Returns what went wrong.
  func setUp() async throws -> VerdictReason? {
    switch try await load(plan.planned.modules) {
    case .loaded: break
    case .refused(let reason): return VerdictReason(.module, reason)
    case .unanswered(let module):
      return VerdictReason(.module, "module \(module) was not loaded: the guest did not answer", names: [module])
    }
    for (number, arguments) in plan.planned.suite.setup.enumerated() {
      let id = BootSession.firstSetUpID + UInt32(number)
      if let problem = try await setUp(by: arguments, id: id) { return problem }
      try await waitForMarker(.end(case: id))
    }
    return nil
  }

  /// Runs one program of the setup. Its limit grows on a busy host, as that of a case.
  private func setUp(by arguments: [String], id: UInt32) async throws -> VerdictReason? {
    let command = "setup '\(arguments.joined(separator: " "))'"
    let limit = settings.scaled(BootSession.setUpLimit)
    setUpOutput = (id, TellingLine())
    defer { setUpOutput = nil }
    var patience = await patience(limit)
    let start = clock.now
    await send(
      .runCase(
        CaseRequest(
          id: id, name: "setup", arguments: arguments, timeoutMilliseconds: UInt64(limit.inSeconds * 1000),
          patienceMilliseconds: UInt64(agentPatience.inSeconds * 1000))))
    let word = try await ending(of: id, since: start, within: &patience, rules: plan.planned.suite.dmesg)
    let stretch = StretchedLimit(patience)
    guard case .ended(let ended) = word else {
      if isAlive, word != nil {
        await send(.stopCase(id: id))
        _ = try await ending(of: id, within: settings.scaled(BootSession.grace), rules: nil)
      }
      let given = stretch?.text ?? StretchedLimit.text(limit.inSeconds)
      let text = word == .late ? "\(command) did not end within \(given)" : "\(command) did not end"
      return stretch?.isExhausted == true ? stretch?.reason(text) : VerdictReason(.setUp, text)
    }
    if let stretch { try await emit(.notice("boot \(plan.id): \(command) was given \(stretch.text)")) }
    if ended.outcome != .exited(status: 0) {
      setUpOutput?.telling.finish()
      let said = setUpOutput?.telling.text.map { ", saying '\($0)'" } ?? ""
      return VerdictReason(.setUp, "\(command) failed: \(ended.outcome.text)\(said)")
    }
    guard let change = ended.log.changes.first(where: \.mayHide) else { return nil }
    return VerdictReason(
      .kernelLog, "\(command) changed the kernel log settings (\(change.path): \(change.before) → \(change.after))")
  }
}
