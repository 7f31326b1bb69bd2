import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite struct DocumentTests {
  @Test func thePagesAreThere() {
    let paths = Document.all.map(\.path)
    for page in ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/README.md", "docs/architecture.md"] {
      #expect(paths.contains(page))
    }
  }

  /// Each is a whole suite, recipe or file of excuses, so that a reader can copy it.
  @Test(arguments: Document.all)
  func yamlBlocksLoad(_ document: Document) throws {
    for block in document.blocks where block.language == "yaml" {
      let place = "\(document.path):\(block.line)"
      let bytes = Array(block.text.utf8)
      let diagnostics: [Diagnostic]
      if block.text.hasPrefix("image:") {
        diagnostics = Recipe.read(bytes: bytes, file: place).1
      } else if block.text.hasPrefix("night:") {
        diagnostics = NightPlan.read(bytes: bytes, file: place).diagnostics
      } else if block.text.hasPrefix("excuses:") {
        diagnostics = Excuses.read(bytes: bytes, file: place).diagnostics
      } else if document.path == "docs/clusters.md" {
        diagnostics = SSHHosts.read(bytes: bytes, file: place).diagnostics
      } else {
        diagnostics = Suite.read(bytes: bytes, file: place).diagnostics
      }
      #expect(diagnostics == [], "\(DiagnosticRenderer(source: bytes).render(diagnostics))")
    }
  }

  @Test func everyKeyOfASuiteIsExplained() throws {
    let page = try #require(Document.all.first { $0.path == "docs/write-a-suite.md" }).text
    let shapes = [
      SuiteSchema.suite, SuiteSchema.testCase, SuiteSchema.guest, SuiteSchema.numaNode, SuiteSchema.region,
      SuiteSchema.hugepages, SuiteSchema.module, SuiteSchema.requirements, SuiteSchema.dmesg, SuiteSchema.dmesgMatch,
      SuiteSchema.known, SuiteSchema.condition, SuiteSchema.subtests, SuiteSchema.skip, SuiteSchema.metric,
      SuiteSchema.selftest,
      SuiteSchema.buildCase,
    ]
    for shape in shapes {
      for key in shape.keys {
        #expect(page.contains(try Regex("[`{ \\n]\(key)[`:,}]")), "\(shape.what): \(key)")
      }
    }
  }

  @Test func everyKeyOfAFileOfHostsIsExplained() throws {
    let page = try #require(Document.all.first { $0.path == "docs/clusters.md" }).text
    for key in SSHHosts.hostShape.keys + SSHHosts.shape.keys where key != "hosts" {
      #expect(page.contains("| `\(key)` |"), "\(key)")
    }
    #expect(Document.all.contains { $0.path == "docs/clusters.md" && $0.blocks.contains { $0.language == "yaml" } })
  }

  @Test func everyKeyOfANightIsExplained() throws {
    let page = try #require(Document.all.first { $0.path == "docs/nightly.md" }).text
    for shape in [
      NightSchema.night, NightSchema.kernel, NightSchema.suite, NightSchema.budget, NightSchema.drills,
      NightSchema.lab, NightSchema.mail,
    ] {
      for key in shape.keys { #expect(page.contains(try Regex("[`{ \\n]\(key)[`:,}]")), "\(shape.what): \(key)") }
    }
  }

  @Test func thePlanOfThePageIsTheShippedOne() throws {
    let page = try #require(Document.all.first { $0.path == "docs/nightly.md" })
    let block = try #require(page.blocks.first { $0.language == "yaml" }).text
    let shipped = String(decoding: try Document.bytes("examples/night.yaml"), as: UTF8.self)
    #expect(shipped.hasSuffix(block.hasSuffix("\n") ? block : block + "\n"))
  }

  @Test(arguments: Document.all)
  func linksLeadSomewhere(_ document: Document) throws {
    let folder = URL(filePath: "\(Document.root)/\(document.path)").deletingLastPathComponent()
    for match in document.text.matches(of: /\]\(([^)#]+)(#[^)]*)?\)/) where !match.1.hasPrefix("http") {
      let target = folder.appending(path: String(match.1)).standardized.path
      #expect(FileManager.default.fileExists(atPath: target), "\(match.1)")
    }
  }

  @Test(arguments: Document.all)
  func noPageNamesThePlacesOfOneMachine(_ document: Document) {
    for place in ["/opt/", "/root/", "/tmp/", Document.root] {
      #expect(!document.text.contains(place), "\(place)")
    }
  }
}
