import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

/// Holds docs/journal.md and the code together.
@Suite struct JournalDocumentTests {
  private func block(_ language: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try #require(JournalSample.text(of: root.appending(path: "docs/journal.md").path))
    let start = try #require(text.firstRange(of: "```\(language)\n")?.upperBound)
    let rest = text[start...]
    return String(rest[..<(try #require(rest.firstRange(of: "\n```")?.lowerBound))]) + "\n"
  }

  @Test func theExampleHasEveryEventAsItIsWritten() throws {
    var types: Set<String> = []
    for line in try block("jsonl").split(separator: "\n") {
      let recorded = try RecordedEvent(line: line.utf8)
      #expect(recorded.line.map { String(decoding: $0, as: UTF8.self) } == line + "\n")
      types.insert(try JSONDecoder().decode(Kind.self, from: Data(line.utf8)).type)
    }
    let written = (JournalSample.lines + JournalSample.more).compactMap {
      RecordedEvent(time: WallTime(milliseconds: 0), event: $0).line
    }
    #expect(types == Set(try written.map { try JSONDecoder().decode(Kind.self, from: Data($0)).type }))
  }

  @Test func theSummaryIsWhatIsPrinted() throws {
    let text = try block("json summary")
    let summary = try JSONDecoder().decode(RunSummary.self, from: Data(text.utf8))
    #expect(jsonReport(summary) == text)
  }

  /// Every key of the example is read, and every key that is written is in the example.
  @Test func theManifestIsTheWholeManifest() throws {
    let text = try block("json manifest")
    let manifest = try JSONDecoder().decode(RunManifest.self, from: Data(text.utf8))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let written = String(decoding: try encoder.encode(manifest), as: UTF8.self)
    func keys(_ json: String) -> [String] {
      json.matches(of: #/"([A-Za-z0-9]+)"\s*:/#).map { String($0.output.1) }.sorted()
    }
    #expect(keys(written) == keys(text))
    #expect(manifest.schema == RunManifest.currentSchema)
  }

  private struct Kind: Decodable { var type: String }
}
