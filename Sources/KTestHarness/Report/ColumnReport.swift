/// Rows under a header, in columns as wide as their texts. The last column is cut at the terminal's edge; where the terminal
/// leaves too little of it, it has lines of its own above the others.
package func columnReport(_ header: [String], _ rows: [[String]], style: TerminalStyle) -> String {
  let cells = rows.map { row in row.map { TerminalText.line($0, limit: 1000) } }
  let widths = header.indices.map { column in
    ([header] + cells).map { TerminalText.width($0[column]) }.max() ?? 0
  }
  let room = (style.columns ?? .max) - widths.dropLast().reduce(0) { $0 + $1 + 2 }
  let isNarrow = style.columns != nil && room < min(leastColumns, widths.last ?? 0)
  func fitted(_ text: String) -> String {
    var text = text
    while text.hasSuffix(" ") { text.removeLast() }
    return style.columns.map { TerminalText.clipped(text, to: $0) } ?? text
  }
  func lines(_ cells: [String]) -> [String] {
    let others = zip(cells.dropLast(), widths).map { TerminalText.padded($0, to: $1) }.joined(separator: "  ")
    guard isNarrow else { return [fitted(others + (cells.count > 1 ? "  " : "") + (cells.last ?? ""))] }
    return TerminalText.wrapped(cells.last ?? "", columns: style.columns).map(fitted) + [fitted("  " + others)]
  }
  let head = header.contains { !$0.isEmpty } ? lines(header).map { style.paint($0, .strong) } : []
  return (head + cells.flatMap(lines)).map { $0 + "\n" }.joined()
}

/// What is left of the last column at least.
private let leastColumns = 24
