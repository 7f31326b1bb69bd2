import KTestValues

/// Returns a table of series, one a line, under a line for the kernels and the host that they belong to. Names are as long as
/// they are, so they come last.
package func historyList(_ summaries: [SeriesSummary], style: TerminalStyle) -> String {
  var places: [String] = []
  var groups: [String: [SeriesSummary]] = [:]
  for summary in summaries {
    let place = summary.series.place
    if groups[place] == nil { places.append(place) }
    groups[place, default: []].append(summary)
  }
  return places.map { place in
    let rows = (groups[place] ?? []).map { summary in
      [
        summary.recent, HistoryText.share(summary),
        HistoryText.range(summary.tally), summary.series.name,
      ]
    }
    return style.paint(TerminalText.line(place.isEmpty ? "kernels of unknown origin" : place, limit: 300), .quiet)
      + "\n" + columnReport(["last \(SeriesSummary.recentLength)", "failed", "95 %", "series"], rows, style: style)
  }.joined(separator: "\n")
}

/// Returns the history of each series: its outcomes by kernel, its rate, when that changed, the last good run and the first
/// bad one.
package func historyReport(_ records: [SeriesRecord], style: TerminalStyle) -> String {
  records.map { HistoryText(record: $0, style: style).text }.joined(separator: "\n")
}

/// The history of one series as text.
struct HistoryText {
  let record: SeriesRecord
  let style: TerminalStyle

  /// The columns that a line has where the output is no terminal.
  private static let columns = 80
  /// The kernels whose strips are shown: the last ones.
  private static let kernels = 20

  private static let titleWidth = 12
  private var room: Int { max((style.columns ?? HistoryText.columns) - HistoryText.titleWidth - 4, 20) }

  static func share(_ summary: SeriesSummary) -> String {
    if summary.tally.runs > 0 { return share(summary.tally) }
    return summary.recent.contains("k") ? "known failure" : "never tested"
  }

  static func share(_ tally: RunTally) -> String { "\(Int(tally.failures)) of \(Int(tally.runs))" }

  /// The range of the rate: `0 to 12 %`.
  static func range(_ tally: RunTally) -> String {
    guard tally.runs > 0 else { return "" }
    let interval = tally.interval()
    return "\(number(interval.lowerBound)) to \(number(interval.upperBound)) %"
  }

  /// Percent with one place behind the point where it says something.
  static func number(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 || tenths > 100 ? "\((tenths + 5) / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  private func name(_ kernel: IndexedRun.Kernel) -> String {
    var parts = [kernel.label]
    if !kernel.release.isEmpty, !kernel.label.contains(kernel.release) { parts.append("(\(kernel.release))") }
    if !kernel.commit.isEmpty { parts.append(String(kernel.commit.prefix(12))) }
    return TerminalText.line(parts.joined(separator: " "), limit: 100)
  }

  private func run(_ entry: SeriesRecord.Entry) -> String {
    "\(TerminalText.line(entry.run, limit: 100))  \(name(entry.kernel))"
  }

  var text: String {
    var lines = [style.paint(TerminalText.line(record.series.name, limit: 300), .strong)]
    if !record.series.place.isEmpty {
      lines.append("  " + style.paint(TerminalText.line(record.series.place, limit: 300), .quiet))
    }
    lines += strips.map { "  " + $0 }
    lines += facts.flatMap { fact in
      let lines = fact.lines.flatMap { TerminalText.wrapped($0, columns: room) }
      return zip([fact.title] + lines.dropFirst().map { _ in "" }, lines).map { title, line in
        "  " + TerminalText.padded(title, to: HistoryText.titleWidth) + "  " + line
      }
    }
    return lines.map { line in (style.columns.map { TerminalText.clipped(line, to: $0) } ?? line) + "\n" }.joined()
  }

  private var facts: [(title: String, lines: [String])] {
    var facts: [(String, [String])] = []
    let tally = record.tally
    let others = record.entries.count - record.counted.count
    if tally.runs > 0 {
      facts.append(("failed", ["\(HistoryText.share(tally)); with 95 % the rate is \(HistoryText.range(tally))"]))
    }
    if others > 0 || tally.runs == 0 {
      let count = TerminalText.count(others, "result")
      facts.append((tally.runs == 0 ? "not tested" : "not counted", ["\(count): skipped, known, or without a verdict"]))
    }
    if let untested = record.untested {
      facts.append(("not tested", ["since \(run(untested.since))"] + reason(untested.last)))
    } else if tally.runs == 0, let last = record.entries.last {
      facts.append(("", reason(last)))
    }
    facts += record.changes.map(change)
    if let ends = record.ends {
      facts.append(("last good", [ends.lastGood.map(run) ?? "none in the runs that are here"]))
      facts.append(("first bad", [run(ends.firstBad)] + reason(ends.firstBad)))
    }
    if record.ends == nil, let failure = record.lastFailure {
      facts.append(("last failed", [run(failure)] + reason(failure)))
    }
    return facts
  }

  private func reason(_ entry: SeriesRecord.Entry) -> [String] {
    entry.reason.isEmpty ? [] : [TerminalText.line(entry.reason, limit: 300)]
  }

  private func change(_ change: SeriesRecord.Change) -> (String, [String]) {
    let point = change.point
    let sure = HistoryText.number(min(point.probability, 0.999))
    var lines = [
      run(change.first),
      "\(HistoryText.share(point.before)) before, \(HistoryText.share(point.after)) since; sure to \(sure) %",
    ]
    if change.earliest != change.latest {
      lines += ["with 99 % between", "  \(run(change.lastBefore ?? change.earliest))", "  \(run(change.latest))"]
    }
    return (point.isWorse ? "worse since" : "better since", lines)
  }

  /// The outcomes by kernel, in the order in which the kernels came last.
  private var strips: [String] {
    var order: [IndexedRun.Kernel] = []
    var outcomes: [IndexedRun.Kernel: [SeriesRecord.Entry]] = [:]
    for entry in record.entries.reversed() {
      if outcomes[entry.kernel] == nil { order.append(entry.kernel) }
      outcomes[entry.kernel, default: []].append(entry)
    }
    let shown = order.prefix(HistoryText.kernels).reversed()
    let names = shown.map(name)
    let width = names.map(TerminalText.width).max() ?? 0
    let room = max((style.columns ?? HistoryText.columns) - width - 4, SeriesSummary.recentLength)
    let lines = zip(shown, names).map { kernel, name in
      let entries = (outcomes[kernel] ?? []).reversed()
      let strip = entries.suffix(entries.count > room ? room - 1 : room).map(\.letter).joined()
      return "\(TerminalText.padded(name, to: width))  \(entries.count > room ? "…" : "")\(strip)"
    }
    guard order.count > shown.count else { return lines }
    return ["… \(TerminalText.count(order.count - shown.count, "kernel")) before"] + lines
  }
}

extension SeriesKey {
  /// What the results of the series have in common apart from the test.
  var place: String { [family, accelerator, host].filter { !$0.isEmpty }.joined(separator: ", ") }
}
