/// A source file that a line of a splat names, with the function in it.
struct SourceMention: Sendable, Equatable {
  /// The path as printed, without the line number.
  var path: String
  /// The function in that file. It stands before the path in a frame, after it in the header of a WARNING; empty if
  /// there is none.
  var function: [UInt8]
  /// Whether the line is a frame with a path, which only a symboliser makes of it.
  var isSymbolised: Bool
  /// Whether the line lists held locks or interrupt state, whose places are not frames.
  var isNoFrame: Bool

  /// Returns all source files of a line in order. One frame has several if it lists its inlined functions:
  /// `foo (include/linux/a.h:1 fs/b.c:2)`.
  static func read(_ line: [UInt8]) -> [SourceMention] {
    guard StackFrame.mayHaveSource(line) else { return [] }
    var found: [SourceMention] = []
    var function: [UInt8] = []
    let isFrame = !StackFrame.read(line).isEmpty
    var start = 0
    while let source = StackFrame.source(line, from: start) {
      guard let place = line.place(of: Array(source.utf8), from: start) else { break }
      let end = place + source.utf8.count
      let path = source.prefix { $0 != ":" }
      if suffixes.contains(where: { path.hasSuffix($0) }) {
        let isFirst = function.isEmpty || Array(line[start..<place]).contains(offset)
        if isFirst { function = functionAfter(line, end) ?? functionBefore(Array(line[start..<place])) }
        found.append(
          SourceMention(
            path: String(path), function: function,
            isSymbolised: Array(line[..<place]).contains(offset) || isFrame,
            isNoFrame: notFrames.contains { $0.isIn(line) }))
      }
      start = end
    }
    return found
  }

  /// Reads `foo+0x1/0x2 ` or `foo (`, with which the text ends.
  private static func functionBefore(_ text: [UInt8]) -> [UInt8] {
    let words = text.split { $0 == ASCII.space || $0 == parenthesis || $0 == UInt8(ascii: ":") }
    return Array((words.last ?? []).prefix(while: ASCII.isSymbol))
  }

  /// Reads ` at foo+0x1/0x2` or ` foo+0x1/0x2`.
  private static func functionAfter(_ line: [UInt8], _ place: Int) -> [UInt8]? {
    let start = line.has(at, at: place) ? place + at.count : place + 1
    guard let end = StackFrame.functionEnd(line, from: start), line.has(offset, at: end) else { return nil }
    return Array(line[start..<end])
  }

  private static let suffixes = [".c", ".h", ".rs", ".S"]
  private static let at = Array(" at ".utf8)
  private static let offset = Array("+0x".utf8)
  private static let parenthesis = UInt8(ascii: "(")
  private static let notFrames: [TextPattern] = [
    "hardirqs last ", "softirqs last ", ", at: ", "^ #<n>:", "^#<n>:", "^Register r<n> information",
  ]
}
