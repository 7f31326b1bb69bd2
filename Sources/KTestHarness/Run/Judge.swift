internal import GuestProtocol
package import KTestValues

/// Turns evidence into a verdict. It is pure: the rules are in `docs/verdicts.md`, each with a row in the table test.
package struct Judge {
  private let evidence: CaseEvidence
  private var findings: [CaseFinding] = []
  private var counts = SubtestCounts()
  private var notes: [SubtestNote] = []
  private var splats: [SplatNote] = []
  /// Whether some result line reported a failure, known or not.
  private var someFailed = false

  package static func judge(_ evidence: CaseEvidence, boot: Int?) -> CaseResult {
    var judge = Judge(evidence)
    judge.look()
    return judge.result(boot: boot)
  }

  private init(_ evidence: CaseEvidence) { self.evidence = evidence }

  /// `names`, `status` and `signal` are the cause's own (``VerdictCause``).
  private mutating func find(
    _ kind: CaseFinding.Kind, _ verdict: Verdict, _ text: String, names: [String] = [], status: Int? = nil,
    signal: Int? = nil
  ) {
    let cause = VerdictCause(kind, names: names, status: status, signal: signal)
    findings.append(CaseFinding(cause, verdict, text))
  }

  private mutating func look() {
    if let report = evidence.report { lookAtSubtests(report) }
    lookAtKernelLog()
    lookAtEnding()
    lookAtDoubts()
    lookAtMetrics()
  }

  /// Handles a log that cannot be trusted: it may hide messages but does not invent any, so failures stand, and a pass
  /// says nothing about the kernel.
  private mutating func lookAtDoubts() {
    guard !findings.contains(where: { $0.verdict.isBad }) else { return }
    for doubt in evidence.doubts { find(.kernelLog, .error, doubt) }
  }

  /// Returns the result: the greatest verdict counts, and the most significant finding of that verdict is the reason.
  private func result(boot: Int?) -> CaseResult {
    let findings = (findings + evidence.remarks).byWeight
    let verdict = findings.first?.verdict ?? .pass
    let first = verdict == .pass ? nil : findings.first
    var result = CaseResult(
      name: evidence.test.name, verdict: verdict, reason: first?.text, cause: first?.cause,
      seconds: evidence.seconds, subtests: counts, notes: notes, splats: splats, boot: boot, metrics: metrics)
    result.findings = findings
    result.limit = evidence.stretch
    if case .reported(let end) = evidence.ending { result.program = ProgramEnd(end, said: evidence.tellingLine) }
    return result
  }

  // MARK: - Metrics

  private var metrics: [Metric] { evidence.metrics + (evidence.report?.metrics ?? []).map(Metric.init) }

  private mutating func lookAtMetrics() {
    let metrics = metrics
    if evidence.metricsOverflowed {
      find(.metric, .fail, "more than \(MetricScan.limit) metrics; the rest was dropped")
    }
    var first: [String: Metric] = [:]
    for metric in metrics {
      let other = first[metric.fullName] ?? metric
      first[metric.fullName] = other
      if other.unit != metric.unit || other.better != metric.better {
        find(
          .metric, .fail, "the metric \(metric.fullName) has two units or directions", names: [metric.fullName])
        break
      }
    }
    // A case passes only if it has measured what it declares.
    guard findings.isEmpty else { return }
    for declared in evidence.test.metrics where !metrics.contains(where: { $0.name == declared.name }) {
      let how =
        declared.source.map { "no line matches '\($0.pattern)'" } ?? "no line matches '# metric \(declared.name) …'"
      find(.metric, .fail, "metric \(declared.name) is missing: \(how)", names: [declared.name])
    }
  }

  // MARK: - Subtests

  private mutating func lookAtSubtests(_ report: KTAPReport) {
    for subtest in report.subtests { count(subtest) }
    guard report.sawAnything else { return }
    if let text = report.bailOut {
      find(.bailOut, .fail, "the test bailed out: \(text.isEmpty ? "no reason given" : text)")
    }
    if report.missing > 0 { find(.incomplete, .fail, missingText(report)) }
    // The bail-out has already been reported.
    for doubt in report.doubts where doubt.kind != .bailOut {
      find(doubt.kind == .planMissing ? .planMissing : .incomplete, .fail, doubt.text)
    }
    let failed = notes.filter { $0.verdict == .fail && !$0.known }
    if let first = failed.first {
      let detail = first.detail.isEmpty ? "" : ": \(first.detail)"
      let others = failed.count > 1 ? " and \(failed.count - 1) more" : ""
      find(.subtest, .fail, "\(first.id) failed\(others)\(detail)", names: [first.id])
    }
    switch evidence.test.subtests?.count {
    case .range(let wanted) where isExecuted(report) && !wanted.contains(counts.executed):
      find(.vacuous, .fail, "vacuous: \(counts.executed) subtests were executed, but the suite requires \(wanted)")
    case .all: lookAtSkips(report)
    default: break
    }
    if counts.executed == 0 && findings.isEmpty { find(.skipped, .skip, skipText(report)) }
  }

  /// Demands a known reason for everything that was skipped.
  private mutating func lookAtSkips(_ report: KTAPReport) {
    let reasons = evidence.test.skips
    if let said = report.skippedWhole, !reasons.contains(where: { $0.explains(nil, saying: said) }) {
      find(.unknownSkip, .fail, "the test was skipped without a known reason" + (said.isEmpty ? "" : ": \(said)"))
    }
    let unknown = notes.filter { note in
      note.verdict == .skip && !reasons.contains { $0.explains(note.id, saying: note.detail) }
    }
    guard let first = unknown.first else { return }
    let who = unknown.count > 1 ? "\(first.id) and \(unknown.count - 1) more were" : "\(first.id) was"
    let said = first.detail.isEmpty ? "" : ": \(first.detail)"
    find(.unknownSkip, .fail, "\(who) skipped without a known reason\(said)", names: unknown.map(\.id))
  }

  /// Returns whether the test ran: a test that skips itself as a whole is a skip, not vacuous.
  private func isExecuted(_ report: KTAPReport) -> Bool {
    report.skippedWhole == nil && !(counts.executed == 0 && counts.skip > 0)
  }

  private func missingText(_ report: KTAPReport) -> String {
    "missing \(report.missing) of \(report.missing + report.subtests.count) results"
  }

  private func skipText(_ report: KTAPReport) -> String {
    if let reason = report.skippedWhole { return reason.isEmpty ? "the test skipped itself" : reason }
    let reason = notes.first { $0.verdict == .skip }?.detail ?? ""
    return "all \(counts.skip) subtests were skipped" + (reason.isEmpty ? "" : " (\(reason))")
  }

  private mutating func count(_ subtest: KTAPSubtest) {
    let known = evidence.test.known.first { $0.subtest.matches(whole: subtest.id) }
    let detail = subtest.detail.isEmpty ? subtest.diagnostics.last ?? "" : subtest.detail
    switch subtest.status {
    case .skip:
      counts.skip += 1
      notes.append(SubtestNote(id: subtest.id, verdict: .skip, detail: detail))
    case .xfail, .todo:
      counts.known += 1
      notes.append(SubtestNote(id: subtest.id, verdict: .fail, known: true, detail: detail))
    case .pass:
      counts.pass += 1
      if let known {
        notes.append(SubtestNote(id: subtest.id, verdict: .pass, known: true, detail: known.reason))
      }
    case .fail, .timeout, .error:
      someFailed = true
      if let known {
        counts.known += 1
        notes.append(SubtestNote(id: subtest.id, verdict: .fail, known: true, detail: known.reason))
      } else {
        counts.fail += 1
        notes.append(SubtestNote(id: subtest.id, verdict: .fail, detail: detail))
      }
    }
  }

  // MARK: - Kernel log

  private mutating func lookAtKernelLog() {
    for splat in evidence.splats where !evidence.rules.allows(splat) {
      splats.append(SplatNote(splat))
      find(
        splat.isFatal ? .fatalSplat : .splat, splat.isFatal ? .crash : .fail, "kernel: \(splat.title)",
        names: [splat.title])
    }
    for splat in evidence.hiddenSplats where !evidence.rules.allows(splat) {
      find(
        splat.isFatal ? .fatalSplat : .splat, splat.isFatal ? .crash : .fail,
        "kernel: \(splat.title) (in the log buffer, not on the console)", names: [splat.title])
    }
    for entry in evidence.rules.allow {
      // The console may have lost lines, the log buffer may have been read in part.
      let seen = max(evidence.count(of: entry.target), evidence.certainCount(of: entry.target))
      if let count = entry.count, let most = count.max, seen > most {
        find(
          .kernelMessage, .fail, "kernel message \(entry.target) was seen \(seen) times; allowed: \(count)",
          names: entry.target.names)
      }
    }
    guard case .reported(let end) = evidence.ending, !end.timedOut, !skippedItself, evidence.doubts.isEmpty else {
      return
    }
    for entry in evidence.rules.expect {
      let seen = evidence.certainCount(of: entry.target)
      let wanted = entry.count ?? .atLeast(1)
      if wanted.contains(seen) { continue }
      if end.log.isIncomplete, seen < wanted.min {
        // An emulated serial port loses bytes when its host is busy, and the log buffer has lost records.
        find(
          .kernelLog, .error,
          "kernel message \(entry.target) was expected \(wanted) times; the console shows \(seen), and the log buffer, "
            + "which overflowed, cannot say whether it misses any: log less, or give the guest log_buf_len=16M",
          names: entry.target.names)
      } else {
        find(
          .kernelMessage, .fail, "kernel message \(entry.target) was expected \(wanted) times but seen \(seen) times",
          names: entry.target.names)
      }
    }
  }

  private var skippedItself: Bool {
    if case .reported(let end) = evidence.ending, case .exited(let status) = end.outcome,
      evidence.test.skipCodes.contains(Int(status))
    {
      return true
    }
    return findings.contains { $0.verdict == .skip }
  }

  // MARK: - The end

  private mutating func lookAtEnding() {
    switch evidence.ending {
    case .reported(let end): lookAtEnd(end)
    case .silent:
      findLate("the guest did not answer \(evidence.oops?.silenceText ?? "within \(allowed)") and was ended")
    case .guestGone:
      let last = splats.last.map { ", after: \($0.title)" } ?? ""
      find(.guestEnded, .crash, "the guest reset or powered off while the case ran\(last)")
    case .hostLostGuest: find(.harness, .error, "QEMU ended while the case ran; the kernel is not to blame")
    case .panicked: find(.guestEnded, .crash, "the kernel panicked while the case ran")
    case .channelBroken(let reason): find(.harness, .error, reason)
    case .notStarted(let reason): find(.harness, .error, reason)
    case .moduleFailed(let reason): find(.module, .fail, reason)
    }
    // The agent is the first process: if the kernel only says that it died, the harness failed.
    if splats.allSatisfy(\.saysInitDied), !splats.isEmpty {
      findings.removeAll { $0.verdict == .crash }
      find(.harness, .error, "the guest's agent died")
    }
  }

  private mutating func lookAtEnd(_ end: CaseEnd) {
    if end.timedOut {
      let hangs = end.leftover ? ", and a process hangs in the kernel and cannot be killed" : ""
      return findLate((evidence.oops?.endText ?? "timed out after \(allowed)") + hangs)
    }
    if end.leftover { find(.leftover, .fail, "a process of the case hangs in the kernel and cannot be killed") }
    switch end.outcome {
    case .notStarted(let reason):
      find(.harness, .error, "the case could not be started: \(reason.clipped(to: ProgramEnd.reasonLimit))")
    case .signalled(let signal):
      find(
        .program, .fail, "killed by \(ProgramEnd.signalName(signal))\(memoryText(end))\(said)", signal: Int(signal))
    case .exited(let status): lookAtStatus(Int(status), end)
    }
    // A dropped result may have been a failure, even if the plan was fulfilled before the limit was reached.
    if end.droppedOutput > 0 && evidence.report != nil {
      find(.outputLimit, .fail, "\(end.droppedOutput) bytes of output beyond the limit were dropped")
    }
  }

  private var allowed: String { evidence.stretch?.text ?? StretchedLimit.text(evidence.allowedSeconds) }

  private mutating func findLate(_ text: String) {
    // A case that was ended after an oops was not waited for any longer.
    guard evidence.oops == nil, let reason = evidence.stretch?.reason(text) else {
      return find(.timeout, .timeout, text)
    }
    find(reason.cause.kind, evidence.stretch?.isExhausted == true ? .error : .timeout, reason.text)
  }

  /// The relevant line of the program's output, as a part of a sentence.
  private var said: String { evidence.tellingLine.map { ", saying '\($0)'" } ?? "" }

  /// Returns a remark about memory. The kernel counts OOM kills but does not say what for.
  private func memoryText(_ end: CaseEnd) -> String {
    guard end.outOfMemory else { return "" }
    if let limit = evidence.test.memoryLimit { return "; the case reached its memory limit of \(limit)" }
    return "; the guest ran out of memory"
  }

  private mutating func lookAtStatus(_ status: Int, _ end: CaseEnd) {
    let memory = memoryText(end)
    guard let report = evidence.report else {
      if evidence.test.exitCode == .failures, status != 0 {
        return find(.program, .fail, "\(status) failures according to the exit code\(memory)\(said)", status: status)
      }
      if evidence.test.skipCodes.contains(status) {
        return find(.skipped, .skip, "exited with \(status), which means skip\(said)", status: status)
      }
      if status != 0 { find(.program, .fail, "exited with \(status)\(memory)\(said)", status: status) }
      return
    }
    // The explanation may be in the dropped output, which is a separate finding.
    guard end.droppedOutput == 0 else { return }
    guard report.sawAnything else {
      return find(.program, .fail, "no KTAP in the output (exit status \(status)\(memory))\(said)", status: status)
    }
    // kselftest exits with 4 if everything was skipped (tools/testing/selftests/kselftest.h). A subtest marked XFAIL or
    // TODO does not explain a failure, because the program itself does not count it as one.
    let isExplained = status == 0 || someFailed || (status == 4 && counts.executed == 0)
    if !isExplained {
      find(.program, .fail, "exited with \(status) though no subtest failed\(memory)\(said)", status: status)
    }
  }
}

extension CaseEvidence.OopsEnding {
  fileprivate var endText: String {
    switch self {
    case .silent(let seconds): "ended because it was silent for \(StretchedLimit.text(seconds)) after the kernel's oops"
    case .own(let seconds): "ended \(StretchedLimit.text(seconds)) after one of its processes oopsed"
    }
  }

  fileprivate var silenceText: String {
    switch self {
    case .silent(let seconds): "for \(StretchedLimit.text(seconds)) after the kernel's oops"
    case .own(let seconds): "\(StretchedLimit.text(seconds)) after one of the case's processes oopsed"
    }
  }
}
