package import KTestValues

/// Returns what a night came to, the most urgent first, as a person reads it in the morning.
package func nightReport(_ night: NightRecord, style: TerminalStyle) -> String {
  let text = NightText(night: night, style: style)
  return text.lines.map { line in (style.columns.map { TerminalText.clipped(line, to: $0) } ?? line) + "\n" }.joined()
}

/// A night as text.
private struct NightText {
  let night: NightRecord
  let style: TerminalStyle

  /// Of words that ask for nothing, so many are listed.
  private static let listed = 10

  private static let titles: [NightRecord.Word: String] = [
    .notTested: "Not tested", .newFailure: "New failures", .undecided: "Undecided", .stillFailing: "Still failing",
    .fixed: "Fixed", .silent: "Silent", .elsewhere: "Elsewhere", .flaky: "Flaky", .newTest: "New tests",
  ]

  private func clean(_ text: String, limit: Int = 300) -> String { TerminalText.line(text, limit: limit) }

  var lines: [String] {
    var lines = [head] + kernels + night.differences.filter { $0.kind != .kernel }.map { "  " + difference($0) }
    lines += floods
    for word in NightRecord.Word.allCases.sorted(by: { $0.urgency < $1.urgency }) { lines += section(word) }
    lines += hosts + metrics + searches + drills + labs
    return lines + ["", summary]
  }

  private var head: String {
    let state =
      switch night.state {
      case .running: "has not ended"
      case .complete: "complete"
      case .outOfBudget: "its budget was used up"
      case .interrupted: "interrupted"
      }
    let length = night.ended.map { ", " + TerminalText.duration(Double($0 - night.started) / 1000) } ?? ""
    return style.paint(clean("Night \(night.id) of \(night.plan)"), .strong) + ": \(state)\(length)"
  }

  private var kernels: [String] {
    let width = night.kernels.map { TerminalText.width(clean($0.name)) }.max() ?? 0
    return night.kernels.map { kernel in
      let name = "  " + TerminalText.padded(clean(kernel.name), to: width) + "  "
      if let problem = kernel.problem { return name + style.paint("none: \(clean(problem.firstLine))", .bad) }
      let change = kernel.former == nil ? "first night" : kernel.isChanged ? "changed" : "unchanged"
      return name + clean("\(kernel.build.title), \(change)\(kernel.base == nil ? "" : ", rebased")")
    }
  }

  private func difference(_ difference: NightRecord.Difference) -> String {
    switch difference.kind {
    case .suite: clean("the suite \(difference.name) is not that of the last night")
    case .image: clean("the image of \(difference.name) is not that of the last night")
    case .configuration: clean("the configuration of \(difference.name) is not that of the last night")
    case .kernel, .accelerator, .processor, .qemu, .host, .ktest:
      clean("\(difference.what): \(difference.now), in the last night \(difference.before)")
    }
  }

  /// Hosts that were lost, or whose cases could not be judged.
  private var hosts: [String] {
    let hosts = night.hosts ?? []
    let lines = zip(hosts, hosts.suspicions).compactMap { HostRecordText.line($0, $1) }
    return lines.isEmpty ? [] : ["", style.paint("Hosts", .strong)] + lines.map { "  " + clean($0) }
  }

  private var floods: [String] {
    night.floods.flatMap { flood in
      var lines = ["", style.paint("Too much at once", .bad)]
      lines.append(
        clean("  \(flood.kernel): \(flood.failed) cases failed, \(flood.usual) on other nights; no series is blamed"))
      lines.append(clean("      such as \(flood.examples.joined(separator: ", "))"))
      lines += range(flood.lastGood, flood.firstBad)
      return lines
    }
  }

  private func section(_ word: NightRecord.Word) -> [String] {
    let findings = night.findings.filter { $0.word == word }
    let missed = word == .notTested ? night.untested : []
    guard !findings.isEmpty || !missed.isEmpty else { return [] }
    let isUrgent = [.notTested, .newFailure, .undecided, .stillFailing].contains(word)
    let ink: Ink = word == .newFailure || word == .notTested ? .bad : .strong
    var lines = ["", style.paint(NightText.titles[word] ?? word.rawValue, ink)]
    lines += missed.map { "  " + untested($0) }
    let shown = isUrgent ? findings[...] : findings.prefix(NightText.listed)
    lines += shown.flatMap { isUrgent || word == .fixed ? whole($0) : [line($0)] }
    if findings.count > shown.count { lines.append("  … and \(findings.count - shown.count) more") }
    return lines
  }

  private func untested(_ missed: NightRecord.Untested) -> String {
    let place = missed.kernel.isEmpty || missed.kernel == missed.name ? "" : " on \(missed.kernel)"
    return clean("\(missed.name)\(place): \(missed.reason.firstLine)")
  }

  /// The series with its strip.
  private func line(_ finding: NightRecord.Finding) -> String {
    let strip = finding.strip.isEmpty ? "" : TerminalText.padded(clean(finding.strip), to: 20) + "  "
    let place = night.kernels.count > 1 ? " on \(finding.kernel)" : ""
    let news = finding.isNews && finding.word != .newFailure && finding.word != .newTest ? " (new)" : ""
    return "  " + strip + clean("\(finding.series.name)\(place)") + news
  }

  private func whole(_ finding: NightRecord.Finding) -> [String] {
    var lines = [line(finding)]
    func add(_ text: String) { lines.append("      " + clean(text)) }
    add(
      ([fact(finding)] + [finding.excuse.map { "excused: \($0)" }, finding.otherLabs].compactMap { $0 }).joined(
        separator: "; "))
    if !finding.reason.isEmpty, finding.word != .fixed { add(finding.reason.firstLine) }
    for splat in finding.splats.prefix(3) { add(splat) }
    lines += range(finding.lastGood, finding.firstBad)
    if let search = finding.search { add("search \(search)") }
    if finding.word != .fixed, finding.word != .notTested, !finding.reproduce.isEmpty { add(finding.reproduce) }
    return lines
  }

  private func range(_ good: NightRecord.Build?, _ bad: NightRecord.Build?) -> [String] {
    guard let bad else { return [] }
    return ["      " + clean((good.map { "good: \($0.title), " } ?? "") + "bad: \(bad.title)")]
  }

  /// In percent with one place: nothing is sure to 100 %.
  private func percent(_ share: Double) -> String {
    let tenths = Int(min(max(share, 0), 0.999) * 1000)
    return "\(tenths / 10).\(tenths % 10) %"
  }

  private func fact(_ finding: NightRecord.Finding) -> String {
    let runs = "\(finding.failures) of \(TerminalText.count(finding.runs, "run")) failed"
    let since = finding.since.map { " since \(WallTime(milliseconds: $0).iso.prefix(10))" } ?? ""
    switch finding.word {
    case .newFailure, .undecided:
      return runs + (finding.probability.map { "; \(percent($0)) that this kernel broke it" } ?? "")
    case .stillFailing: return "\(runs)\(since.isEmpty ? "" : ";\(since)")"
    case .fixed: return "not seen in \(TerminalText.count(finding.cleanRuns ?? 0, "run"))"
    case .silent: return "passed \(finding.cleanRuns ?? 0) times in a row, \(finding.neededRuns ?? 0) are needed"
    case .notTested:
      let why =
        switch finding.notTested {
        case .skipped: "skipped"
        case .vanished: "vanished"
        case .error: "the harness failed"
        case .outOfTime: "the night was over before it"
        case nil: "no result"
        }
      return why + since
    case .flaky, .elsewhere, .newTest: return runs
    }
  }

  private var metrics: [String] {
    guard let changes = night.metrics, !changes.isEmpty else { return [] }
    let isBad = changes.contains { $0.isConfirmed && $0.isWorse }
    return ["", style.paint("Metrics", isBad ? .bad : .strong)]
      + changes.flatMap { change in
        let place = night.kernels.count > 1 ? " on \(change.id.kernel)" : ""
        let news = change.isNews ? "" : " (told before)"
        var lines = ["  " + clean("\(change.id.series.name), \(change.id.name)\(place): \(change.word)\(news)")]
        lines += [change.measure, change.sureness].map { "      " + clean($0) }
        lines += range(change.lastGood, change.firstBad)
        if let search = change.search { lines.append("      " + clean("search \(search)")) }
        if !change.reproduce.isEmpty { lines.append("      " + clean(change.reproduce)) }
        return lines
      }
  }

  private var searches: [String] {
    guard !night.searches.isEmpty else { return [] }
    return ["", style.paint("Searches", .strong)]
      + night.searches.flatMap { search in
        let sure = search.confidence.map { ", sure to \(percent($0))" } ?? ""
        return [
          clean("  \(search.test): \(search.answer)\(search.state == .answered ? sure : "")"),
          clean("      ktest bisect show \(search.id) --steps"),
        ]
      }
  }

  private var drills: [String] {
    guard !night.drills.isEmpty else { return [] }
    return ["", style.paint("Drills", .strong)]
      + night.drills.flatMap { drill in
        [clean("  \(drill.name) on \(drill.kernel): \(drill.result)")] + drill.details.map { "      " + clean($0) }
      }
  }

  private var labs: [String] {
    guard let labs = night.labs, !labs.isEmpty else { return [] }
    return ["", style.paint("Other labs", .strong)]
      + labs.flatMap { lab in
        [clean("  \(lab.name): \(lab.summary)")]
          + lab.failures.prefix(NightText.listed).map {
            "      " + clean("\($0.group) \($0.test) fails on \($0.branch)")
          }
          + (lab.failures.count > NightText.listed ? ["      … and \(lab.failures.count - NightText.listed) more"] : [])
      }
  }

  private var summary: String {
    let again = night.runs.count { $0.purpose == .again }
    let good = night.runs.count { $0.purpose == .goodKernel }
    let measured = night.runs.count { $0.purpose == .measure || $0.purpose == .measureGood }
    let drilled = night.runs.count { $0.purpose == .drill }
    let parts = [
      night.findings.isEmpty && (night.metrics ?? []).isEmpty && night.untested.isEmpty && night.floods.isEmpty
        ? "\(TerminalText.count(night.passing, "case")) passed"
        : "\(TerminalText.count(night.passing, "other case")) passed",
      TerminalText.count(night.runs.count, "run") + (again > 0 ? ", \(again) again" : "")
        + (good > 0 ? ", \(good) of good kernels" : "") + (measured > 0 ? ", \(measured) of metrics" : "")
        + (drilled > 0 ? ", \(drilled) of drills" : ""),
    ]
    return parts.joined(separator: "; ")
  }
}

/// Returns what a night would do.
package func nightCheckReport(_ check: NightCheckFacts, style: TerminalStyle) -> String {
  let rows = check.entries.map { entry in
    [
      entry.kernel, entry.suite,
      TerminalText.count(entry.cases, "case") + (entry.cells > 1 ? " in \(entry.cells) cells" : ""),
    ]
  }
  var text = columnReport(["kernel", "suite", "cases"], rows, style: style)
  text += check.notes.map { TerminalText.line($0, limit: 1000) + "\n" }.joined()
  return text
}

/// What ``nightCheckReport(_:style:)`` shows.
package struct NightCheckFacts: Sendable {
  package var entries: [(kernel: String, suite: String, cells: Int, cases: Int)]
  package var notes: [String]

  package init(entries: [(kernel: String, suite: String, cells: Int, cases: Int)], notes: [String]) {
    (self.entries, self.notes) = (entries, notes)
  }
}
