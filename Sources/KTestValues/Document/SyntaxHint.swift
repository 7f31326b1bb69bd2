/// Translates libyaml's messages about syntax errors into advice for the author of the file.
enum SyntaxHint {
  static func report(_ error: YAMLEvents.SyntaxError, in bytes: [UInt8], to diagnostics: Diagnostics) {
    let lines = Lines(bytes)
    if let mark = error.mark, let tab = lines.indentingTab(near: mark) {
      diagnostics.error(
        at: tab, "a tab indents this line; YAML allows spaces only", note: "replace each tab by two spaces")
      return
    }
    var message = "not valid YAML: \(error.problem)"
    if let context = error.context {
      message += " \(context)"
      if let start = error.contextMark, start.line != error.mark?.line {
        message += " that starts in line \(start.line)"
      }
    }
    let note = note(for: error, found: error.mark.flatMap { lines.scalar(at: $0) })
    diagnostics.error(at: error.mark, message, note: note)
  }

  private static func note(for error: YAMLEvents.SyntaxError, found: Unicode.Scalar?) -> String? {
    let words = error.problem + " " + (error.context ?? "")
    if words.contains("scanning an alias") || words.contains("scanning an anchor") {
      return "a text that starts with '*' or '&' must be quoted"
    }
    if words.contains("cannot start any token"), let found {
      return "a text that starts with '\(found)' must be quoted"
    }
    for (problem, note) in notes where words.contains(problem) { return note }
    return nil
  }

  private static let notes = [
    ("mapping values are not allowed", "quote a text that contains ': '; otherwise check the indentation"),
    ("expected ',' or ']'", "is a ']' or a comma missing, or a text with '[' or ',' not quoted?"),
    ("expected ',' or '}'", "is a '}' or a comma missing, or a text with '{' or ',' not quoted?"),
    ("could not find expected ':'", "is the ':' after a key missing, or the space after it?"),
    ("did not find expected key", "check the indentation: keys of one mapping start in the same column"),
    ("block sequence entries are not allowed", "put the first '- ' on its own line"),
    ("scanning a quoted scalar", "is the closing quote missing?"),
    (
      "unknown escape character",
      "inside double quotes a backslash is written '\\\\'; inside single quotes it stands for itself"
    ),
    ("scanning a block scalar", "a text that starts with '>' or '|' must be quoted"),
    ("scanning a tag", "a text that starts with '!' must be quoted"),
    ("found undefined tag handle", "a text that starts with '!' must be quoted"),
  ]

  /// The lines of the source; created only if there is an error.
  private struct Lines {
    private var lines: [String.UnicodeScalarView.SubSequence]

    init(_ bytes: [UInt8]) {
      var scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
      if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
      lines = []
      var start = scalars.startIndex
      var index = start
      while index < scalars.endIndex {
        let scalar = scalars[index]
        let end = index
        scalars.formIndex(after: &index)
        guard SourceScreening.isBreak(scalar) else { continue }
        if scalar == "\r", index < scalars.endIndex, scalars[index] == "\n" { scalars.formIndex(after: &index) }
        lines.append(scalars[start..<end])
        start = index
      }
      lines.append(scalars[start...])
    }

    func scalar(at mark: Mark) -> Unicode.Scalar? {
      guard lines.indices.contains(mark.line - 1) else { return nil }
      return lines[mark.line - 1].dropFirst(mark.column - 1).first
    }

    /// Returns the first tab in the indentation of the line at `mark`, or of the line above: libyaml often detects it
    /// late.
    func indentingTab(near mark: Mark) -> Mark? {
      for line in [mark.line, mark.line - 1] where lines.indices.contains(line - 1) {
        for (column, scalar) in lines[line - 1].enumerated() {
          if scalar == "\t" { return Mark(line: line, column: column + 1) }
          if scalar != " " { break }
        }
      }
      return nil
    }
  }
}
