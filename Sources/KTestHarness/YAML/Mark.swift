/// A position in a text file. Both numbers count from 1; a column is one Unicode scalar, even if it is displayed wider.
public struct Mark: Sendable, Equatable, Hashable, Codable, Comparable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: Mark, right: Mark) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}
