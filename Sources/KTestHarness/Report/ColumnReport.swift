/// Rows under a header, in columns as wide as their texts. The last column is cut at the terminal's edge.
package func columnReport(_ header: [String], _ rows: [[String]], style: TerminalStyle) -> String {
  let cells = rows.map { row in row.map { TerminalText.line($0, limit: 1000) } }
  let widths = header.indices.map { column in
    ([header] + cells).map { TerminalText.width($0[column]) }.max() ?? 0
  }
  func line(_ cells: [String]) -> String {
    var text = ""
    for (cell, width) in zip(cells.dropLast(), widths) { text += TerminalText.padded(cell, to: width) + "  " }
    text += cells.last ?? ""
    while text.hasSuffix(" ") { text.removeLast() }
    return style.columns.map { TerminalText.clipped(text, to: $0) } ?? text
  }
  let head = header.contains { !$0.isEmpty } ? [style.paint(line(header), .strong)] : []
  return (head + cells.map(line)).map { $0 + "\n" }.joined()
}
