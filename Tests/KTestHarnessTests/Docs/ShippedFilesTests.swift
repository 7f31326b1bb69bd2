import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// What ships is right as it is: no errors, no warnings.
@Suite struct ShippedFilesTests {
  @Test(arguments: Document.files(in: "suites", ending: ".yaml"))
  func aSuiteLoads(_ path: String) throws {
    let (suite, diagnostics) = Suite.read(bytes: try Document.bytes(path), file: path)
    #expect(suite != nil)
    #expect(diagnostics == [])
  }

  @Test(arguments: Document.files(in: "suites", ending: ".yaml"))
  func aSuiteHasItsImage(_ path: String) throws {
    let suite = try #require(Suite.read(bytes: try Document.bytes(path), file: path).suite)
    #expect(FileManager.default.fileExists(atPath: "\(Document.root)/images/\(suite.image).yaml"))
  }

  /// What is not declared, `--guests auto` does not know of.
  @Test(arguments: ["page-bench", "thp-migration"])
  func aSuiteThatMeasuresTimeSaysSo(_ name: String) throws {
    let path = "suites/\(name).yaml"
    let suite = try #require(Suite.read(bytes: try Document.bytes(path), file: path).suite)
    #expect(suite.measuresTime(in: suite.cases))
  }

  @Test(arguments: Document.files(in: "images", ending: ".yaml"))
  func aRecipeLoadsAndItsSourcesAreThere(_ path: String) throws {
    let (recipe, diagnostics) = Recipe.read(bytes: try Document.bytes(path), file: path)
    #expect(diagnostics == [])
    for layer in try #require(recipe).layers {
      let sources: [String] =
        switch layer {
        case .compile(_, let sources, _, _), .module(_, let sources, _): sources
        case .file(let source, _, _): [source]
        case .directory, .program, .package, .meson, .selftests, .checkout: []
        }
      for source in sources where !source.hasPrefix("tree:") {
        #expect(FileManager.default.fileExists(atPath: "\(Document.root)/images/\(source)"))
      }
    }
  }

  @Test func thereAreSuitesAndRecipes() {
    #expect(Document.files(in: "suites", ending: ".yaml").contains("suites/device-dax.yaml"))
    #expect(Document.files(in: "images", ending: ".yaml").contains("images/base.yaml"))
  }

  @Test(arguments: Document.files(in: "images/src", ending: "").filter { $0.hasSuffix(".c") || $0.hasSuffix(".h") })
  func aGuestProgramSaysItsLicence(_ path: String) throws {
    let text = String(decoding: try Document.bytes(path), as: UTF8.self)
    let first = text.prefix { $0 != "\n" }
    #expect(first.contains("SPDX-License-Identifier: Apache-2.0") || first.contains("SPDX-License-Identifier: GPL-2.0"))
  }
}
