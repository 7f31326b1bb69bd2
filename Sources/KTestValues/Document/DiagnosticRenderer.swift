/// Renders diagnostics for a terminal or a log: `file:line:col: error: …`, the source line, a caret, the note.
///
/// Nothing of the source or of a message reaches the terminal as a control sequence: unprintable characters become `·`.
/// Long lines are cut to a window around the caret.
package struct DiagnosticRenderer {
  private static let window = 100

  private let lines: [[Unicode.Scalar]]

  /// Creates a renderer. `source` is the content of the file, which need not be UTF-8. A very large file is not shown
  /// at all.
  package init(source: [UInt8]) {
    lines = source.count <= 2 * YAMLLimits.standard.bytes ? Self.split(source) : []
  }

  package func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map { render($0) }.joined(separator: "\n")
  }

  /// Returns the text without a newline at the end.
  package func render(_ diagnostic: Diagnostic) -> String {
    var place = Self.printable(diagnostic.file)
    if let mark = diagnostic.mark { place += ":\(mark.line):\(mark.column)" }
    var text = "\(place): \(diagnostic.severity.rawValue): \(Self.printable(diagnostic.message))"
    if let mark = diagnostic.mark, lines.indices.contains(mark.line - 1) {
      text += Self.excerpt(of: lines[mark.line - 1], column: mark.column)
    }
    if let note = diagnostic.note { text += "\n  note: \(Self.printable(note))" }
    return text
  }

  private static func excerpt(of line: [Unicode.Scalar], column: Int) -> String {
    let caret = min(max(column - 1, 0), line.count)
    var start = 0
    var end = line.count
    if line.count > window {
      start = min(max(0, caret - window / 2), line.count - window)
      end = start + window
    }
    var shown = String.UnicodeScalarView()
    if start > 0 { shown.append("…") }
    shown.append(contentsOf: line[start..<end].map(printable))
    if end < line.count { shown.append("…") }
    let indent = caret - start + (start > 0 ? 1 : 0)
    return "\n  \(String(shown))\n  \(String(repeating: " ", count: indent))^"
  }

  /// Splits lines where libyaml does (YAML 1.1), so that line numbers agree.
  private static func split(_ source: [UInt8]) -> [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = []
    var line: [Unicode.Scalar] = []
    var previous: Unicode.Scalar = " "
    var scalars = String(decoding: source, as: UTF8.self).unicodeScalars[...]
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    for scalar in scalars {
      defer { previous = scalar }
      if scalar == "\n", previous == "\r" { continue }
      if SourceScreening.isBreak(scalar) {
        lines.append(line)
        line.removeAll(keepingCapacity: true)
      } else {
        line.append(scalar)
      }
    }
    lines.append(line)
    return lines
  }

  private static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    result.append(contentsOf: text.unicodeScalars.map(printable))
    return String(result)
  }

  private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar == "\t" { return " " }
    switch scalar.properties.generalCategory {
    // Format characters reverse or hide text, which a message must not be able to do.
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return "·"
    default: return scalar
    }
  }
}
