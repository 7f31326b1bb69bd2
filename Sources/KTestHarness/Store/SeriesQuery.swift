internal import GRDB
import KTestValues

/// Which series are asked for: `SUITE[:CASE[:SUBTEST]]`. A suite without a cell means all of its cells, and `*` in a name
/// stands for anything.
package struct SeriesQuery: Sendable, Equatable {
  package var suite: String
  package var cell: String?
  package var test: String?
  package var subtest: String?

  /// Parses `SUITE[:CASE[:SUBTEST]]`; colons in the cell's brackets separate nothing. Nil for an empty part.
  package init?(_ text: String) {
    var parts = [""]
    var isInCell = false
    for character in text {
      if character == "[", parts.count == 1 { isInCell = true }
      if character == "]" { isInCell = false }
      // An id of a subtest may contain colons.
      if character == ":", !isInCell, parts.count < 3 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    let place = SeriesKey.parts(ofSuite: parts[0])
    (suite, cell) = (place.suite, place.cell.isEmpty ? nil : place.cell)
    test = parts.count > 1 ? parts[1] : nil
    subtest = parts.count > 2 ? parts[2] : nil
  }

  /// The subtests of the cases that are asked for; nil if subtests are asked for.
  package var subtests: SeriesQuery? {
    guard test != nil, subtest == nil else { return nil }
    var query = self
    query.subtest = "*"
    return query
  }

  /// The condition for rows of `series`. Without a subtest, only whole cases match.
  var condition: (sql: String, arguments: StatementArguments) {
    var sql = "1"
    var arguments: StatementArguments = []
    for (column, value) in [("suite", suite), ("cell", cell), ("test", test), ("subtest", subtest ?? "")] {
      guard let value else { continue }
      // Of GLOB's special characters, only the star is one here.
      let pattern = value.map { $0 == "[" ? "[[]" : $0 == "?" ? "[?]" : String($0) }.joined()
      sql += value.contains("*") ? " AND \(column) GLOB ?" : " AND \(column) = ?"
      arguments += [value.contains("*") ? pattern : value]
    }
    if subtest != nil { sql += " AND subtest <> ''" }
    return (sql, arguments)
  }
}
