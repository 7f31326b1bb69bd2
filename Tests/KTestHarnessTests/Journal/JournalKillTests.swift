import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct JournalKillTests {
  /// A run that was killed has any prefix of its bytes on the disk.
  @Test func killedAtAnyByte() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for event in JournalSample.lines { try await journal.record(event) }
      let path = journal.directory + "/events.jsonl"
      let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
      let whole = try readJournal(at: journal.directory).summary

      for length in stride(from: bytes.count - 1, through: 0, by: -1) {
        try Data(bytes[..<length]).write(to: URL(filePath: path))
        let contents = try readJournal(at: journal.directory)
        let lines = bytes[..<length].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let complete = lines.count - 1
        // A last line that lacks only its newline counts.
        #expect(contents.events.count >= complete && contents.events.count <= complete + 1)
        #expect(contents.truncated == (contents.events.count == complete && lines.last?.isEmpty == false))
        if contents.state != .finished { #expect(contents.summary.interrupted) }

        let finished = JournalSample.lines.prefix(contents.events.count).compactMap { event in
          if case .caseFinished(_, _, let result) = event { result } else { nil }
        }
        let cases = contents.summary.suites.first?.cases ?? []
        #expect(cases.prefix(finished.count) == finished[...])
        #expect(cases.dropFirst(finished.count).allSatisfy { $0.verdict == .error && $0.reason == "interrupted" })
        if contents.state == .finished { #expect(contents.summary == whole) }
      }
    }
  }

  @Test func killedBeforeTheManifestOrAfterAPowerCut() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for event in JournalSample.lines.prefix(8) { try await journal.record(event) }
      let path = journal.directory + "/events.jsonl"
      let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
      // Some file systems leave zeros where the last blocks were not written.
      try Data(bytes + [UInt8](repeating: 0, count: 4096)).write(to: URL(filePath: path))
      try FileManager.default.removeItem(atPath: journal.directory + "/manifest.json")
      let contents = try readJournal(at: journal.directory)
      #expect(contents.truncated && contents.manifest == nil && contents.id == journal.id)
      #expect(contents.summary.suites[0].cases == [JournalSample.skipped, JournalSample.passed])
    }
  }

  @Test func damageInTheMiddleIsNotPassedOver() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for event in JournalSample.lines { try await journal.record(event) }
      let path = journal.directory + "/events.jsonl"
      var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
      let third = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }[1] + 1
      bytes[third] = UInt8(ascii: "x")
      try Data(bytes).write(to: URL(filePath: path))
      #expect(throws: JournalError.damaged(path: path, line: 3)) { try readJournal(at: journal.directory) }
    }
  }
}
