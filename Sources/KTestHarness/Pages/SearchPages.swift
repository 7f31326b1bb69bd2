import KTestHost
import KTestValues

/// The pages of searches: what is asked, how the suspicion moved from run to run, and the answer.
struct SearchPages: Sendable {
  /// What the nights say of a search, the oldest first.
  private var nights: [String: [(night: NightRecord, search: NightRecord.Search)]] = [:]
  private(set) var ids: [String]
  private let state: String

  private static let textLimit = 1 << 20

  init(state: String, nights records: [NightRecord]) {
    self.state = state
    for record in records {
      for search in record.searches { nights[search.id, default: []].append((record, search)) }
    }
    let found = HostFiles.names(in: "\(state)/bisects").filter(RunID.isValid)
    ids = Set(found).union(nights.keys).sorted()
  }

  private func text(_ id: String, _ file: String) -> String? {
    guard RunID.isValid(id) else { return nil }
    return (try? RegularFile.bytes(of: "\(state)/bisects/\(id)/\(file)", limit: SearchPages.textLimit)).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  func page(_ id: String, _ pages: PageIndex) -> Page {
    let path = PagePath.search(id)
    let root = PagePath.root(from: path)
    let course = RunID.isValid(id) ? SearchCourse(at: "\(state)/bisects/\(id)") : nil
    let told = nights[id] ?? []
    let last = told.last?.search
    var facts: [PageValues] = []
    if let test = last?.test ?? course?.test { facts.append(PageText.fact("test", test)) }
    if let target = last?.target { facts.append(PageText.fact("looks for", target)) }
    func name(_ build: String) -> String { told.last?.night.buildName(build) ?? build }
    if let good = last?.good ?? course?.good { facts.append(PageText.fact("good", name(good))) }
    if let bad = last?.bad ?? course?.bad { facts.append(PageText.fact("bad", name(bad))) }
    for series in last?.series.prefix(20) ?? [] {
      facts.append(PageText.fact("explains", PageText.link(pages.test(series.name, from: root), series.name)))
    }
    var headline = last.map { $0.answer.isEmpty ? $0.state.title : $0.answer } ?? ""
    if let sure = last?.confidence { headline += ", sure to \(PageText.sureness(sure))" }
    return Page(
      path: path, title: "Search \(id)", template: .search,
      values: [
        "headline": .text(headline), "facts": .list(facts), "hasNights": .flag(!told.isEmpty),
        "nights": .list(
          told.map { night, search in
            [
              "night": .markup(PageText.link(pages.night(night.pageName, from: root), PageText.day(night.started))),
              "state": .text(search.state.title), "runs": .number(search.runs),
              "confidence": .text(search.confidence.map(PageText.sureness) ?? ""), "answer": .text(search.answer),
            ]
          }),
        "hasPosterior": .flag(!(course?.rows.isEmpty ?? true)),
        "posterior": .markup(course.map(SearchPages.posterior) ?? Markup()),
        "report": .markup(Markup(text: sanitised(text(id, "report.txt") ?? ""), limit: 100_000)),
        "mail": .markup(Markup(text: sanitised(text(id, "mail.txt") ?? ""), limit: 100_000)),
      ],
      json: text(id, "report.json").map(withoutSecrets)
        ?? JSONValue.array(told.map { SearchPages.json(id, $0.search) }).page)
  }

  /// A row for each commit, a cell for each run, in shades of six and with the last probability as a number.
  private static func posterior(_ course: SearchCourse) -> Markup {
    var markup = Markup()
    markup.begin("table", ["class": "posterior"])
    markup.add("<tbody>")
    for row in course.rows {
      markup.add("<tr>")
      markup.element("th", ["scope": "row"], text: row.commit)
      for chance in row.chances {
        let shade = chance > 0.8 ? 5 : chance > 0.5 ? 4 : chance > 0.2 ? 3 : chance > 0.05 ? 2 : chance > 0.005 ? 1 : 0
        markup.begin("td", ["class": "p\(shade)", "title": PageText.percent(chance)])
        markup.add("<span></span></td>")
      }
      markup.element("td", ["class": "n"], text: PageText.sureness(row.chances.last ?? 0))
      markup.add("</tr>")
    }
    markup.add("</tbody>")
    markup.end("table")
    return markup
  }

  /// The newest that the nights say of each search, by their ids.
  var latest: [String: NightRecord.Search] { nights.compactMapValues { $0.last?.search } }

  private static func json(_ id: String, _ search: NightRecord.Search?) -> JSONValue {
    .object([
      ("search", .string(id)), ("test", .optional(search?.test)), ("target", .optional(search?.target)),
      ("good", .optional(search?.good)), ("bad", .optional(search?.bad)),
      ("state", .optional(search?.state.rawValue)), ("answer", .optional(search?.answer)),
      ("confidence", .optional(search?.confidence)), ("runs", .optional(search?.runs)),
    ])
  }

  func list(_ pages: PageIndex) -> Page {
    let rows = ids.reversed().map { id -> [Markup] in
      let last = nights[id]?.last?.search
      let sure = last?.confidence.map(PageText.sureness) ?? ""
      return [
        PageText.link(pages.search(id, from: ""), id), Markup(text: last?.test ?? ""),
        Markup(text: last?.state.title ?? (text(id, "report.txt") == nil ? "open" : "ended")), Markup(text: sure),
        Markup(text: last?.answer ?? ""),
      ]
    }
    return ListPages.page(
      path: PagePath.searches, title: "Searches",
      note: ids.isEmpty
        ? Markup("No search is recorded yet.") : Markup(text: TerminalText.count(ids.count, "search") + "."),
      columns: ["Search", "Test", "State", "Sure to", "Answer"], rows: rows,
      json: JSONValue.array(ids.reversed().map { SearchPages.json($0, latest[$0]) }).page)
  }
}
