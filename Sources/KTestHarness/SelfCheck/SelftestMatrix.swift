package import KTestValues

/// The result of a selftest: a row for each case, and a sentence for each boot that failed unexpectedly.
package struct SelftestMatrix: Codable, Sendable, Equatable {
  /// The rows of one kernel's run, or of several runs joined.
  package var rows: [SelftestRow] = []
  /// Failures of boots that belong to no case, one sentence each.
  package var strays: [String] = []

  /// Whether everything is as expected. An empty matrix proves nothing.
  package var isAsExpected: Bool { !rows.isEmpty && strays.isEmpty && rows.allSatisfy(\.isAsExpected) }

  package init() {}

  /// Adds one run of selftests on one kernel, as recorded in its journal.
  ///
  /// - Parameters:
  ///   - suites: of kind selftest, with the names of the cases that were to run.
  ///   - traces: what the run left beside its results.
  package mutating func add(
    _ suites: [(suite: Suite, cases: Set<String>)], summary: RunSummary, traces: SelftestTraces = SelftestTraces()
  ) {
    for (suite, cases) in suites {
      let ran = summary.suites.first { $0.name == suite.name }
      for test in suite.cases where cases.contains(test.name) {
        guard let expectation = test.selftest else { continue }
        if ran?.absent.contains(where: { $0.name == test.name }) == true { continue }
        let result = ran?.cases.first { $0.name == test.name }
        let key = CaseKey(suite: suite.name, kernel: ran?.kernel ?? "", name: test.name)
        var row = SelftestRow(
          test, expecting: expectation, suite: suite.name, result: result,
          artefacts: test.artefacts.isEmpty ? [:] : traces.artefacts(key))
        if let result, !row.isSkipped {
          row.differences += traces.differences(of: result, from: expectation, in: summary.boots)
        }
        rows.append(row)
      }
    }
    addStrays(of: summary)
  }

  /// Adds boots that failed. A boot may fail only if one of its cases is expected to end that way.
  private mutating func addStrays(of summary: RunSummary) {
    for boot in summary.boots where boot.verdict.isBad {
      let own = summary.suites.filter { $0.name == boot.suite && $0.kernel == boot.kernel }
        .flatMap(\.cases).filter { $0.boot == boot.id }.map(\.name)
      let isMeant = rows.contains { row in
        row.suite == boot.suite && own.contains(row.name) && row.expected.rawValue == boot.verdict.rawValue
      }
      if !isMeant {
        strays.append(
          "boot \(boot.id) of \(boot.suite): \(boot.verdict.rawValue)\(boot.reason.map { ", \($0)" } ?? "")")
      }
    }
  }
}

extension SelftestMatrix {
  /// The matrix for people: case, description, expected, got, as expected.
  package func text(style: TerminalStyle) -> String {
    let cells = rows.map { row in
      [row.name, row.what, row.expected.rawValue, row.got?.rawValue ?? "nothing"].map {
        TerminalText.line($0, limit: 200)
      }
    }
    let heads = ["case", "what happens", "expected", "got"]
    var widths = heads.indices.map { column in
      ([heads] + cells).map { TerminalText.width($0[column]) }.max() ?? 0
    }
    if let columns = style.columns {
      let others = widths.reduce(0, +) - widths[1] + 2 * 4 + 3
      widths[1] = min(widths[1], max(20, columns - others))
    }
    var lines = [style.paint(SelftestMatrix.line(heads, widths) + "ok", .strong)]
    for (row, cells) in zip(rows, cells) {
      let mark = row.isAsExpected ? style.paint("yes", .good) : style.paint("NO", .bad)
      lines.append(SelftestMatrix.line(cells, widths) + mark)
    }
    for row in rows where !row.isAsExpected {
      lines.append("")
      lines.append(style.paint("NO", .bad) + "  " + TerminalText.line("\(row.suite)/\(row.name)"))
      lines += row.differences.map { "    " + TerminalText.line($0) }
      if let reason = row.reason { lines.append("    it said: " + TerminalText.line(reason)) }
    }
    if !strays.isEmpty { lines.append("") }
    lines += strays.map { style.paint("NO", .bad) + "  " + TerminalText.line($0) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ cells: [String], _ widths: [Int]) -> String {
    zip(cells, widths).map { TerminalText.padded(TerminalText.clipped($0, to: $1), to: $1) + "  " }.joined()
  }
}
