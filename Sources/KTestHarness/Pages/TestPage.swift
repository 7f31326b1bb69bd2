import KTestValues

/// The page of one test: what it did on each kind of kernel, since when it fails, and how its metrics moved.
struct TestPage: Sendable {
  /// The histories of one name, for each kind of kernel and host.
  var records: [SeriesRecord]
  /// Of its subtests that were ever named.
  var subtests: [SeriesSummary]
  var plots: [SeriesKey: [TrendPlot]]
  var pages: PageIndex
  /// What stands for each kernel on the command line, by runs and labels.
  var arguments: [String: [String: String]] = [:]

  /// The kernels whose strips are shown, and the results of each: the newest.
  static let (kernels, letters, failures) = (20, 200, 20)

  private let root = "../"

  init(
    records: [SeriesRecord], subtests: [SeriesSummary] = [], plots: [SeriesKey: [TrendPlot]] = [:], pages: PageIndex
  ) {
    (self.records, self.subtests, self.plots, self.pages) = (records, subtests, plots, pages)
  }

  func page(_ name: String) -> Page {
    var values: PageValues = [
      "series": .list(records.map(section)), "hasSubtests": .flag(!subtests.isEmpty), "parent": .text(""),
      "subtestNote": .text(
        "Journals name only the subtests that failed, were skipped or are known failures; \(subtests.count) were."),
      "subtests": .list(
        subtests.map { summary in
          [
            "strip": .markup(Strip(letters: summary.recent).markup),
            "name": .markup(
              PageText.link(pages.test(summary.series.name, from: root), summary.series.subtest)),
            "place": .text(summary.series.placeText + ", failed in \(PageText.share(summary.tally))"),
          ]
        }),
    ]
    if let series = records.first?.series, !series.subtest.isEmpty {
      var parent = Markup(text: "A subtest of ")
      parent.add(PageText.link(pages.test(series.wholeCase.name, from: root), series.wholeCase.name))
      values["parent"] = .markup(parent)
    }
    return Page(
      path: PagePath.test(name), title: name, template: .test, values: values, json: historyJSON(records))
  }

  private func run(_ entry: SeriesRecord.Entry) -> Markup {
    var markup = PageText.link(pages.run(entry.run, from: root), entry.run)
    markup.add(text: " on " + PageText.kernel(entry.kernel))
    return markup
  }

  private func section(_ record: SeriesRecord) -> PageValues {
    let failures = record.entries.reversed().filter { $0.hasFailed == true }.prefix(TestPage.failures)
    let plots = plots[record.series] ?? []
    let lastFailure = record.lastFailure
    return [
      "place": .text(record.series.placeText), "kernels": .list(strips(record)), "facts": .list(facts(record)),
      "reproduce": .text(
        lastFailure.map {
          PageText.command(
            suite: record.series.suiteName, test: record.series.test,
            kernel: arguments[$0.run]?[$0.kernel.label] ?? $0.kernel.label)
        } ?? ""),
      "plots": .list(
        plots.map { plot in
          [
            "title": .text(
              [plot.name, plot.unit, plot.basis].filter { !$0.isEmpty }.joined(separator: ", ")
                + (plot.better == .lower ? "; lower is better" : "; higher is better")),
            "plot": .markup(plot.markup(from: root, pages)), "note": .text(plot.note),
          ]
        }),
      "hasFailures": .flag(!failures.isEmpty),
      "failures": .list(
        failures.map { entry in
          [
            "letter": .text(entry.letter),
            "run": .markup(PageText.link(pages.run(entry.run, from: root), entry.run)),
            "kernel": .text(PageText.kernel(entry.kernel)), "reason": .text(entry.reason),
            "splats": .list(entry.splats.map { ["title": .markup(splat($0))] }),
          ]
        }),
    ]
  }

  private func splat(_ title: String) -> Markup { PageText.link(pages.issue(.splat(title), from: root), title) }

  private func strips(_ record: SeriesRecord) -> [PageValues] {
    var order: [IndexedRun.Kernel] = []
    var outcomes: [IndexedRun.Kernel: [SeriesRecord.Entry]] = [:]
    for entry in record.entries.reversed() {
      if outcomes[entry.kernel] == nil { order.append(entry.kernel) }
      outcomes[entry.kernel, default: []].append(entry)
    }
    let changed = Set(record.changes.map(\.first.run))
    return sorted(order.prefix(TestPage.kernels), outcomes.mapValues { $0.last?.started ?? 0 }).map { kernel in
      let entries = (outcomes[kernel] ?? []).prefix(TestPage.letters).reversed()
      let strip = Strip(
        entries.map { entry in
          Strip.Cell(
            letter: entry.letter, target: pages.run(entry.run, from: root),
            note: entry.run + (entry.reason.isEmpty ? "" : ": " + entry.reason), isChange: changed.contains(entry.run))
        })
      return ["name": .text(PageText.kernel(kernel)), "strip": .markup(strip.markup)]
    }
  }

  /// A kernel that was run again later, to compare with it or by a search, stays where its version belongs.
  private func sorted(
    _ kernels: some Sequence<IndexedRun.Kernel>, _ first: [IndexedRun.Kernel: Int64]
  ) -> [IndexedRun.Kernel] {
    kernels.map { ($0, KernelVersion(release: $0.release) ?? KernelVersion(0), first[$0] ?? 0) }
      .sorted { ($0.1, $0.2, $0.0.identity) < ($1.1, $1.2, $1.0.identity) }.map(\.0)
  }

  private func facts(_ record: SeriesRecord) -> [PageValues] {
    var facts: [PageValues] = []
    let tally = record.tally
    if tally.runs > 0 {
      facts.append(PageText.fact("failed", HistoryText.share(tally)))
      facts.append(PageText.fact("rate with 95 %", HistoryText.range(tally)))
      facts.append(PageText.fact("flips", "\(record.flips)"))
    }
    let others = record.entries.count - record.counted.count
    if others > 0 { facts.append(PageText.fact("not counted", TerminalText.count(others, "result"))) }
    if record.isFlaky { facts.append(PageText.fact("flaky", "fails now and then, and no change explains it")) }
    if let untested = record.untested {
      var value = run(untested.since)
      if !untested.last.reason.isEmpty { value.add(text: ": " + untested.last.reason) }
      facts.append(PageText.fact("not tested since", value))
    }
    for change in record.changes {
      let point = change.point
      var value = run(change.first)
      value.add(
        text: ", \(HistoryText.share(point.before)) before and \(HistoryText.share(point.after)) since, sure to "
          + PageText.sureness(point.probability))
      if change.earliest != change.latest {
        value.add("; with 99 % between ")
        value.add(run(change.lastBefore ?? change.earliest))
        value.add(" and ")
        value.add(run(change.latest))
      }
      facts.append(PageText.fact(point.isWorse ? "worse since" : "better since", value))
    }
    if let ends = record.ends {
      facts.append(
        PageText.fact("last good", ends.lastGood.map(run) ?? Markup("none in the runs that are here")))
      facts.append(PageText.fact("first bad", run(ends.firstBad)))
    }
    return facts
  }
}
