import Foundation
import Testing

@testable import KTestValues

/// What suites/selftest promises, without a guest.
@Suite struct SelftestSuitesTests {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  static func suites() throws -> [KTestValues.Suite] {
    let folder = "\(repository)/suites/selftest"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }.sorted()
    return try names.map { name in
      let bytes = [UInt8](try #require(FileManager.default.contents(atPath: "\(folder)/\(name)")))
      let (suite, diagnostics) = KTestValues.Suite.read(bytes: bytes, file: name)
      #expect(diagnostics.isEmpty, "\(name): \(diagnostics)")
      return try #require(suite)
    }
  }

  @Test func everyCaseSaysWhatHappensAndWhy() throws {
    let suites = try SelftestSuitesTests.suites()
    #expect(suites.count >= 3)
    for suite in suites {
      #expect(suite.kind == .selftest && suite.image == "selftest")
      for test in suite.cases {
        let expectation = try #require(test.selftest)
        #expect(!test.description.isEmpty, "\(test.name)")
        // A verdict may be right for the wrong reason.
        #expect(expectation.verdict == .pass || expectation.reason != nil, "\(test.name)")
      }
    }
  }

  @Test func everyFaultAndEveryVerdictIsTried() throws {
    let expectations = try SelftestSuitesTests.suites().flatMap(\.cases).compactMap(\.selftest)
    #expect(Set(expectations.map(\.fault)) == Set(SelftestExpectation.Fault.allCases))
    #expect(Set(expectations.map(\.verdict)) == Set(SelftestExpectation.Outcome.allCases))
  }

  @Test func namesAreUniqueOverAllSuites() throws {
    let names = try SelftestSuitesTests.suites().flatMap(\.cases).map(\.name)
    #expect(Set(names).count == names.count)
  }
}
