import Foundation
import Testing

/// docs/security.md names the test that holds each promise.
@Suite struct SecurityPageTests {
  private static func sources() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(Document.root)/Tests").filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOfFile: "\(Document.root)/Tests/\($0)", encoding: .utf8) }
  }

  private static func page() throws -> String {
    try #require(Document.all.first { $0.path == "docs/security.md" }).text
  }

  @Test func everyNamedTestExists() throws {
    let sources = try Self.sources()
    let names = try Self.page().matches(of: #/`(\w+Tests)\.(\w+)`/#)
    #expect(names.count > 20)
    for name in names {
      let isThere = sources.contains { source in
        source.contains("struct \(name.1) {") && source.contains("func \(name.2)(")
      }
      #expect(isThere, "docs/security.md names \(name.1).\(name.2), and there is no such test")
    }
  }

  @Test func everyPromiseNamesATest() throws {
    var promises = 0
    var isTable = false
    for line in try Self.page().split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "| promise | test |" { isTable = true }
      if line.isEmpty { isTable = false }
      guard isTable, line.hasPrefix("| "), line != "| promise | test |" else { continue }
      promises += 1
      #expect(line.contains(#/\| `\w+Tests\.\w+`[^|]* \|$/#), "no test: \(line)")
    }
    #expect(promises > 15)
  }
}
