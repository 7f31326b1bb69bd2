package import KTestValues

/// Returns the issues, one a line, in their order.
package func issueList(_ issues: [Issue], style: TerminalStyle) -> String {
  columnReport(
    ["state", "id", "seen", "last seen", "issue"],
    issues.map { issue in
      [
        issue.state.rawValue + (issue.isExcused ? ", excused" : ""), issue.id, "\(issue.seen) of \(issue.runs)",
        CalendarDay(milliseconds: issue.last.started).description, IssueText(issue: issue, style: style).line,
      ]
    }, style: style)
}

/// Returns each issue as a page: where it stands, when and where it was seen, its excuse and its series.
package func issueReport(_ issues: [Issue], style: TerminalStyle) -> String {
  issues.map { IssueText(issue: $0, style: style).page }.joined(separator: "\n")
}

/// One issue as text.
private struct IssueText {
  let issue: Issue
  let style: TerminalStyle

  /// The columns that a line has where the output is no terminal, and those of what a fact is called.
  private static let (columns, titleWidth) = (80, 11)
  /// The kernels that are named: the last ones.
  private static let kernels = 10

  private var room: Int { max((style.columns ?? IssueText.columns) - IssueText.titleWidth - 4, 20) }

  /// The title with what is to be known beside the columns.
  var line: String {
    var parts = [issue.title]
    if case .splat = issue.key {
      let tests = Set(issue.parts.map(\.series.name))
      let others = tests.count > 1 ? " and \(tests.count - 1) more" : ""
      parts[0] += " (\(issue.last.series.name)\(others))"
    }
    if issue.state == .silent { parts.append(silence) }
    switch issue.excuse {
    case .none, .holds: break
    case .ranOut(let excuse): parts.append("its excuse ran out on \(excuse.until)")
    case .crashed: parts.append("it crashed, which nothing excuses")
    }
    return parts.joined(separator: "; ")
  }

  /// How long it was not seen.
  private var silence: String {
    if let since = issue.untestedSince { return "not tested since \(CalendarDay(milliseconds: since))" }
    guard let silence = issue.silence else {
      let clean = issue.parts.map(\.cleanRuns).min() ?? 0
      return "not seen in \(TerminalText.count(clean, "run"))"
    }
    let needed = silence.needed.map { " of \($0)" } ?? ""
    return "not seen in \(silence.clean)\(needed) runs"
  }

  var page: String {
    let title = TerminalText.wrapped(TerminalText.line(issue.title, limit: 500), columns: style.columns)
    var lines: [String] = []
    for (title, texts) in facts {
      let wrapped = texts.flatMap { TerminalText.wrapped(TerminalText.line($0, limit: 600), columns: room) }
      for (place, text) in wrapped.enumerated() {
        let line = "  " + TerminalText.padded(place == 0 ? title : "", to: IssueText.titleWidth) + "  " + text
        lines.append(style.columns.map { TerminalText.clipped(line, to: $0) } ?? line)
      }
    }
    let text = (title.map { style.paint($0, .strong) } + lines).map { $0 + "\n" }.joined()
    return text + "\n"
      + columnReport(
        ["seen", "since then", "last seen", "series"],
        issue.parts.map { part in
          [
            "\(part.seen) of \(part.runs)", since(part), CalendarDay(milliseconds: part.last.started).description,
            [part.series.name, part.series.place].filter { !$0.isEmpty }.joined(separator: "  "),
          ]
        }, style: style)
  }

  /// What came after the last sighting in a series.
  private func since(_ part: Issue.Part) -> String {
    if part.untestedSince != nil { return "not tested" }
    if part.isClosed { return "closed: \(part.cleanRuns) clean" }
    return "\(part.cleanRuns) of \(part.neededRuns.map(String.init) ?? "–") clean"
  }

  private func sighting(_ sighting: Issue.Sighting) -> String {
    let release = sighting.release.isEmpty || sighting.kernel.contains(sighting.release) ? "" : " (\(sighting.release))"
    return "\(sighting.run)  \(sighting.kernel)\(release)"
  }

  private var facts: [(String, [String])] {
    var facts: [(String, [String])] = [
      ("issue", ["\(issue.id), \(issue.state.rawValue)\(issue.isExcused ? ", excused" : "")"])
    ]
    facts.append(("first seen", [sighting(issue.first)]))
    if issue.since != issue.first { facts.append(("seen since", [sighting(issue.since)])) }
    facts.append(
      ("last seen", [sighting(issue.last), issue.last.series.name] + [issue.last.reason].filter { !$0.isEmpty }))
    let isSilent = issue.untestedSince != nil || issue.silence?.clean != 0
    facts.append(("seen", ["in \(issue.seen) of \(issue.runs) results\(isSilent ? "; \(silence)" : "")"]))
    if issue.returns > 0 { facts.append(("came back", [issue.returns == 1 ? "once" : "\(issue.returns) times"])) }
    let left = issue.kernels.count - IssueText.kernels
    facts.append(
      (
        "kernels",
        [(left > 0 ? "\(left) before, " : "") + issue.kernels.suffix(IssueText.kernels).joined(separator: ", ")]
      ))
    if !issue.hosts.isEmpty { facts.append(("hosts", [issue.hosts.joined(separator: "; ")])) }
    if let excuse = issue.excuse.excuse {
      let standing =
        switch issue.excuse {
        case .ranOut: "it ran out on \(excuse.until)"
        case .crashed: "it does not count, because an excuse covers no crash"
        case .holds, .none: "until \(excuse.until)"
        }
      facts.append(("excuse", [excuse.reason, excuse.link, standing]))
    }
    return facts
  }
}
