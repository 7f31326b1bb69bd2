import KTestValues

/// Returns runs as one table of suites by kernels in Markdown, with each result that is no plain pass and its reason below
/// it. It can be read as it is.
package func markdownReport(_ runs: [RecordedSummary]) -> String {
  let table = KernelTable(runs)
  guard !table.rows.isEmpty else { return "No case has a verdict.\n" }
  var text = row(["suite"] + table.columns.map { MarkdownText.line($0.label) })
  text += "|" + String(repeating: "---|", count: table.columns.count + 1) + "\n"
  for line in table.rows { text += row([MarkdownText.line(line.suite)] + line.cells.map(MarkdownText.cell)) }
  text += "\n"
  for column in table.columns where !column.origin.isEmpty {
    text += "- \(MarkdownText.line(column.label)): \(MarkdownText.line(column.origin))\n"
  }
  if table.columns.contains(where: { !$0.origin.isEmpty }) { text += "\n" }
  for (place, remark) in table.remarks.enumerated() {
    text += "\(place + 1). \(remark.kind.word): \(MarkdownText.line(remark.reason))"
    text += remark.hasVariants ? ", and the same with other numbers\n" : "\n"
    let indent = TerminalText.spaces("\(place + 1). ".count)
    for line in table.places(of: remark) { text += "\(indent)- \(line)\n" }
  }
  if !table.remarks.isEmpty { text += "\n" }
  return text + runs.map(MarkdownText.circumstances).joined(separator: "\n") + "\n"
}

private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }

extension KernelTable {
  /// Returns the places of a remark: a line for each suite and the kernels on which the same cases have it.
  fileprivate func places(of remark: Remark) -> [String] {
    struct Line {
      var suite: String
      var columns: [Int]
      var tests: [Remark.Place]
    }
    var lines: [Line] = []
    for row in rows {
      for column in columns.indices {
        let tests = remark.places.filter { $0.suite == row.suite && $0.column == column }
        guard !tests.isEmpty else { continue }
        let same = lines.firstIndex { line in
          line.suite == row.suite && line.tests.map(\.test) == tests.map(\.test)
            && line.tests.map(\.subtests) == tests.map(\.subtests)
        }
        if let same {
          lines[same].columns.append(column)
        } else {
          lines.append(Line(suite: row.suite, columns: [column], tests: tests))
        }
      }
    }
    return lines.map { line in
      let ran = columns.indices.filter { column in rows.contains { $0.suite == line.suite && $0.cells[column] != nil } }
      let kernels =
        line.columns == ran && ran.count > 1
        ? "every kernel" : line.columns.map { columns[$0].label }.joined(separator: ", ")
      let isWhole =
        line.tests.count > 1 && line.tests.allSatisfy { $0.subtests == 0 }
        && line.columns.allSatisfy { count(line.suite, $0) == line.tests.count }
      let tests =
        isWhole
        ? "all \(line.tests.count) cases" : line.tests.map(\.text).filter { !$0.isEmpty }.joined(separator: ", ")
      let head = MarkdownText.line("\(line.suite) on \(kernels)")
      return tests.isEmpty ? head : "\(head): \(MarkdownText.line(tests, limit: 10_000))"
    }
  }
}

extension KernelTable.Remark.Place {
  fileprivate var text: String {
    subtests > 0 ? "\(test) (\(TerminalText.count(subtests, "subtest")))" : test
  }
}

extension KernelTable.Remark.Kind {
  fileprivate var word: String {
    switch self {
    case .verdict(let verdict): verdict.isBad ? "**\(verdict.rawValue)**" : verdict.rawValue
    case .badBoot(let verdict): "**bad boot, \(verdict.rawValue)**"
    case .absent: "absent"
    case .skippedSubtests: "skipped subtests"
    case .knownFailure: "known failure"
    case .knownFailurePasses: "known failure that passes"
    case .notSteady: "**not steady**"
    case .rounds: "rounds"
    case .attempts: "**attempts**"
    }
  }
}

/// Converts texts for Markdown.
private enum MarkdownText {
  /// Returns a text as one line that means nothing to Markdown, behind a text of ours. What means nothing anyway stays as it
  /// is: an underscore inside of a word, brackets without an address, `<` before a number.
  static func line(_ text: String, limit: Int = 2000) -> String {
    var line = ""
    let plain = Array(TerminalText.line(text, limit: limit))
    for (place, character) in plain.enumerated() {
      let former = place > 0 ? plain[place - 1] : " "
      let next = place + 1 < plain.count ? plain[place + 1] : " "
      let hasMeaning =
        switch character {
        case "\\", "`", "*", "|", "~": true
        case "(": former == "]"
        case "<": next.isLetter || "/!?".contains(next)
        case "_": !isOfWord(former) || !isOfWord(next)
        default: false
        }
      if hasMeaning { line += "\\" }
      line += character == "&" ? "&amp;" : String(character)
    }
    return line
  }

  private static func isOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  /// Returns `9 pass, 1 skip (1, 2)`.
  static func cell(_ cell: KernelTable.Cell?) -> String {
    guard let cell else { return "–" }
    var parts = Verdict.allCases.compactMap { verdict -> String? in
      guard let count = cell.counts[verdict], count > 0 else { return nil }
      let flaky = verdict == .pass && cell.flaky > 0 ? " (**\(cell.flaky) flaky**)" : ""
      return verdict.isBad ? "**\(count) \(verdict.rawValue)**" : "\(count) \(verdict.rawValue)\(flaky)"
    }
    if cell.badBoots > 0 { parts.append("**\(TerminalText.count(cell.badBoots, "bad boot"))**") }
    if cell.absent > 0 { parts.append("\(cell.absent) absent") }
    if parts.isEmpty { parts = ["nothing"] }
    let remarks = cell.remarks.sorted().map { "\($0 + 1)" }.joined(separator: ", ")
    return parts.joined(separator: ", ") + (remarks.isEmpty ? "" : " (\(remarks))")
  }

  static func circumstances(_ run: RecordedSummary) -> String {
    let manifest = run.manifest
    let parts =
      [
        manifest.map { "ktest \($0.ktest)" }, manifest?.accelerator.used, manifest?.qemu.map { "QEMU \($0)" },
        manifest.flatMap { $0.selection.isEmpty ? nil : "only \($0.selection.joined(separator: " "))" },
        run.summary.interrupted ? "interrupted" : nil,
      ].compactMap { $0 } + run.summary.circumstances
    return "Run " + line(([run.summary.run] + parts).joined(separator: ", ")) + "  "
  }
}
