/// What stands on a command line for a suite: its path or name, and behind it which cells and cases are meant.
public struct SuiteArgument: Sendable, Equatable {
  public var name: String
  /// The text of a ``CaseSelection``; nil for all cases.
  public var selection: String?

  /// Reads `NAME`, `NAME:CASE`, `NAME[AXIS=VALUE]` and `NAME[AXIS=VALUE]:CASE`.
  ///
  /// A path may have colons and brackets of its own: what is a file as a whole is one, then its longest part that is.
  public init(parsing text: String, isFile: (String) -> Bool) {
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
