import Foundation
import Testing

@testable import KTestValues

/// What docs/console.md shows is what comes out.
@Suite struct ConsolePageTests {
  private struct Finding: Decodable, Equatable {
    var title: String
    var alt: [String]
    var type: String
    var corrupted: Bool
    var suppressed: Bool
    var start: Int
    var end: Int
  }

  @Test func theExampleReadsAsItSays() throws {
    let page = try #require(Document.all.first { $0.path == "docs/console.md" })
    let log = try #require(page.blocks.first { $0.language == "log" })
    let json = try #require(page.blocks.first { $0.language == "json" })
    let found = SplatLog.splats(Array(log.text.utf8)).map {
      Finding(
        title: $0.title, alt: $0.alternatives, type: $0.type?.rawValue ?? "", corrupted: $0.corrupted,
        suppressed: $0.suppressed, start: $0.byteRange.lowerBound, end: $0.byteRange.upperBound)
    }
    #expect(found.count == 1)
    #expect(try JSONDecoder().decode([Finding].self, from: Data(json.text.utf8)) == found)
  }
}
