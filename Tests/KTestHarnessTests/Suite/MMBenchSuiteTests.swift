import Foundation
import Testing

@testable import KTestValues

/// The shipped suites that run mm-bench, the program and its page say the same.
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
    let rows = try Self.rows()
    var groups: [String] = []
    for name in ["mm-bench", "boot-bench", "dax-bench"] {
      let path = "suites/\(name).yaml"
      let suite = try #require(KTestValues.Suite.read(bytes: try Document.bytes(path), file: path).suite)
      #expect(suite.guest.clock == .instructions)
      groups += suite.cases.map(\.name)
      for test in suite.cases {
        #expect(test.run == ["mm-bench", test.name])
        if case .range(let wanted)? = test.subtests?.count, wanted.min == wanted.max {
          #expect(wanted == .exactly(rows[test.name]?.count ?? 0), "\(test.name)")
        }
      }
    }
    #expect(groups.sorted() == rows.keys.sorted() && groups.count == 16)
  }

  /// Both recipes compile the same program.
  @Test func everySourceIsCompiled() throws {
    let sources = Document.files(in: "images/src/mm-bench", ending: ".c").filter { !$0.hasSuffix("/mm_bench.c") }
    #expect(sources.count > 10)
    for recipe in ["images/mm-bench.yaml", "images/dax-bench.yaml"] {
      let text = String(decoding: try Document.bytes(recipe), as: UTF8.self)
      for source in sources {
        #expect(text.contains("- \(source.dropFirst("images/".count))\n"), "\(recipe): \(source)")
      }
    }
  }

  @Test func everyRowIsExplained() throws {
    let page = String(decoding: try Document.bytes("docs/suites/mm-bench.md"), as: UTF8.self)
    for row in try Self.rows().values.joined() { #expect(page.contains("`\(row)`"), "\(row)") }
  }
}
