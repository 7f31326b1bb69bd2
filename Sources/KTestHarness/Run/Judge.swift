internal import GuestProtocol

/// Turns evidence into a verdict. Pure: the rules are `docs/verdicts.md`, each with a row in the table test.
package struct Judge {
  private let evidence: CaseEvidence
  private var findings: [CaseFinding] = []
  private var counts = SubtestCounts()
  private var notes: [SubtestNote] = []
  private var splats: [SplatNote] = []
  /// Some result line said that something went wrong, whether the suite knows of it or not.
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

  /// A log that cannot be believed may hide something and invents nothing: what has failed has failed, and what seems good
  /// is nothing that can be said of the kernel.
  private mutating func lookAtDoubts() {
    guard !findings.contains(where: { $0.verdict.isBad }) else { return }
    for doubt in evidence.doubts { find(.kernelLog, .error, doubt) }
  }

  /// The greatest verdict wins; the most telling finding among those of that verdict is the reason.
  private func result(boot: Int?) -> CaseResult {
    let findings = (findings + evidence.remarks).byWeight
    let verdict = findings.first?.verdict ?? .pass
    let first = verdict == .pass ? nil : findings.first
    var result = CaseResult(
      name: evidence.test.name, verdict: verdict, reason: first?.text, cause: first?.cause,
      seconds: evidence.seconds, subtests: counts, notes: notes, splats: splats, boot: boot, metrics: metrics)
    result.findings = findings
    if case .reported(let end) = evidence.ending { result.program = ProgramEnd(end, said: evidence.tellingLine) }
    return result
  }

  // MARK: - Metrics

  private var metrics: [Metric] { evidence.metrics + (evidence.report?.metrics ?? []).map(Metric.init) }

  private mutating func lookAtMetrics() {
    let metrics = metrics
    if evidence.metricsOverflowed {
      find(.metric, .fail, "more than \(MetricScan.limit) metrics; the rest was not kept")
    }
    var first: [String: Metric] = [:]
    for metric in metrics {
      let other = first[metric.fullName] ?? metric
      first[metric.fullName] = other
      if other.unit != metric.unit || other.better != metric.better {
        find(
          .metric, .fail, "the metric \(metric.fullName) comes with two units or directions", names: [metric.fullName])
        break
      }
    }
    // Whoever passes has measured what it is there to measure.
    guard findings.isEmpty else { return }
    for declared in evidence.test.metrics where !metrics.contains(where: { $0.name == declared.name }) {
      let how = declared.source.map { "no line says '\($0.pattern)'" } ?? "no line says '# metric \(declared.name) …'"
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
    // The bail-out has been told.
    for doubt in report.doubts where doubt.kind != .bailOut {
      find(doubt.kind == .planMissing ? .planMissing : .incomplete, .fail, doubt.text)
    }
    let failed = notes.filter { $0.verdict == .fail && !$0.known }
    if let first = failed.first {
      let detail = first.detail.isEmpty ? "" : ": \(first.detail)"
      let others = failed.count > 1 ? " and \(failed.count - 1) more" : ""
      find(.subtest, .fail, "\(first.id) failed\(others)\(detail)", names: [first.id])
    }
    if let wanted = evidence.test.subtests, isExecuted(report), !wanted.contains(counts.executed) {
      find(.vacuous, .fail, "vacuous: \(counts.executed) subtests were executed, the suite wants \(wanted)")
    }
    if counts.executed == 0 && findings.isEmpty { find(.skipped, .skip, skipText(report)) }
  }

  /// A test that says as a whole that it cannot run here is a skip, not a vacuous run.
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
    let known = evidence.known.first { $0.subtest.matches(whole: subtest.id) }
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
    for splat in evidence.splats where !evidence.rules.allows(splat, sightings: evidence.sightings) {
      splats.append(SplatNote(splat))
      find(
        splat.isFatal ? .fatalSplat : .splat, splat.isFatal ? .crash : .fail, "kernel: \(splat.title)",
        names: [splat.title])
    }
    for splat in evidence.hiddenSplats where !evidence.rules.allows(splat, sightings: [:]) {
      find(
        splat.isFatal ? .fatalSplat : .splat, splat.isFatal ? .crash : .fail,
        "kernel: \(splat.title) (in the log's buffer, not on its console)", names: [splat.title])
    }
    for entry in evidence.rules.allow {
      let seen = evidence.count(of: entry.target)
      if let count = entry.count, let most = count.max, seen > most {
        find(
          .kernelMessage, .fail, "kernel message '\(entry.target)' was seen \(seen) times, allowed are \(count)",
          names: ["\(entry.target)"])
      }
    }
    guard case .reported(let end) = evidence.ending, !end.timedOut, !skippedItself, evidence.doubts.isEmpty else {
      return
    }
    for entry in evidence.rules.expect {
      let seen = evidence.certainCount(of: entry.target)
      let wanted = entry.count ?? .atLeast(1)
      if !wanted.contains(seen) {
        find(
          .kernelMessage, .fail, "kernel message '\(entry.target)' was expected \(wanted) times and seen \(seen) times",
          names: ["\(entry.target)"])
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
      find(.timeout, .timeout, "the guest did not answer within \(Judge.text(evidence.allowedSeconds)) and was ended")
    case .guestGone:
      let last = splats.last.map { ", after: \($0.title)" } ?? ""
      find(.guestEnded, .crash, "the guest reset or powered off while the case ran\(last)")
    case .hostLostGuest: find(.harness, .error, "QEMU ended while the case ran; the kernel is not to blame")
    case .panicked: find(.guestEnded, .crash, "the kernel panicked while the case ran")
    case .channelBroken(let reason): find(.harness, .error, reason)
    case .notStarted(let reason): find(.harness, .error, reason)
    case .moduleFailed(let reason): find(.module, .fail, reason)
    }
    // The agent is the first process: when the kernel says that it died and nothing before explains it, we failed.
    if splats.allSatisfy(\.saysInitDied), !splats.isEmpty {
      findings.removeAll { $0.verdict == .crash }
      find(.harness, .error, "the guest's agent died")
    }
  }

  private mutating func lookAtEnd(_ end: CaseEnd) {
    if end.timedOut {
      let hangs = end.leftover ? ", and a process hangs in the kernel and cannot be killed" : ""
      return find(.timeout, .timeout, "not done after \(Judge.text(evidence.allowedSeconds))\(hangs)")
    }
    if end.leftover { find(.leftover, .fail, "a process of the case hangs in the kernel and cannot be killed") }
    switch end.outcome {
    case .notStarted(let reason):
      find(.harness, .error, "the case could not be started: \(reason.clipped(to: ProgramEnd.reasonLimit))")
    case .signalled(let signal):
      find(
        .program, .fail, "killed by \(Judge.signalName(signal))\(memoryText(end))\(said)", signal: Int(signal))
    case .exited(let status): lookAtStatus(Int(status), end)
    }
    // A result that nobody read may have been a bad one, also where the plan was kept before the limit was reached.
    if end.droppedOutput > 0 && evidence.report != nil {
      find(.outputLimit, .fail, "\(end.droppedOutput) bytes of output beyond the limit were dropped")
    }
  }

  /// What the program itself said of an end that was not good.
  private var said: String { evidence.tellingLine.map { ", saying '\($0)'" } ?? "" }

  /// The kernel counts OOM kills, it does not say for what.
  private func memoryText(_ end: CaseEnd) -> String {
    guard end.outOfMemory else { return "" }
    if let limit = evidence.test.memoryLimit { return "; the case reached its memory limit of \(limit)" }
    return "; the guest ran out of memory"
  }

  private mutating func lookAtStatus(_ status: Int, _ end: CaseEnd) {
    let memory = memoryText(end)
    guard let report = evidence.report else {
      if evidence.test.exitCode == .failures, status != 0 {
        return find(.program, .fail, "\(status) failures, by its exit code\(memory)\(said)", status: status)
      }
      if evidence.test.skipCodes.contains(status) {
        return find(.skipped, .skip, "exited with \(status), which means skip", status: status)
      }
      if status != 0 { find(.program, .fail, "exited with \(status)\(memory)\(said)", status: status) }
      return
    }
    // What explains it may be in the output that nobody read, which is a finding of its own.
    guard end.droppedOutput == 0 else { return }
    guard report.sawAnything else {
      return find(.program, .fail, "no KTAP in the output (exit status \(status)\(memory))\(said)", status: status)
    }
    // kselftest exits with 4 when everything was skipped (tools/testing/selftests/kselftest.h).
    // A subtest marked XFAIL or TODO is no reason for it: the program itself does not take that for a failure.
    let isExplained = status == 0 || someFailed || (status == 4 && counts.executed == 0)
    if !isExplained {
      find(.program, .fail, "exited with \(status) though no subtest failed\(memory)\(said)", status: status)
    }
  }

  private static func text(_ seconds: Double) -> String {
    seconds >= 10 ? "\(Int(seconds.rounded())) s" : "\((seconds * 10).rounded() / 10) s"
  }

  /// signal(7), x86.
  static func signalName(_ signal: UInt8) -> String {
    let names: [UInt8: String] = [
      1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
      9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ",
      31: "SIGSYS",
    ]
    return names[signal] ?? "signal \(signal)"
  }
}
