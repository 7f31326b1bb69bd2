import KTestHost
import KTestValues

/// Writes all pages but those of runs: they change with every run.
struct SitePages {
  let order: PageOrder
  let nights: NightFiles
  let runs: [(id: String, facts: RunFacts)]
  private(set) var index = PageIndex()

  init(order: PageOrder, nights: NightFiles, runs: [(id: String, facts: RunFacts)]) {
    (self.order, self.nights, self.runs) = (order, nights, runs)
    index.runs = Set(runs.map(\.id))
    index.nights = Set(nights.records.map(\.pageName))
    index.address = order.address
  }

  mutating func write(from store: HistoryStore, to folder: inout PageFolder) async throws {
    let summaries = try await store.summaries()
    var subtests: [SeriesKey: [SeriesSummary]] = [:]
    if let query = SeriesQuery("*:*:*") {
      for summary in try await store.summaries(query) {
        subtests[summary.series.wholeCase, default: []].append(summary)
        index.tests.insert(summary.series.name)
      }
    }
    for summary in summaries { index.tests.insert(summary.series.name) }
    let searches = SearchPages(state: order.state, nights: nights.records)
    index.searches = Set(searches.ids)
    let plots = plots
    let columns = MatrixColumns(nights: nights.records, runs: runs.map { ($0.id, $0.facts.started) })
    let suites = Set(summaries.map(\.series.suite)).sorted()
    var rows: [MatrixPage.Row] = []
    var histories: [FailureHistory] = []
    for suite in suites {
      for record in try await SitePages.records(store, suite: suite) {
        if let row = MatrixPage.row(record, columns) { rows.append(row) }
        if record.lastFailure != nil { histories.append(FailureHistory(record)) }
      }
    }
    let arguments = Dictionary(runs.map { ($0.id, $0.facts.arguments) }) { first, _ in first }
    let issues = IssuePages(self.issues(histories), summaries: summaries + subtests.values.flatMap { $0 })
    index.issues = Set(issues.issues.map(\.id))
    // Tests link to issues, so they are read a second time: all of them together may be too much for the memory.
    for suite in suites {
      try Task.checkCancellation()
      for (name, members) in Dictionary(grouping: try await SitePages.records(store, suite: suite), by: \.series.name) {
        let own = members.flatMap { $0.series.subtest.isEmpty ? subtests[$0.series] ?? [] : [] }
        var page = TestPage(records: members, subtests: own, plots: plots, pages: index)
        page.arguments = arguments
        try folder.write(page.page(name))
      }
    }
    for issue in issues.issues { try folder.write(issues.page(issue, index)) }
    folder.keep(Set(index.issues.map(PagePath.issue)), in: "issues")
    try folder.write(issues.list(index))
    folder.keep(Set(index.tests.map(PagePath.test)), in: "tests")
    rows.sort { $0.series < $1.series }
    let matrix = MatrixPage(columns: columns, rows: rows, pages: index, json: historyJSON(summaries))
    try folder.write(matrix.page())
    let hosts = HostsPage(summaries, named: try await store.hosts())
    try folder.write(hosts.page(index))
    try folder.write(ListPages.runs(runs))
    try folder.write(ListPages.nights(nights.records))
    for id in searches.ids { try folder.write(searches.page(id, index)) }
    folder.keep(Set(searches.ids.map(PagePath.search)), in: "searches")
    try folder.write(searches.list(index))
    try writeNights(hosts, summaries, searches, to: &folder)
  }

  private mutating func writeNights(
    _ hosts: HostsPage, _ summaries: [SeriesSummary], _ searches: SearchPages, to folder: inout PageFolder
  ) throws {
    for record in nights.records {
      let page = NightPage(
        record: record, pages: index, former: nights.former(of: record), searches: searches.latest)
      try folder.write(page.page(path: PagePath.night(record.pageName)))
    }
    folder.keep(Set(index.nights.map(PagePath.night)), in: "nights")
    guard let newest = nights.records.last else {
      return try folder.write(HistoryMorning(summaries: summaries, runs: runs, pages: index, hosts: hosts).page())
    }
    let page = NightPage(
      record: newest, pages: index, former: nights.former(of: newest), hosts: hosts.sentences(from: ""),
      searches: searches.latest)
    try folder.write(page.page(path: PagePath.index))
  }

  /// What was seen since the newest night began is news; without nights, what was seen in the day of the newest run.
  private func issues(_ histories: [FailureHistory]) -> [Issue] {
    let newest = runs.map(\.facts.started).max() ?? 0
    let lately = nights.records.last.map { min($0.started, newest) } ?? newest - 86_400_000
    return Issue.gather(
      histories, now: newest, lately: lately, excuses: order.excuses, today: CalendarDay(milliseconds: newest))
  }

  /// The series of all cases and subtests of a suite.
  private static func records(_ store: HistoryStore, suite: String) async throws -> [SeriesRecord] {
    guard var cases = SeriesQuery("*:*"), var subtests = SeriesQuery("*:*:*") else { return [] }
    (cases.suite, subtests.suite) = (suite, suite)
    let records = try await store.records(cases) + store.records(subtests)
    // A star in a suite's name would stand for others as well.
    return records.filter { $0.series.suite == suite }
  }

  /// The metrics of each series, in the order of the runs.
  private var plots: [SeriesKey: [TrendPlot]] {
    struct Key: Hashable { var series: SeriesKey, name: String, unit: String, basis: String }
    var order: [Key] = []
    var values: [Key: (better: Metric.Better, points: [TrendPlot.Point])] = [:]
    for (id, facts) in runs {
      for value in facts.values {
        let key = Key(series: value.series, name: value.name, unit: value.unit, basis: value.basis)
        if values[key] == nil { order.append(key) }
        values[key, default: (value.better, [])].points.append(
          TrendPlot.Point(run: id, kernel: value.kernel, value: value.value))
      }
    }
    var plots: [SeriesKey: [TrendPlot]] = [:]
    for key in order {
      guard let (better, points) = values[key], points.count > 1 else { continue }
      plots[key.series, default: []].append(
        TrendPlot(name: key.name, unit: key.unit, basis: key.basis, better: better, points: points))
    }
    return plots
  }
}
