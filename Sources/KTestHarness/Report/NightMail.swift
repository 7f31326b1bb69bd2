package import KTestValues

/// The mail about a night: what a maintainer has to know before opening a page.
package struct NightMail: Sendable {
  package var record: NightRecord
  /// The night before of the same plan; nil if there was none.
  package var former: NightRecord?
  /// Where the pages are published, without a slash at its end.
  package var address: String?

  package init(_ record: NightRecord, former: NightRecord? = nil, address: String? = nil) {
    (self.record, self.former, self.address) = (record, former, address)
  }

  static let columns = 78
  /// The findings of one word that are listed.
  private static let most = 40

  /// Words that are told when a series gets them; the others are on the page only.
  private static let told: [NightRecord.Word] = [
    .notTested, .newFailure, .undecided, .stillFailing, .fixed, .elsewhere,
  ]

  private func findings(_ word: NightRecord.Word) -> [NightRecord.Finding] {
    record.findings.filter { $0.word == word && (word == .notTested || $0.excuse == nil) }
  }

  /// What has to be told of a night: a mail goes out if this is not what it was the night before.
  private struct News: Hashable {
    var series: SeriesKey?
    var kernel: String
    var what: String
  }

  private static func news(_ record: NightRecord) -> Set<News> {
    var news: Set<News> = []
    for finding in record.findings where told.contains(finding.word) && finding.excuse == nil {
      news.insert(News(series: finding.series, kernel: finding.kernel, what: finding.word.rawValue))
    }
    for problem in record.untested {
      news.insert(News(kernel: problem.kernel, what: "\(problem.kind.rawValue) \(problem.name)"))
    }
    for flood in record.floods { news.insert(News(kernel: flood.kernel, what: "flood")) }
    for search in record.searches where search.state == .answered {
      news.insert(News(kernel: "", what: "search \(search.id)"))
    }
    for change in record.metrics ?? [] where change.isConfirmed {
      news.insert(News(series: change.id.searched.series, kernel: change.id.kernel, what: change.word))
    }
    for drill in record.drills where !drill.wasFound { news.insert(News(kernel: drill.kernel, what: drill.name)) }
    return news
  }

  /// Whether there is something that was not so the night before.
  package var isNews: Bool {
    guard let former else { return !NightMail.news(record).isEmpty }
    return NightMail.news(record) != NightMail.news(former)
  }

  /// The night in one sentence.
  package var summary: String {
    var parts: [String] = []
    func part(_ count: Int, _ one: String, _ many: String) {
      if count > 0 { parts.append("\(count) \(count == 1 ? one : many)") }
    }
    let whole = record.untested.count
    part(whole, "thing not tested at all", "things not tested at all")
    part(
      record.floods.count, "kernel where too much failed to blame a test",
      "kernels where too much failed to blame a test")
    part(findings(.notTested).count, "test not tested any more", "tests not tested any more")
    part(findings(.newFailure).count, "new failure", "new failures")
    part(findings(.undecided).count, "undecided", "undecided")
    part(findings(.stillFailing).count, "still failing", "still failing")
    part(findings(.fixed).count, "fixed", "fixed")
    let moved = (record.metrics ?? []).filter(\.isConfirmed)
    part(moved.count { $0.isWorse }, "metric worse", "metrics worse")
    part(moved.count { !$0.isWorse }, "metric better", "metrics better")
    part(record.searches.count { $0.state == .answered }, "search answered", "searches answered")
    if parts.isEmpty { parts.append("nothing new") }
    if record.passing > 0 { parts.append("\(record.passing) passing") }
    let state = record.state == .complete ? "" : " (\(record.state.title))"
    return parts.joined(separator: ", ") + state
  }

  /// The subject, without its encoding.
  package var subject: String {
    let loudest = [NightRecord.Word.newFailure, .notTested, .fixed, .undecided].lazy.compactMap { word in
      findings(word).first
    }.first
    let name = loudest.map { ": \($0.series.name)" } ?? ""
    return "[ktest] \(record.plan) \(NightMail.day(record.started)): \(summary)\(name)"
  }

  /// The text: at most 78 columns wide, except for words that are longer.
  package var text: String {
    var lines = wrapped(summary + ".", "")
    if let address {
      lines += ["", "\(address)/index.html"]
    }
    if !record.untested.isEmpty || !record.floods.isEmpty {
      lines += ["", "NOT TESTED", ""]
      for problem in record.untested {
        let place = problem.kernel.isEmpty ? "" : " on \(problem.kernel)"
        lines += wrapped("\(problem.kind.title) \(problem.name)\(place): \(problem.reason)", "    ", first: "  ")
      }
      for flood in record.floods {
        lines += wrapped(
          "\(flood.kernel): \(flood.failed) cases failed in their first run, \(flood.usual) are usual. No test is blamed.",
          "    ", first: "  ")
      }
    }
    for word in NightMail.told {
      let all = findings(word)
      guard !all.isEmpty else { continue }
      lines += ["", "\(word.heading.uppercased()) (\(all.count))", ""]
      for finding in all.prefix(NightMail.most) { lines += self.lines(finding) }
      if all.count > NightMail.most { lines.append("  and \(all.count - NightMail.most) more") }
    }
    let moved = (record.metrics ?? []).filter(\.isConfirmed)
    if !moved.isEmpty {
      lines += ["", "METRICS (\(moved.count))", ""]
      for change in moved.prefix(NightMail.most) {
        lines += wrapped(
          "\(change.id.series.name), \(change.id.name)  on \(change.id.kernel): \(change.word)", "    ", first: "  ")
        lines += wrapped("\(change.measure); \(change.sureness)", "    ")
        lines += range(change.lastGood, change.firstBad)
        if let search = change.search { lines += wrapped("search \(search)", "    ") }
        lines.append("")
      }
      if moved.count > NightMail.most { lines.append("  and \(moved.count - NightMail.most) more") }
    }
    if !record.searches.isEmpty {
      lines += ["", "SEARCHES", ""]
      for search in record.searches {
        let sure = search.confidence.map { ", sure to \(HistoryText.number(min($0, 0.999))) %" } ?? ""
        lines += wrapped("\(search.test): \(search.state.title)\(sure)", "    ", first: "  ")
        lines += wrapped("between \(search.good) and \(search.bad)", "    ")
        if !search.answer.isEmpty { lines += wrapped(search.answer, "    ") }
      }
    }
    if !record.differences.isEmpty {
      lines += ["", "DIFFERENT FROM LAST NIGHT", ""]
      for difference in record.differences {
        let name = difference.name.isEmpty ? "" : " \(difference.name)"
        lines += wrapped(
          "\(difference.kind.title)\(name): \(difference.before) -> \(difference.now)", "    ", first: "  ")
      }
    }
    let kernels = record.kernels.map { "\($0.name) \($0.release)" }.joined(separator: ", ")
    lines += [""] + wrapped("Kernels: \(kernels.isEmpty ? "none" : kernels)", "  ")
    lines += wrapped(
      "\(TerminalText.count(record.runs.count, "run")). In strips . passes, F fails, T times out, C crashes, s is skipped, "
        + "k is a known failure, E an error of the harness; the newest is on the right.", "")
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(_ finding: NightRecord.Finding) -> [String] {
    var lines = wrapped("\(finding.series.name)  on \(finding.kernel)", "    ", first: "  ")
    if !finding.strip.isEmpty { lines += wrapped(String(finding.strip.suffix(60)), "    ") }
    var facts: [String] = []
    if let why = finding.notTested { facts.append(why.title) }
    if finding.runs > 0 { facts.append("failed in \(finding.failures) of \(finding.runs) tonight") }
    if let chance = finding.probability {
      facts.append("the kernel's doing: \(HistoryText.number(min(chance, 0.999))) %")
    }
    if let clean = finding.cleanRuns { facts.append("not seen in \(TerminalText.count(clean, "run"))") }
    if let since = finding.since { facts.append("since \(NightMail.day(since))") }
    if !facts.isEmpty { lines += wrapped(facts.joined(separator: "; "), "    ") }
    if let labs = finding.otherLabs { lines += wrapped(labs, "    ") }
    for splat in finding.splats.prefix(3) { lines += wrapped(splat, "    ") }
    if !finding.reason.isEmpty, finding.splats.isEmpty { lines += wrapped(finding.reason, "    ") }
    lines += range(finding.lastGood, finding.firstBad)
    if let search = finding.search { lines += wrapped("search \(search)", "    ") }
    return lines + [""]
  }

  private func range(_ good: NightRecord.Build?, _ bad: NightRecord.Build?) -> [String] {
    guard let good, let bad else { return [] }
    return wrapped("last good \(good.title), first bad \(bad.title)", "    ")
  }

  private func wrapped(_ text: String, _ indent: String, first: String? = nil) -> [String] {
    let room = NightMail.columns - indent.count
    let lines = TerminalText.wrapped(TerminalText.line(sanitised(text), limit: 600), columns: room)
    return lines.enumerated().map { ($0.offset == 0 ? first ?? indent : indent) + $0.element }
  }

  static func day(_ milliseconds: Int64) -> String { String(WallTime(milliseconds: milliseconds).iso.prefix(10)) }
}
