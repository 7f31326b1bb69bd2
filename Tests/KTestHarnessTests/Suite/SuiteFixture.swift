import Foundation
import Testing

@testable import KTestValues

enum SuiteFixture {
  private static func url(_ name: String, _ file: String) -> URL {
    URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/Suite").appending(path: name)
  }

  static func bytes(_ name: String, file: String = #filePath) throws -> [UInt8] {
    Array(try Data(contentsOf: url(name, file)))
  }

  /// Compares with a file; with KTEST_RECORD=1 writes it and fails.
  static func expectGolden(_ text: String, _ name: String, file: String = #filePath) throws {
    let url = url(name, file)
    if ProcessInfo.processInfo.environment["KTEST_RECORD"] == "1" {
      try Data(text.utf8).write(to: url)
      Issue.record("recorded \(name)")
      return
    }
    #expect(text == String(decoding: try Data(contentsOf: url), as: UTF8.self), "differs from \(name)")
  }

  /// Reads a suite that must be without any diagnostic.
  static func clean(_ text: String) throws -> Suite {
    let (suite, diagnostics) = Suite.read(bytes: Array(text.utf8), file: "t.yaml")
    #expect(diagnostics == [])
    return try #require(suite)
  }

  /// What is said of a text, as `line:column message`.
  static func messages(_ text: String) -> [String] {
    Suite.read(bytes: Array(text.utf8), file: "t.yaml").diagnostics
      .map { "\($0.line ?? 0):\($0.column ?? 0) \($0.message)" }
  }
}
