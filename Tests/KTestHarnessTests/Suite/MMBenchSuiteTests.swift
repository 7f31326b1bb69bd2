import Foundation
import Testing

@testable import KTestValues

/// The shipped suite mm-bench, its program and its page say the same.
@Suite struct MMBenchSuiteTests {
  /// The rows of each group, from the tables at the end of `rows-GROUP.c`.
  private static func rows() throws -> [String: [String]] {
    var rows: [String: [String]] = [:]
    for path in Document.files(in: "images/src/mm-bench", ending: ".c") where path.contains("/rows-") {
      let text = String(decoding: try Document.bytes(path), as: UTF8.self)
      let table = text.components(separatedBy: "_rows[] = {").dropFirst().joined()
      for entry in table.components(separatedBy: "{{\"").dropFirst() {
        let words = entry.components(separatedBy: "\"")
        guard words.count > 2 else { continue }
        rows[words[2], default: []].append(words[0])
      }
    }
    return rows
  }

  @Test func everyGroupIsOneCase() throws {
    let path = "suites/mm-bench.yaml"
    let suite = try #require(KTestValues.Suite.read(bytes: try Document.bytes(path), file: path).suite)
    let rows = try Self.rows()
    #expect(suite.guest.clock == .instructions)
    #expect(suite.cases.map(\.name).sorted() == rows.keys.sorted() && suite.cases.count == 5)
    for test in suite.cases {
      #expect(test.run == ["mm-bench", test.name])
      if case .range(let wanted)? = test.subtests?.count, wanted.min == wanted.max {
        #expect(wanted == .exactly(rows[test.name]?.count ?? 0), "\(test.name)")
      }
    }
  }

  @Test func everyRowIsExplained() throws {
    let page = String(decoding: try Document.bytes("docs/suites/mm-bench.md"), as: UTF8.self)
    for row in try Self.rows().values.joined() { #expect(page.contains("`\(row)`"), "\(row)") }
  }
}
