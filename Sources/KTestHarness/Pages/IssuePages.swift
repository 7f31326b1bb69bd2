import KTestValues

/// The pages of issues: failures with one splat title, or of one failing test.
struct IssuePages: Sendable {
  var issues: [Issue]
  /// The last outcomes of each series.
  var strips: [SeriesKey: String]

  init(_ issues: [Issue], summaries: [SeriesSummary]) {
    self.issues = issues
    strips = Dictionary(summaries.map { ($0.series, $0.recent) }) { first, _ in first }
  }

  func page(_ issue: Issue, _ pages: PageIndex) -> Page {
    let path = PagePath.issue(issue.id)
    let root = PagePath.root(from: path)
    let sightings = issue.parts.map(\.last).sorted { $0.started > $1.started }
    return Page(
      path: path, title: issue.title, template: .issue,
      values: [
        "state": .text(issue.state.title), "excuse": .text(IssuePages.text(issue.excuse)),
        "facts": .list(facts(issue, pages, root)),
        "tests": .list(
          issue.parts.map { part in
            [
              "strip": .markup(Strip(letters: strips[part.series] ?? "").markup),
              "name": .markup(PageText.link(pages.test(part.series.name, from: root), part.series.name)),
              "place": .text("\(part.series.placeText), seen in \(part.seen) of \(part.runs) runs"),
            ]
          }),
        "runs": .list(
          sightings.prefix(50).map { sighting in
            [
              "name": .markup(PageText.link(pages.run(sighting.run, from: root), sighting.run)),
              "kernel": .text(sighting.kernel), "reason": .text(sighting.reason),
            ]
          }),
      ], json: IssuePages.json(issue).page)
  }

  private func facts(_ issue: Issue, _ pages: PageIndex, _ root: String) -> [PageValues] {
    func seen(_ sighting: Issue.Sighting) -> Markup {
      var text = PageText.link(pages.run(sighting.run, from: root), PageText.time(sighting.started))
      text.add(text: " on \(sighting.kernel)")
      return text
    }
    var facts = [
      PageText.fact("issue", issue.id), PageText.fact("seen", "in \(issue.seen) of \(issue.runs) runs since the first"),
      PageText.fact("first", seen(issue.first)),
    ]
    if issue.since != issue.first { facts.append(PageText.fact("since it came back", seen(issue.since))) }
    facts.append(PageText.fact("last", seen(issue.last)))
    if issue.returns > 0 { facts.append(PageText.fact("came back", TerminalText.count(issue.returns, "time"))) }
    if let silence = issue.silence, silence.clean > 0 {
      facts.append(
        PageText.fact(
          "not seen in", TerminalText.count(silence.clean, "run") + (silence.needed.map { " of \($0)" } ?? "")))
    }
    if let since = issue.untestedSince { facts.append(PageText.fact("not tested since", PageText.time(since))) }
    facts.append(PageText.fact("kernels", issue.kernels.suffix(20).joined(separator: ", ")))
    if !issue.hosts.isEmpty { facts.append(PageText.fact("hosts", issue.hosts.joined(separator: "; "))) }
    return facts
  }

  private static func text(_ answer: Excuses.Answer) -> String {
    switch answer {
    case .none: ""
    case .holds(let excuse): "Excused until \(excuse.until): \(excuse.reason) (\(excuse.link))"
    case .ranOut(let excuse):
      "It was excused until \(excuse.until), which has passed: \(excuse.reason) (\(excuse.link))"
    case .crashed(let excuse): "It is not excused, because it crashed: \(excuse.reason) (\(excuse.link))"
    }
  }

  func list(_ pages: PageIndex) -> Page {
    let rows = issues.map { issue -> [Markup] in
      [
        PageText.link(pages.issue(issue.key, from: ""), issue.title), Markup(text: issue.state.title),
        Markup(text: "\(issue.seen) of \(issue.runs)"), Markup(text: PageText.day(issue.first.started)),
        Markup(text: PageText.day(issue.last.started)), Markup(text: TerminalText.count(issue.parts.count, "test")),
      ]
    }
    return ListPages.page(
      path: PagePath.issues, title: "Issues",
      note: issues.isEmpty
        ? Markup("Nothing has failed.")
        : Markup("Failures with one splat title, or of one failing test without a splat; the most urgent first."),
      columns: ["Issue", "State", "Seen", "First", "Last", "In"], rows: rows,
      json: JSONValue.array(issues.map(IssuePages.json)).page)
  }

  private static func json(_ issue: Issue) -> JSONValue {
    func seen(_ sighting: Issue.Sighting) -> JSONValue {
      .object([("run", .string(sighting.run)), ("kernel", .string(sighting.kernel))])
    }
    return .object([
      ("id", .string(issue.id)), ("title", .string(issue.title)), ("state", .string(issue.state.rawValue)),
      ("seen", .int(issue.seen)), ("runs", .int(issue.runs)), ("returns", .int(issue.returns)),
      ("first", seen(issue.first)), ("last", seen(issue.last)), ("kernels", .strings(issue.kernels)),
      ("tests", .strings(Set(issue.parts.map(\.series.name)).sorted())),
    ])
  }
}

extension Issue.State {
  var title: String {
    switch self {
    case .back: "came back"
    case .opened: "new"
    case .still: "still seen"
    case .silent: "silent"
    case .closed: "closed"
    }
  }
}
