package import KTestValues

/// Returns the text of `ktest show RUN --metrics`: each metric of each case with the median and the spread of its
/// samples.
package func metricReport(_ run: RunSummary, style: TerminalStyle) -> String {
  var page = TerminalPage(style: style)
  var found = false
  for suite in run.suites {
    var rows: [[String]] = []
    for result in suite.cases {
      for (key, values) in result.metrics.grouped() {
        let series = MetricSeries(runs: [values])
        rows.append([
          result.verdict == .pass ? result.name : "\(result.name) (\(result.verdict.rawValue))", key.fullName,
          MetricText.value(series.median ?? 0, key.unit), key.unit, series.spread.map(MetricText.rounded) ?? "-",
          "\(values.count)", "\(key.better.rawValue) is better",
        ])
      }
    }
    guard !rows.isEmpty else { continue }
    found = true
    page.line(
      style.paint(TerminalText.line(suite.name, limit: 200), .strong)
        + style.paint("  " + TerminalText.line(suite.kernel, limit: 200), .quiet))
    page.columns(
      [["case", "metric", "median", "unit", "spread", "samples", ""]] + rows, right: [2, 4, 5], headInk: .quiet)
    page.line()
  }
  if !found { page.line("run \(TerminalText.line(run.run)) has no metrics") }
  return page.text
}

/// Returns the metrics for programs, with every sample.
package func metricJSON(_ run: RunSummary) -> String {
  let rows = run.suites.flatMap { suite in
    suite.cases.flatMap { result in
      result.metrics.grouped().map { key, values -> JSONValue in
        let series = MetricSeries(runs: [values])
        return .object([
          ("suite", .string(suite.name)), ("kernel", .string(suite.kernel)), ("case", .string(result.name)),
          ("verdict", .string(result.verdict.rawValue)), ("subtest", .optional(key.subtest)),
          ("name", .string(key.name)), ("unit", .string(key.unit)), ("better", .string(key.better.rawValue)),
          ("median", .optional(series.median)), ("spread", .optional(series.spread)),
          ("samples", .array(values.map { .double($0) })),
        ])
      }
    }
  }
  return JSONValue.object([("run", .string(run.run)), ("metrics", .array(rows))]).page
}

extension TerminalPage {
  /// Adds rows of aligned cells, indented by two; the first row is the head.
  mutating func columns(_ rows: [[String]], right: Set<Int> = [], headInk: Ink = .strong) {
    let cells = rows.map { $0.map { TerminalText.line($0, limit: 120) } }
    let count = cells.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      cells.map { $0.indices.contains(column) ? TerminalText.width($0[column]) : 0 }.max() ?? 0
    }
    for (place, row) in cells.enumerated() {
      var text = "  "
      for (column, cell) in row.enumerated() {
        if right.contains(column) {
          text += TerminalText.rightAligned(cell, to: widths[column])
        } else {
          text += column == count - 1 ? cell : TerminalText.padded(cell, to: widths[column])
        }
        if column < row.count - 1 { text += "  " }
      }
      while text.last == " " { text.removeLast() }
      line(place == 0 ? style.paint(text, headInk) : text)
    }
  }
}
