/// A position in a text file. Both numbers count from 1; a column is one Unicode scalar, even if it is displayed wider.
package struct Mark: Sendable, Equatable, Hashable, Codable, Comparable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static func < (left: Mark, right: Mark) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}
