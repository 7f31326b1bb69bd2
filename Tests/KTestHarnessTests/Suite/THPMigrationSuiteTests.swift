import Foundation
import Testing

@testable import KTestValues

/// The shipped suite thp-migration, its programs and its page say the same.
@Suite struct THPMigrationSuiteTests {
  private static let suite: KTestValues.Suite? = {
    let path = "suites/thp-migration.yaml"
    return (try? Document.bytes(path)).flatMap { KTestValues.Suite.read(bytes: $0, file: path).suite }
  }()

  /// Names of the subtests of each group, from the tables at the end of `test-GROUP.c`.
  private static func subtests(of group: String) throws -> [String] {
    let text = String(decoding: try Document.bytes("images/src/thp-migrate/test-\(group).c"), as: UTF8.self)
    let table = text.components(separatedBy: "_subtests[] = {").dropFirst().joined()
    return table.components(separatedBy: "{\"").dropFirst().compactMap { $0.components(separatedBy: "\"").first }
  }

  private static func groups(of test: Case) -> [String] {
    guard test.run.first == "thp-migrate", test.run.count == 3 else { return [] }
    return test.run[2].split(separator: ",").map(String.init)
  }

  @Test func everyGroupRunsInOneCase() throws {
    let suite = try #require(Self.suite)
    let sources = Document.files(in: "images/src/thp-migrate", ending: ".c").compactMap { path in
      path.components(separatedBy: "/test-").dropFirst().last.map { String($0.dropLast(2)) }
    }
    #expect(suite.cases.flatMap(Self.groups).sorted() == sources.sorted() && sources.count == 7)
  }

  @Test func aCaseWantsAsManySubtestsAsItsGroupsHave() throws {
    let suite = try #require(Self.suite)
    for test in suite.cases where !Self.groups(of: test).isEmpty {
      let names = try Self.groups(of: test).flatMap(Self.subtests)
      #expect(test.subtests == .exactly(names.count), "\(test.name): \(names)")
      for known in test.known {
        #expect(names.contains { known.subtest.matches(whole: $0) }, "\(test.name): \(known.subtest)")
      }
    }
  }

  @Test func everyCaseIsOnThePage() throws {
    let suite = try #require(Self.suite)
    let page = String(decoding: try Document.bytes("docs/suites/thp-migration.md"), as: UTF8.self)
    for test in suite.cases { #expect(page.contains("`\(test.name)`"), "\(test.name)") }
  }
}
