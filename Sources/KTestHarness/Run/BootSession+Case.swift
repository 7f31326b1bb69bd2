internal import GuestProtocol
import KTestGuests
import KTestValues

extension BootSession {
  /// The time for all files of a case to arrive, beyond its own time; ``ArtefactLimits`` bound them.
  private static let artefactTime = Duration.seconds(120)

  func runCase(_ entry: BootCase, id: UInt32) async throws -> CaseResult {
    let (suite, test) = (entry.planned.suite, entry.test)
    try await emit(
      .caseStarted(boot: plan.id, suite: suite.name, kernel: entry.planned.kernel.label, name: test.name))
    let began = seconds
    if let flag = suite.requirements(of: test).cpu.first(where: { hello?.cpuFlags.contains($0) == false }) {
      let why = VerdictReason(.missingProcessorFlag, "the guest's processor has no \(flag)", names: [flag])
      return CaseResult(name: test.name, verdict: .skip, why: why, boot: plan.id)
    }
    let rules = suite.dmesg.merging(test.dmesg)
    watch.count(rules.matches)
    wanted = rules.matches
    let foreign = watch.foreignMarkers
    let limit = settings.limit(of: test)
    var evidence = CaseEvidence(test: test, rules: rules, ending: .silent, allowedSeconds: limit.inSeconds)
    switch try await loadOwn(entry.planned.caseModules[test.name] ?? []) {
    case .loaded: try await execute(entry, id: id, limit: limit, rules: rules, &evidence)
    case .refused(let reason):
      evidence.ending = .moduleFailed(reason)
      try await settle()
    case .unanswered: evidence.ending = try await endingWithoutAnswer()
    }
    if case .reported = evidence.ending { try await tellFunctions(of: entry) }
    if !isCancelled, splats.contains(where: \.isFatal) { await keepMemory(.onCrash) }
    evidence.report = running?.report()
    if let scan = running?.metrics {
      (evidence.metrics, evidence.metricsOverflowed) = (scan.samples, scan.overflowed)
    }
    evidence.tellingLine = running?.telling.text
    evidence.remarks = running?.artefacts.findings ?? []
    running = nil
    evidence.splats = takeSplats()
    ownsSplats = false
    evidence.sightings = Dictionary(uniqueKeysWithValues: Set(rules.matches).map { ($0, watch.count(of: $0)) })
    evidence.log = logEvidence(of: evidence.ending, id: id)
    // Whatever hides messages of this guest would do so in the next case as well.
    if !evidence.doubts.isEmpty || !evidence.hiddenSplats.isEmpty { isSpoilt = true }
    if watch.foreignMarkers > foreign {
      try await emit(
        .notice("boot \(plan.id): \(test.name) forges lines of ktest's agent in the kernel log; they do not count"))
    }
    if evidence.log.sightings == nil, case .reported(let end) = evidence.ending, !end.timedOut, !rules.expect.isEmpty {
      try await emit(
        .notice(
          "boot \(plan.id): the kernel log buffer overflowed in \(test.name): expected messages are counted on the console"
        ))
    }
    evidence.seconds = seconds - began
    // Nobody would look for these in a case that passes.
    for remark in evidence.remarks.prefix(3) { try await emit(.notice("\(suite.name)/\(test.name): \(remark.text)")) }
    if let stretch = evidence.stretch, case .reported(let end) = evidence.ending, !end.timedOut {
      try await emit(.notice("\(suite.name)/\(test.name): it was given \(stretch.text)"))
    }
    var result = Judge.judge(evidence, boot: plan.id)
    if case .reported(let end) = evidence.ending { result.usage = ResourceUsage(end) }
    if settings.countsInstructions { result.metrics = result.metrics.map(\.counted) }
    result.note(settings.load)
    result.evidence = self.evidence
    self.evidence = nil
    if isCancelled {
      // Its guest was ended; that it did not answer for as long as it may is not true.
      result.findings.removeAll { $0.cause.kind == .timeout }
      result.overrule(.error, .interrupted)
    }
    return result
  }

  /// Runs the program and notes how it ended.
  private func execute(
    _ entry: BootCase, id: UInt32, limit: Duration, rules: DmesgRules, _ evidence: inout CaseEvidence
  ) async throws {
    let test = entry.test
    running = RunningCase(id: id, suite: entry.planned.suite.name, test: test)
    let request = CaseRequest(
      id: id, name: test.name, arguments: test.run,
      environment: environment(of: test), timeoutMilliseconds: UInt64(limit.inSeconds * 1000),
      patienceMilliseconds: UInt64(agentPatience.inSeconds * 1000),
      memoryLimit: test.memoryLimit?.bytes ?? 0,
      outputLimit: test.outputLimit?.bytes ?? settings.outputLimit, artefacts: artefacts(of: test),
      load: settings.load.map(LoadRequest.init))
    var patience = await patience(limit)
    let start = clock.now
    await send(.runCase(request))
    if let fault = test.selftest?.fault { try await inject(fault, id: id) }
    var word = try await ending(of: id, since: start, within: &patience, rules: rules)
    evidence.stretch = StretchedLimit(patience)
    // What comes next would have no more of the host, and this case has not had its time.
    if evidence.stretch?.isExhausted == true, word == nil || word == .late { isSpoilt = true }
    var isLate = false
    let hasSaidSo = word != nil
    // The agent's clock counts instructions: it does not know that the host's limit has passed.
    if word == nil, settings.countsInstructions, isAlive { word = .late }
    if case .oopsed(let why) = word { evidence.oops = why }
    if word == .late || evidence.oops != nil {
      isLate = true
      try await settle()
      try await lookIntoHang(byAgent: hasSaidSo)
      await send(.stopCase(id: id))
      word = try await ending(of: id, within: settings.scaled(BootSession.grace), rules: nil)
    }
    guard case .ended(var ended) = word else {
      evidence.ending = try await endingWithoutAnswer()
      return
    }
    // Everything printed meanwhile counts as requested, so a case that made the host inspect the guest cannot pass.
    if isLate { ended.timedOut = true }
    if ended.leftover { isSpoilt = true }
    try await waitForMarker(.end(case: id))
    try await settle()
    noteRecords(records.finish())
    // If the guest ends while its last messages are awaited, the case has not survived.
    evidence.ending = end == nil && !hasPanicked ? .reported(ended) : try await endingWithoutAnswer()
  }

  /// How long the agent waits while the host looks into the hang; by a clock that jumps ahead meanwhile, for ever.
  var agentPatience: Duration {
    settings.countsInstructions ? .seconds(1_000_000_000) : settings.scaled(BootSession.patience)
  }

  private func environment(of test: Case) -> [String] {
    var environment = test.environment
    if settings.countsInstructions { environment[Marker.clockVariable] = Marker.countingClock }
    return environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  /// Returns the agent's information about the log of a case that ended in time; for a late case, the messages were
  /// requested.
  private func logEvidence(of ending: CaseEvidence.Ending, id: UInt32) -> LogEvidence {
    var log = LogEvidence()
    guard case .reported(let end) = ending else { return log }
    (log.hasBegin, log.hasEnd) = (markers.contains(.begin(case: id)), markers.contains(.end(case: id)))
    log.hasDropped = watch.hasDropped
    guard !end.timedOut else { return log }
    log.splats = recordSplats
    if !end.log.isIncomplete {
      log.sightings = Dictionary(uniqueKeysWithValues: Set(wanted).map { ($0, records.count(of: $0)) })
    }
    return log
  }

  enum LastWord: Equatable {
    case ended(CaseEnd)
    case late
    /// The kernel has oopsed, and the case is not waited for.
    case oopsed(CaseEvidence.OopsEnding)
  }

  /// - Parameter rules: of the case's kernel messages; nil for a case that has been told to end.
  func ending(of id: UInt32, within limit: Duration, rules: DmesgRules?) async throws -> LastWord? {
    let last = deadline(in: limit + settings.scaled(BootSession.artefactTime))
    var limit = deadline(in: limit)
    while true {
      let received = running?.artefacts.received
      let hasOopsed = hasOopsed(rules)
      noteOwnOops(rules)
      let seen = (watch.byteCount, running?.byteCount)
      let silence = settings.scaled(BootSession.silenceAfterOops)
      let patience = [limit, hasOopsed ? deadline(in: silence) : limit, running?.oopsDeadline ?? limit].min()
      let word = try await message(before: patience) { message -> LastWord? in
        switch message {
        case .caseEnded(let end) where end.id == id: .ended(end)
        case .caseLate(id) where rules != nil: .late
        default: nil
        }
      } unless: {
        // What a kernel says after its panic is awaited until it is silent.
        if hasPanicked { return false }
        return hasOopsed ? seen != (watch.byteCount, running?.byteCount) : self.hasOopsed(rules)
      }
      guard word == nil, isAlive, clock.now < last else { return word }
      // Files are sent after the program has ended; a guest that is sending them is not late.
      if running?.artefacts.received != received {
        limit = max(limit, deadline(in: settings.scaled(BootSession.grace)))
      } else if clock.now >= limit {
        return nil
      } else if let ends = running?.oopsDeadline, clock.now >= ends {
        return .oopsed(.own(settings.scaled(settings.timeAfterOwnOops).inSeconds))
      } else if hasOopsed, seen == (watch.byteCount, running?.byteCount) {
        // A splat without an end is as complete as it will be, and only now it is certain whether it is allowed.
        try await note(watch.flush())
        if self.hasOopsed(rules) { return .oopsed(.silent(silence.inSeconds)) }
      } else if !hasOopsed, !self.hasOopsed(rules) {
        return nil
      }
    }
  }

  /// Returns the reason why the agent no longer answers.
  private func endingWithoutAnswer() async throws -> CaseEvidence.Ending {
    // The panic by ktest's own NMI, and the reset after it, are no crash of the case's: the guest did not answer.
    if watch.provoked == .nmi {
      await guest.kill()
      try await wait(before: deadline(in: .seconds(15))) { end != nil }
      return .silent
    }
    if end == nil, hasPanicked {
      await keepMemory(.onCrash)
      await guest.kill()
      try await wait(before: deadline(in: .seconds(15))) { end != nil }
      return .panicked
    }
    if let brokenChannel { return .channelBroken(brokenChannel) }
    switch end {
    case .poweredOff: return .guestGone
    case .killed, .failed: return .hostLostGuest
    case nil: break
    }
    if !isCancelled {
      if !hasBeenAsked { try await lookIntoHang(byAgent: false) }
      await guest.kill()
    }
    try await wait(before: deadline(in: .seconds(15))) { end != nil }
    return .silent
  }

  /// Waits a moment for later kernel messages and for the rest of a splat that has begun, because the console is slower
  /// than the channel.
  func settle() async throws {
    try await wait(before: deadline(in: settings.settle)) { false }
    if watch.isInsideSplat {
      try await wait(before: deadline(in: settings.scaled(.milliseconds(500)))) { !watch.isInsideSplat }
      try await note(watch.flush())
    }
  }

  /// Injects a fault of the harness while the case runs, for the selftest.
  private func inject(_ fault: SelftestExpectation.Fault, id: UInt32) async throws {
    guard fault == .killAgent || fault == .killQEMU else { return }
    _ = try await message(before: deadline(in: settings.scaled(.seconds(10)))) { message -> Bool? in
      guard case .caseStarted(id) = message else { return nil }
      return true
    }
    if fault == .killAgent { await send(.exitAgent) } else { await guest.killQEMU() }
  }
}
