/// A suite on the command line: its path or name, and the selected cells and cases.
package struct SuiteArgument: Sendable, Equatable {
  package var name: String
  /// The text of a ``CaseSelection``; nil for all cases.
  package var selection: String?

  /// Parses `NAME`, `NAME:CASE`, `NAME[AXIS=VALUE]` and `NAME[AXIS=VALUE]:CASE`.
  ///
  /// A path may contain colons and brackets: the whole text is the suite if it is a file, else its longest prefix that
  /// is.
  package init(parsing text: String, isFile: (String) -> Bool) {
    name = text
    guard !isFile(text) else { return }
    let marks = text.indices.filter { text[$0] == ":" || text[$0] == "[" }
    guard let end = marks.last(where: { isFile(String(text[..<$0])) }) ?? marks.first else { return }
    let rest = text[end] == ":" ? text[text.index(after: end)...] : text[end...]
    guard !rest.isEmpty else { return }
    name = String(text[..<end])
    selection = String(rest)
  }
}
