internal import GuestProtocol
import KTestGuests
import KTestValues

extension BootSession {
  /// Runs the boot's cases one after the other.
  func live() async throws -> BootOutcome {
    if case .clone = plan.role {
      guard try await wake() else { return try await neverWoken() }
    } else {
      guard try await becomeReady() else { return try await neverReady() }
      if let problem = try await logProblem() { return try await neverSetUp(problem) }
      if let problem = try await setUp() { return try await neverSetUp(problem) }
    }
    if case .template = plan.role { return try await becomeTemplate() }
    watch.count([])
    var remaining = plan.cases
    /// Splats of cases that have no result because of a fault.
    var noteSplats: [SplatNote] = []
    while let test = remaining.first {
      var result = try await runCase(test, id: UInt32(plan.cases.count - remaining.count + 1))
      if let fault = emulatorFault, !isCancelled {
        noteSplats += result.splats
        guard let last = try await self.result(result, of: test, after: fault) else {
          remaining[0].isRepeated = true
          break
        }
        result = last
      }
      if isSpoilt(by: result, isFirst: remaining.count == plan.cases.count), !isCancelled {
        let why = result.program?.reason ?? ""
        try await emit(
          .notice(
            "boot \(plan.id): \(result.name) could not be started in a used guest (\(why)); "
              + "it runs in a new guest"))
        break
      }
      remaining.removeFirst()
      try await emit(
        .caseFinished(suite: test.planned.suite.name, kernel: test.planned.kernel.label, result: result))
      if isCancelled || isSpoilt || end != nil || hasPanicked || brokenChannel != nil { break }
      if settings.course.ends(after: result, of: test) { break }
      // After a splat or a killed case, nothing that this guest says about the next case counts.
      if !result.splats.isEmpty || result.verdict == .timeout || result.verdict == .crash { break }
    }
    await powerOff()
    if droppedMessages > 1 {
      try await emit(.notice("boot \(plan.id): \(droppedMessages) messages on the agent's channel were dropped"))
    }
    return concluded(remaining: remaining, noteSplats)
  }

  /// Returns the outcome of a guest that has got as far as it was meant to.
  ///
  /// - Parameter noteSplats: splats of cases that have no result because of a fault of the emulator.
  func concluded(remaining: [BootCase], _ noteSplats: [SplatNote] = []) -> BootOutcome {
    var why: VerdictReason?
    let splatsOfBoot = takeSplatsOfBoot()
    if let fault = emulatorFault, !isCancelled {
      var outcome = outcome(remaining: remaining, verdict: .skip, why: fault.why, splatsOfBoot)
      outcome.result.splats = noteSplats + outcome.result.splats
      return outcome
    }
    let rules = plan.planned.suite.dmesg
    let offending = splatsOfBoot.filter { !rules.allows($0) }
    if let first = offending.first {
      why = VerdictReason(
        first.isFatal ? .fatalSplat : .splat, "kernel, outside of a case: \(first.title)", names: [first.title])
    }
    let verdict: Verdict = offending.contains(where: \.isFatal) ? .crash : offending.isEmpty ? .pass : .fail
    return outcome(remaining: remaining, verdict: verdict, why: why, offending)
  }

  /// Returns whether an earlier case may have spoilt the guest by remounting `/tmp` or deleting programs. If the case
  /// cannot be started in a fresh guest either, it is an error.
  private func isSpoilt(by result: CaseResult, isFirst: Bool) -> Bool {
    result.program?.how == .notStarted && result.verdict == .error && result.splats.isEmpty && !isFirst
  }

  private func becomeReady() async throws -> Bool {
    let start = clock.now
    var patience = await patience(settings.scaled(settings.bootTimeout))
    hello = try await message(since: start, within: &patience) { message in
      guard case .hello(let hello) = message else { return nil }
      return hello
    }
    bootStretch = StretchedLimit(patience)
    guard let hello, hello.version == Hello.currentVersion else { return false }
    readySeconds = seconds
    try await emit(.bootReady(boot: plan.id, seconds: seconds))
    if let bootStretch {
      try await emit(.notice("boot \(plan.id): to reach the agent, the kernel was given \(bootStretch.text)"))
    }
    try await tellCommandLine(hello)
    if hello.release != plan.planned.kernel.release, !plan.planned.kernel.release.isEmpty {
      try await emit(
        .notice(
          "boot \(plan.id): the guest runs \(hello.release) instead of \(plan.planned.kernel.release)"))
    }
    return true
  }

  /// Returns what is wrong with the kernel's log, without which no case is worth running.
  private func logProblem() async throws -> VerdictReason? {
    if let failure = hello?.logFailure, !failure.isEmpty {
      return VerdictReason(.kernelLog, "the kernel has no log: \(failure); it needs CONFIG_PRINTK=y")
    }
    await send(.ready(token: CaseSecrets.token()))
    if try await waitForMarker(.ready) { return nil }
    return VerdictReason(
      .kernelLog, "the kernel log does not reach ttyS0: the agent's first line is missing")
  }

  /// Returns the outcome if the suite's modules or setup failed: this is an error, unless the kernel died of it.
  private func neverSetUp(_ problem: VerdictReason) async throws -> BootOutcome {
    if end == nil { try await settle() }
    if !isCancelled, end == .poweredOff || hasPanicked { return try await diedInSetUp(problem) }
    await powerOff()
    let found = takeSplatsOfBoot().filter { !plan.planned.suite.dmesg.allows($0) }
    if let fault = emulatorFault, !isCancelled { return try await outcome(after: fault, found) }
    if isCancelled {
      return outcome(remaining: plan.cases, verdict: .error, why: .interrupted, found)
    }
    var why = brokenChannel.map { VerdictReason(.harness, $0) } ?? problem
    if end == .failed { why = VerdictReason(.harness, "QEMU ended during the setup of the guest") }
    if let splat = found.last { why.text += "; kernel: \(splat.title)" }
    let fatal = found.last(where: \.isFatal)
    if let fatal { why.cause = VerdictCause(.fatalSplat, names: [fatal.title]) }
    let verdict: Verdict = fatal == nil ? .error : .crash
    return outcome(remaining: [], hopeless: (verdict, why), verdict: verdict, why: why, found)
  }

  private func diedInSetUp(_ problem: VerdictReason) async throws -> BootOutcome {
    if end == nil {
      await keepMemory(.onCrash)
      await guest.kill()
    }
    try await wait(before: deadline(in: .seconds(15))) { end != nil }
    let found = takeSplatsOfBoot().filter { !plan.planned.suite.dmesg.allows($0) }
    if let fault = emulatorFault, !isCancelled { return try await outcome(after: fault, found) }
    let isOurs = !found.isEmpty && found.allSatisfy { SplatNote($0).saysInitDied }
    let what = found.last.map { "kernel: \($0.title)" } ?? "the guest reset or powered off"
    let why =
      isOurs
      ? VerdictReason(.harness, "the guest's agent died; \(problem)")
      : VerdictReason(
        found.isEmpty ? .guestEnded : .fatalSplat, "\(what); \(problem)", names: found.suffix(1).map(\.title))
    let verdict: Verdict = isOurs ? .error : .crash
    return outcome(remaining: [], hopeless: (verdict, why), verdict: verdict, why: why, found)
  }

  enum Loading {
    case loaded
    /// The kernel's answer as a sentence.
    case refused(String)
    case unanswered(module: String)
  }

  /// Loads the modules of a case. Until the case has ended, splats are the case's, beginning with the agent's line in
  /// the log before the first module.
  func loadOwn(_ modules: [ModuleLoad]) async throws -> Loading {
    guard !modules.isEmpty else { return .loaded }
    ownsSplats = true
    markers.remove(.ready)
    await send(.ready(token: CaseSecrets.token()))
    try await waitForMarker(.ready)
    return try await load(modules)
  }

  /// Loads modules in order, up to the first failure.
  func load(_ modules: [ModuleLoad]) async throws -> Loading {
    guard !modules.isEmpty else { return .loaded }
    await send(.loadModules(modules))
    let start = clock.now
    var patience = await patience(settings.scaled(.seconds(30)))
    for module in modules {
      let error = try await message(since: start, within: &patience) { message -> String? in
        guard case .moduleLoaded(module.name, let error) = message else { return nil }
        return error
      }
      guard let error else { return .unanswered(module: module.name) }
      if !error.isEmpty, !module.isOptional { return .refused("module \(module.name) was not loaded: \(error)") }
    }
    return .loaded
  }

  /// Asks the guest to power off, and ends it if it does not.
  private func powerOff() async {
    guard end == nil else { return }
    if !isCancelled, brokenChannel == nil {
      await send(.powerOff)
      if (try? await wait(before: deadline(in: settings.scaled(.seconds(5))), until: { end != nil })) == true { return }
    }
    await guest.kill()
    _ = try? await wait(before: deadline(in: .seconds(15))) { end != nil }
  }

  func outcome(
    remaining: [BootCase], hopeless: (verdict: Verdict, why: VerdictReason)? = nil, verdict: Verdict,
    why: VerdictReason?, _ found: [Splat] = []
  ) -> BootOutcome {
    var result = BootResult(
      id: plan.id, suite: plan.planned.suite.name, kernel: plan.planned.kernel.label, verdict: verdict,
      reason: why?.text, cause: why?.cause, readySeconds: readySeconds, seconds: seconds,
      console: "consoles/boot-\(plan.id).log",
      splats: found.map(SplatNote.init))
    result.evidence = evidence
    result.limit = bootStretch
    if case .clone(let origin) = plan.role {
      result.clone = BootResult.CloneOrigin(
        boot: origin.boot, age: (started - origin.template.stopped).inSeconds, run: origin.run)
    }
    return BootOutcome(result: result, remaining: remaining, hopeless: hopeless)
  }
}

extension CaseEnd.Outcome {
  var text: String {
    switch self {
    case .exited(let status): "exit status \(status)"
    case .signalled(let signal): "killed by \(ProgramEnd.signalName(signal))"
    case .notStarted(let reason): reason
    }
  }
}
