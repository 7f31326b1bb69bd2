import KTestValues

/// Returns the comparison for people: kernels and circumstances, changed verdicts, then the metrics.
package func comparisonReport(_ comparison: RunComparison, style: TerminalStyle) -> String {
  var page = TerminalPage(style: style)
  for (label, kernels) in [("first   ", comparison.kernels.base), ("second  ", comparison.kernels.with)] {
    for (place, kernel) in kernels.enumerated() {
      page.wrapped(place == 0 ? label : "        ", .quiet, TerminalText.line(kernel), .strong)
    }
  }
  for line in comparison.circumstances { page.wrapped("note:   ", .quiet, TerminalText.line(line)) }
  page.line()
  page.cases(comparison)
  page.metrics(comparison)
  page.closing(comparison)
  return page.text
}

extension RunComparison.Change {
  fileprivate var ink: Ink {
    switch self {
    case .worse: .bad
    case .better: .good
    case .unclear: .trouble
    case .same: .quiet
    }
  }
}

extension TerminalPage {
  fileprivate mutating func cases(_ comparison: RunComparison) {
    let ranked: [RunComparison.Change] = [.worse, .unclear, .better]
    for change in ranked {
      for row in comparison.cases where row.change == change { self.row(row) }
    }
    for row in comparison.cases where row.change == .same && (Set(row.base) != Set(row.with) || !row.notes.isEmpty) {
      self.row(row)
    }
    let same = comparison.cases.count { $0.change == .same }
    line(style.paint("\(TerminalText.count(same, "case")) with the same verdict", .quiet))
    line()
  }

  private mutating func row(_ row: RunComparison.CaseRow) {
    let word = TerminalText.padded(row.change.rawValue, to: 8)
    let name = TerminalText.line("\(row.suite)/\(row.name)", limit: 300)
    let kernel = row.kernel.map { style.paint("  " + TerminalText.line($0, limit: 200), .quiet) } ?? ""
    line(
      style.paint(word, row.change.ink) + style.paint(name, .strong) + kernel
        + "  \(words(row.base)) → \(words(row.with))")
    for note in row.notes { wrapped("        ", .plain, TerminalText.line(note)) }
  }

  /// Returns verdicts as text: `pass`, or `fail, pass ×2`.
  private func words(_ verdicts: [Verdict]) -> String {
    if verdicts.isEmpty { return "-" }
    return Verdict.allCases.reversed().compactMap { verdict in
      let count = verdicts.count { $0 == verdict }
      guard count > 0 else { return nil }
      return count == 1 ? verdict.rawValue : "\(verdict.rawValue) ×\(count)"
    }.joined(separator: ", ")
  }

  fileprivate mutating func metrics(_ comparison: RunComparison) {
    guard !comparison.metrics.isEmpty else { return }
    let ranked: [RunComparison.Change] = [.worse, .better, .same, .unclear]
    let rows = ranked.flatMap { change in
      comparison.metrics.filter { $0.change == change }.map { row -> [String] in
        let (old, new) = (row.base.median, row.with.median)
        let spread = [row.base.spread, row.with.spread].compactMap { $0 }.max()
        var change = ""
        let unit = row.key.unit
        if let old, let new { change = MetricText.change(from: old, to: new, unit: unit) }
        let place = "\(row.suite)/\(row.name)" + (row.kernel.map { " \($0)" } ?? "")
        return [
          row.change == .same ? "within" : row.change.rawValue, place, row.key.fullName,
          MetricText.value(old, unit), MetricText.value(new, unit), unit, change,
          spread.map(MetricText.rounded) ?? (unit == Metric.instructions ? "-" : "unknown"),
          "\(row.base.count)/\(row.with.count)", row.note,
        ]
      }
    }
    columns(
      [["", "case", "metric", "first", "second", "unit", "change", "spread", "samples", ""]] + rows,
      right: [3, 4, 6, 7, 8], headInk: .quiet)
    line()
  }

  fileprivate mutating func closing(_ comparison: RunComparison) {
    let changes = comparison.cases.map(\.change) + comparison.metrics.map(\.change)
    func count(_ change: RunComparison.Change) -> Int { changes.count { $0 == change } }
    let word: (String, Ink) =
      comparison.isWorse ? ("worse", .bad) : count(.unclear) > 0 ? ("unclear", .trouble) : ("not worse", .good)
    line(
      style.paint(word.0, word.1)
        + "  \(count(.worse)) worse, \(count(.better)) better, \(count(.unclear)) unclear, \(count(.same)) the same")
  }
}

/// Returns the comparison for programs; docs/compare.md describes it.
package func comparisonJSON(_ comparison: RunComparison) -> String {
  func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
  let kernels = JSONValue.object([
    ("first", texts(comparison.kernels.base)), ("second", texts(comparison.kernels.with)),
  ])
  return JSONValue.object([
    ("worse", .bool(comparison.isWorse)),
    ("kernels", kernels),
    ("circumstances", texts(comparison.circumstances)),
    ("cases", .array(comparison.cases.map(\.json))),
    ("metrics", .array(comparison.metrics.map(\.json))),
  ]).page
}

extension RunComparison.CaseRow {
  fileprivate var json: JSONValue {
    func words(_ verdicts: [Verdict]) -> JSONValue { .array(verdicts.map { .string($0.rawValue) }) }
    return .object([
      ("suite", .string(suite)), ("kernel", .optional(kernel)), ("case", .string(name)),
      ("change", .string(change.rawValue)), ("first", words(base)), ("second", words(with)),
      ("notes", .array(notes.map { .string($0) })),
    ])
  }
}

extension RunComparison.MetricRow {
  fileprivate var json: JSONValue {
    .object([
      ("suite", .string(suite)), ("kernel", .optional(kernel)), ("case", .string(name)),
      ("subtest", .optional(key.subtest)), ("name", .string(key.name)), ("unit", .string(key.unit)),
      ("better", .string(key.better.rawValue)), ("change", .string(change.rawValue)), ("note", .string(note)),
      ("first", base.json), ("second", with.json),
    ])
  }
}

extension MetricSeries {
  fileprivate var json: JSONValue {
    .object([
      ("median", .optional(median)), ("spread", .optional(spread)),
      ("runs", .array(runs.map { .array($0.map { .double($0) }) })),
    ])
  }
}
