internal import FoundationEssentials
internal import GuestProtocol
import KTestGuests
import KTestValues

/// The beginning of a clone, and what becomes of a guest that is to be a template. Trouble with forks is never a verdict:
/// the cases get a guest that is booted.
extension BootSession {
  /// The time for QEMU to write the state, of which 25 ms are usual, and for a clone to answer, of which 0.1 s are.
  private static let forkLimit = Duration.seconds(30)
  /// The bytes of entropy that a clone gets: what the kernel's generator has for a key.
  private static let entropy = 32

  /// Makes the clone differ from its siblings, and returns whether its agent and its kernel's log answer.
  func wake() async throws -> Bool {
    if plan.has(.panicClone) { try await panicAtOnce() }
    let start = clock.now
    var patience = await patience(settings.scaled(BootSession.forkLimit))
    let entropy = (0..<BootSession.entropy).map { _ in UInt8.random(in: 0 ... .max) }
    await send(.wake(entropy: entropy, nanoseconds: UInt64(Date().timeIntervalSince1970 * 1e9)))
    hello = try await message(since: start, within: &patience) { message in
      guard case .hello(let hello) = message else { return nil }
      return hello
    }
    guard let hello, hello.version == Hello.currentVersion else { return false }
    readySeconds = seconds
    try await emit(.bootReady(boot: plan.id, seconds: seconds))
    await send(.ready(token: CaseSecrets.token()))
    return try await waitForMarker(.ready)
  }

  /// Selftest: lets the kernel panic, by its serial line, and waits until it has.
  private func panicAtOnce() async throws {
    _ = try? await guest.probe(.sysrq(UInt8(ascii: "c")), within: settings.scaled(.seconds(10)))
    try await waitFairly(settings.scaled(.seconds(10))) { end != nil || hasPanicked }
  }

  func neverWoken() async throws -> BootOutcome {
    await guest.kill()
    try await wait(before: deadline(in: .seconds(15))) { end != nil }
    if isCancelled { return outcome(remaining: plan.cases, verdict: .error, why: .interrupted) }
    return try await plan.mustBoot(.noFork("the clone does not answer"), after: seconds, emit: emit)
  }

  /// Stops the guest and keeps what clones need.
  func becomeTemplate() async throws -> BootOutcome {
    watch.count([])
    try await settle()
    guard isAlive, emulatorFault == nil else {
      await guest.kill()
      try await wait(before: deadline(in: .seconds(15))) { end != nil }
      return concluded(remaining: plan.cases)
    }
    let uptime = seconds
    if plan.has(.killTemplate) { await guest.killQEMU() }
    do throws(GuestError) {
      let template = try await guest.freeze(within: settings.scaled(BootSession.forkLimit))
      _ = try? await wait(before: deadline(in: .seconds(15))) { end != nil }
      let sawNoSplat = splats.isEmpty && earlier.isEmpty
      var outcome = concluded(remaining: plan.cases)
      outcome.sawNoSplat = sawNoSplat
      outcome.template = BootTemplate(template: template, boot: plan.id, seconds: uptime)
      return outcome
    } catch {
      await guest.kill()
      try await wait(before: deadline(in: .seconds(15))) { end != nil }
      return try await plan.mustBoot(error, after: seconds, emit: emit)
    }
  }
}

extension BootPlan {
  /// Whether a fault is to be injected with one of the cases.
  fileprivate func has(_ fault: SelftestExpectation.Fault) -> Bool {
    cases.contains { $0.test.selftest?.fault == fault }
  }

  /// Returns the outcome of a guest that could not be forked.
  func mustBoot(_ error: GuestError, after seconds: Double = 0, emit: RunEmit) async throws -> BootOutcome {
    try await emit(.notice("boot \(id): \(error); the cases run in a guest that is booted"))
    let why = VerdictReason(.harness, "\(error)")
    let result = BootResult(
      id: id, suite: planned.suite.name, kernel: planned.kernel.label, verdict: .skip, reason: why.text,
      cause: why.cause,
      seconds: seconds, console: "consoles/boot-\(id).log")
    var outcome = BootOutcome(result: result, remaining: cases)
    outcome.mustBoot = true
    return outcome
  }
}
