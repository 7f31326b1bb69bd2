import Foundation
import GRDB
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("The index of runs")
struct StoreTests {
  /// Writes a finished run, an hour after the one before.
  @discardableResult
  static func put(
    _ place: Int, in state: String, _ cases: [CaseResult], suite: String = "demo", kernel: String = "6.12",
    isFinished: Bool = true
  ) async throws -> String {
    let time = WallTime(milliseconds: 1_795_256_102_250 + Int64(place) * 3_600_000)
    let journal = try JournalSample.journal(in: state, clock: { time })
    try await journal.record(.runStarted(cases: cases.count, boots: 1))
    for result in cases {
      try await journal.record(.caseStarted(boot: 1, suite: suite, kernel: kernel, name: result.name))
      try await journal.record(.caseFinished(suite: suite, kernel: kernel, result: result))
    }
    let verdict = Verdict.summary(of: cases.map(\.verdict))
    if isFinished { try await journal.record(.runFinished(verdict: verdict, interrupted: false, seconds: 1)) }
    return journal.directory
  }

  static func result(_ name: String, _ verdict: Verdict, notes: [SubtestNote] = [], executed: Int = 0) -> CaseResult {
    var result = CaseResult(name: name, verdict: verdict, seconds: 1)
    if verdict != .pass { (result.reason, result.cause) = ("because \(verdict)", VerdictCause(.program)) }
    result.subtests = SubtestCounts(pass: executed)
    result.notes = notes
    return result
  }

  /// Everything in the index, as text.
  private static func content(_ state: String) async throws -> String {
    let store = try await openHistory(in: state).store
    let (cases, subtests) = (try #require(SeriesQuery("*:*")), try #require(SeriesQuery("*:*:*")))
    return historyJSON(try await store.records(cases)) + historyJSON(try await store.records(subtests))
      + historyJSON(try await store.summaries()) + historyJSON(try await store.flaky())
  }

  private static func records(_ store: HistoryStore, _ query: String = "*:*") async throws -> [SeriesRecord] {
    try await store.records(try #require(SeriesQuery(query)))
  }

  @Test("a run is in it when it has ended, and is read once")
  func update() async throws {
    try await JournalSample.withScratch { state in
      for night in 0..<3 {
        try await Self.put(
          night, in: state, [Self.result("map", night == 1 ? .fail : .pass), Self.result("io", .skip)])
      }
      let (store, first) = try await openHistory(in: state)
      #expect(first == HistoryStore.Update(added: 3))
      #expect(try await store.update() == HistoryStore.Update())
      let records = try await Self.records(store)
      #expect(records.map(\.series.name) == ["demo:io", "demo:map"])
      #expect(
        records[1].entries.map(\.verdict) == [.pass, .fail, .pass] && records[1].entries[1].reason == "because fail")
      #expect(records[1].series.family == "debian 6.12 cloud" && records[1].series.host == "2 CPUs, 24 GiB")
      #expect(records[0].tally.runs == 0 && records[1].flips == 2)
      try await Self.put(3, in: state, [Self.result("map", .crash)])
      #expect(try await store.update() == HistoryStore.Update(added: 1))
      let modes = try ["", "-wal"].map { suffix in
        try FileManager.default.attributesOfItem(atPath: store.path + suffix)[.posixPermissions] as? Int
      }
      #expect(modes == [0o600, 0o600])
    }
  }

  @Test("made anew, it has the same content; what is gone from the directory is gone from it")
  func rebuild() async throws {
    try await JournalSample.withScratch { state in
      var last = ""
      for night in 0..<4 {
        last = try await Self.put(
          night, in: state,
          [
            Self.result(
              "map", .fail, notes: [SubtestNote(id: "a/b", verdict: .fail, detail: "x\u{1b}[2J\n")], executed: 3)
          ])
      }
      let before = try await Self.content(state)
      #expect(before.contains("\"run\"") && !before.contains("\u{1b}"))
      let (_, update) = try await openHistory(in: state, rebuilding: true)
      #expect(update.added == 4)
      #expect(try await Self.content(state) == before)
      try FileManager.default.removeItem(atPath: last)
      let (store, less) = try await openHistory(in: state)
      #expect(less == HistoryStore.Update(removed: 1))
      #expect(try await Self.records(store).first?.entries.count == 3)
    }
  }

  @Test("a running run waits, a killed one counts, a damaged or newer one is named and left out")
  func states() async throws {
    try await JournalSample.withScratch { state in
      try await Self.put(0, in: state, [Self.result("map", .pass)])
      let running = try JournalSample.journal(in: state, clock: { WallTime(milliseconds: 1_795_266_102_250) })
      try await running.record(.runStarted(cases: 1, boots: 1))
      try await running.record(.caseStarted(boot: 1, suite: "demo", kernel: "6.12", name: "map"))
      let damaged = try await Self.put(9, in: state, [Self.result("map", .pass)])
      try Data("{}\n{}\n".utf8).write(to: URL(filePath: damaged + "/events.jsonl"))
      let newer = try await Self.put(10, in: state, [Self.result("map", .pass)])
      try Data("{\"schema\": 99}".utf8).write(to: URL(filePath: newer + "/manifest.json"))
      let (store, update) = try await openHistory(in: state)
      #expect(update.added == 1 && update.unreadable.count == 2)
      #expect(update.unreadable.values.contains { $0.contains("newer ktest") })
      // Its process is gone.
      try FileManager.default.removeItem(atPath: running.directory + "/lock")
      #expect(try await store.update().added == 1)
      #expect(try await Self.records(store).first?.entries.map(\.verdict) == [.pass, .error])
    }
  }

  @Test("damaged at any place, it is made anew, and nothing is lost", arguments: [0, 20, 5000])
  func damaged(_ offset: Int) async throws {
    try await JournalSample.withScratch { state in
      for night in 0..<3 { try await Self.put(night, in: state, [Self.result("map", .pass)]) }
      let before = try await Self.content(state)
      let path = HistoryStore.path(in: state)
      var bytes = try Data(contentsOf: URL(filePath: path))
      for place in offset..<min(offset + 4000, bytes.count) { bytes[place] = 0xa5 }
      try bytes.write(to: URL(filePath: path))
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
      #expect(try await Self.content(state) == before)
    }
  }

  @Test("a newer one is refused with a way out; a folder in its place is an error")
  func refused() async throws {
    try await JournalSample.withScratch { state in
      try await Self.put(0, in: state, [Self.result("map", .pass)])
      let store = try await openHistory(in: state).store
      try await store.write { db in
        try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('a later one')")
      }
      await #expect(throws: StoreError.newer(path: store.path)) { try await openHistory(in: state) }
      #expect(try await openHistory(in: state, rebuilding: true).update.added == 1)
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: store.path + suffix) }
      try FileManager.default.createDirectory(atPath: store.path, withIntermediateDirectories: false)
      await #expect(throws: StoreError.self) { try await openHistory(in: state) }
    }
  }

  @Test("no runs, no index")
  func nothing() async throws {
    try await JournalSample.withScratch { state in
      await #expect(throws: JournalError.noRuns(path: state + "/runs")) { try await openHistory(in: state) }
      #expect(!FileManager.default.fileExists(atPath: HistoryStore.path(in: state)))
    }
  }

  @Test("several write at once, and each run is in it once")
  func several() async throws {
    try await JournalSample.withScratch { state in
      for night in 0..<12 {
        try await Self.put(night, in: state, [Self.result("map", .pass), Self.result("io", .fail)])
      }
      try await withThrowingTaskGroup { group in
        for _ in 0..<4 { group.addTask { _ = try await openHistory(in: state) } }
        try await group.waitForAll()
      }
      let records = try await Self.records(openHistory(in: state).store)
      #expect(records.map(\.entries.count) == [12, 12])
    }
  }

  @Test("whoever comes second waits for as long as it takes")
  func waits() async throws {
    try await JournalSample.withScratch { state in
      try await Self.put(0, in: state, [Self.result("map", .pass)])
      var lock: FileLock? = try await FileLock(HistoryStore.path(in: state) + ".lock")
      let (waits, waiting) = AsyncStream<Void>.makeStream()
      let second = Task { try await openHistory(in: state) { waiting.yield() }.update }
      for await _ in waits { break }
      #expect(!FileManager.default.fileExists(atPath: HistoryStore.path(in: state)))
      withExtendedLifetime(lock) {}
      lock = nil
      #expect(try await second.value.added == 1)
    }
  }

  @Test("an update of many series and runs is the same as one of each night")
  func stepwise() async throws {
    try await JournalSample.withScratch { state in
      try await JournalSample.withScratch { other in
        for night in 0..<140 {
          let cases = ["a", "b", "c"].enumerated().map { place, name in
            Self.result(name, night % (7 + place) == 0 ? .fail : night % 11 == 0 ? .skip : .pass, executed: night)
          }
          for place in [state, other] { try await Self.put(night, in: place, cases) }
          if night % 50 == 0 { _ = try await openHistory(in: state) }
        }
        let content = try await Self.content(state)
        #expect(content == (try await Self.content(other)))
        let store = try await openHistory(in: state).store
        #expect(try await Self.records(store).map(\.entries.count) == [140, 140, 140])
        let strips = try await store.read { db in
          try Int.fetchAll(db, sql: "SELECT count FROM strip ORDER BY series, first")
        }
        #expect(strips == [128, 12, 128, 12, 128, 12])
        #expect(try await store.flaky().map(\.series.test) == ["a", "b", "c"])
      }
    }
  }

  @Test("a journal that came after newer ones is in its place, and one that has changed is read again")
  func late() async throws {
    try await JournalSample.withScratch { state in
      for night in [5, 7] { try await Self.put(night, in: state, [Self.result("map", .pass)]) }
      let (store, _) = try await openHistory(in: state)
      let old = try await Self.put(6, in: state, [Self.result("map", .fail)])
      #expect(try await store.update().added == 1)
      #expect(try await Self.records(store).first?.entries.map(\.verdict) == [.pass, .fail, .pass])
      try FileManager.default.removeItem(atPath: old)
      try await Self.put(6, in: state, [Self.result("map", .pass), Self.result("new", .pass)])
      #expect(try await store.update().added == 1)
      #expect(try await Self.records(store).map { $0.entries.map(\.verdict) } == [[.pass, .pass, .pass], [.pass]])
      #expect(try await store.summaries().map(\.recent) == ["...", "."])
    }
  }

  @Test("a full disk is named, and what was there stays")
  func full() async throws {
    try await JournalSample.withScratch { state in
      try await Self.put(0, in: state, [Self.result("map", .pass)])
      let (store, _) = try await openHistory(in: state)
      let limit = try await store.write { db in
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        return try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages)")
      }
      #expect(limit != nil)
      let cases = (0..<300).map { Self.result("case-\($0)", .fail) }
      try await Self.put(1, in: state, cases)
      await #expect(throws: StoreError.full(path: store.path)) { try await store.update() }
      #expect(try await Self.records(store).map(\.series.test) == ["map"])
      #expect(try await openHistory(in: state).update.added == 1)
    }
  }

  @Test("one that somebody else holds is locked, not damaged")
  func locked() async throws {
    try await JournalSample.withScratch { state in
      try await Self.put(0, in: state, [Self.result("map", .pass)])
      let (store, _) = try await openHistory(in: state)
      let busy = DatabaseError(resultCode: .SQLITE_BUSY)
      #expect(StoreError.meaning(busy, store.path) as? StoreError == .locked(path: store.path))
      for code: ResultCode in [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT] {
        let error = StoreError.meaning(DatabaseError(resultCode: code), store.path)
        #expect(error as? StoreError == .damaged(path: store.path))
      }
    }
  }

  @Test("known failures do not count")
  func known() async throws {
    try await JournalSample.withScratch { state in
      let note = SubtestNote(id: "x", verdict: .fail, known: true, detail: "see the list")
      for night in 0..<3 {
        try await Self.put(night, in: state, [Self.result("map", .pass, notes: night == 2 ? [] : [note], executed: 3)])
      }
      let subtest = try #require(try await Self.records(openHistory(in: state).store, "demo:map:x").first)
      #expect(subtest.entries.map(\.letter).joined() == "kk." && subtest.tally == RunTally(failures: 0, runs: 1))
    }
  }

  @Test("a subtest that is not named passed, where its case came to its end")
  func subtests() async throws {
    try await JournalSample.withScratch { state in
      let failed = [SubtestNote(id: "2m:x", verdict: .fail, detail: "bad")]
      let nights: [CaseResult] = [
        Self.result("map", .pass, executed: 3), Self.result("map", .fail, notes: failed, executed: 3),
        Self.result("map", .crash, executed: 1), Self.result("map", .skip), Self.result("map", .pass, executed: 3),
      ]
      for (night, result) in nights.enumerated() { try await Self.put(night, in: state, [result]) }
      let store = try await openHistory(in: state).store
      #expect(try await Self.records(store, "demo:map:2m:x").first?.entries.map(\.verdict) == [.pass, .fail, .pass])
      #expect(try await Self.records(store, "demo:map").first?.entries.count == 5)
      #expect(try await Self.records(store, "demo:m*").count == 1)
      #expect(try await Self.records(store, "other:map").isEmpty)
      #expect(try await Self.records(store, "[a]:map").isEmpty)
      let subtests = try await store.summaries(SeriesQuery("demo:map")?.subtests)
      #expect(subtests.map(\.recent) == [".F."])
      // The results of its case are results of the subtest.
      try await Self.put(9, in: state, [Self.result("map", .pass, executed: 3)])
      #expect(try await store.update().added == 1)
      #expect(try await store.summaries(SeriesQuery("demo:map")?.subtests).map(\.recent) == [".F.."])
    }
  }

  @Test("queries")
  func queries() {
    #expect(SeriesQuery("") == nil && SeriesQuery("a:") == nil && SeriesQuery(":b") == nil)
    let cell = SeriesQuery("s[a=x:y]:c")
    #expect(cell?.suite == "s" && cell?.cell == "a=x:y" && cell?.test == "c" && cell?.subtest == nil)
    #expect(SeriesQuery("s:c:d:e")?.subtest == "d:e" && SeriesQuery("s")?.cell == nil)
    #expect(SeriesQuery("s")?.subtests == nil && SeriesQuery("s:c:d")?.subtests == nil)
  }
}
