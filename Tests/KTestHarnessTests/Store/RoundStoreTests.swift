import Testing

@testable import KTestHarness
@testable import KTestValues

/// What a repeated run means to a history.
@Suite("A repeated run in the index")
struct RoundStoreTests {
  private func indexed(_ verdicts: [Verdict], load: GuestLoad? = nil) async throws -> [IndexedRun.Result] {
    try await JournalSample.withScratch { state in
      var manifest = JournalSample.manifest
      manifest.load = load
      let journal = try JournalSample.journal(in: state, manifest: manifest)
      for event in RoundTests.events(verdicts) { try await journal.record(event) }
      return IndexedRun(try readJournal(at: journal.directory), name: "r").results
    }
  }

  @Test(
    "counts once, by its first round",
    arguments: [
      [Verdict.pass, .fail, .pass], [.fail, .pass], [.skip, .crash],
    ])
  func first(_ verdicts: [Verdict]) async throws {
    let results = try await indexed(verdicts)
    #expect(results.map(\.verdict) == [verdicts[0]])
    #expect(results.first?.reason == (verdicts[0] == .pass ? "" : "\(verdicts[0]) in 1"))
  }

  @Test("has no splat of a later round: docs/issues.md says why")
  func splats() async throws {
    func titles(_ round: Int) async throws -> [[String]] {
      try await JournalSample.withScratch { state in
        let journal = try JournalSample.journal(in: state)
        for event in RoundTests.events([.pass, .pass]) {
          guard case .caseFinished(let suite, let kernel, var result) = event, result.round == round else {
            try await journal.record(event)
            continue
          }
          (result.verdict, result.reason, result.cause) = (.fail, "kernel: WARNING in f", VerdictCause(.splat))
          result.splats = [SplatNote(title: "WARNING in f", type: "WARNING", guestSeconds: nil, start: 0, end: 1)]
          try await journal.record(.caseFinished(suite: suite, kernel: kernel, result: result))
        }
        return IndexedRun(try readJournal(at: journal.directory), name: "r").results.map(\.splats)
      }
    }
    #expect(try await titles(1) == [["WARNING in f"]])
    #expect(try await titles(2) == [[]])
  }

  @Test("does not count under load")
  func load() async throws { #expect(try await indexed([.fail], load: GuestLoad()).isEmpty) }
}
