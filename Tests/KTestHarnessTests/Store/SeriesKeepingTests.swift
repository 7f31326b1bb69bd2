import Foundation
import GRDB
import Testing

@testable import KTestHarness
@testable import KTestValues

/// What is kept ready is advanced by each run. It must be what all strips say.
@Suite("Summaries that are advanced")
struct SeriesKeepingTests {
  private static func place(_ body: (HistoryStore) async throws -> Void) async throws {
    try await JournalSample.withScratch { state in
      try await body(try HistoryStore(state: state, path: HistoryStore.path(in: state), erasing: false))
    }
  }

  private static func name(_ number: Int) -> String {
    RunID.make(at: WallTime(milliseconds: 1_700_000_000_000 + Int64(number) * 3_600_000))
  }

  private static func key(_ test: Int, _ subtest: Int? = nil) -> SeriesKey {
    SeriesKey(suite: "s", test: "c\(test)", subtest: subtest.map { "t\($0)" } ?? "")
  }

  /// A run with some cases on one or two kernels, some of their subtests named.
  private static func run(_ number: Int, _ dice: inout SeededNumbers) -> IndexedRun {
    var run = IndexedRun(name: name(number), started: Int64(number) * 3_600_000)
    for kernel in ["b", "a"].prefix(dice.below(2) + 1) {
      let kernel = IndexedRun.Kernel(label: kernel, release: "", identity: "\(number / 9)", commit: "")
      for test in 0..<3 where dice.fraction() < 0.9 {
        // The rate of one changes.
        let rate = [0.0, 0.2, number > 60 ? 0.9 : 0.02][test]
        let verdict: Verdict =
          dice.fraction() < rate
          ? [.fail, .fail, .timeout, .crash][dice.below(4)]
          : dice.fraction() < 0.1 ? [.skip, .error][dice.below(2)] : .pass
        run.results.append(
          .init(
            series: key(test), kernel: kernel, verdict: verdict, executed: verdict == .skip ? 0 : 3,
            reason: verdict == .pass ? "" : "reason \(dice.below(5))",
            splats: verdict == .crash ? ["BUG \(dice.below(2))"] : []))
        for subtest in 0..<2 where verdict == .fail || dice.fraction() < 0.1 {
          run.results.append(
            .init(
              series: key(test, subtest), kernel: kernel, verdict: dice.fraction() < 0.8 ? .fail : .skip,
              isKnown: dice.fraction() < 0.2, executed: 0, reason: "sub", splats: []))
        }
      }
    }
    return run
  }

  /// Everything that is kept ready.
  private static func kept(_ store: HistoryStore) async throws -> [String] {
    try await store.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT suite, test, subtest, isStale, runs, failures, others, flips, segmentRuns, segmentFailures, isFlaky,
            recent, newest, counted, hex(parts) FROM series LEFT JOIN window ON window.series = series.id ORDER BY id
          """
      ).map { row in row.databaseValues.map(\.description).joined(separator: "|") }
    }
  }

  /// Compares what was advanced with what is computed from all results, and with what is made anew of them.
  private static func check(_ store: HistoryStore, _ comment: Comment) async throws {
    let (cases, subtests) = (try #require(SeriesQuery("*:*")), try #require(SeriesQuery("*:*:*")))
    let records = try await store.records(cases) + (try await store.records(subtests))
    var summaries = try await store.summaries(cases) + (try await store.summaries(subtests))
    #expect(records.map(SeriesSummary.init) == summaries, comment)
    summaries = summaries.filter(\.isFlaky).sorted { $0.series < $1.series }
    #expect(try await store.flaky().sorted { $0.series < $1.series } == summaries, comment)
    var expected = records.map { FailureHistory($0) }.filter { !$0.failures.isEmpty }.sorted { $0.series < $1.series }
    for place in expected.indices {
      var told: Set<[String]> = []
      for failure in expected[place].failures.indices.reversed()
      where !told.insert(expected[place].failures[failure].splats).inserted {
        expected[place].failures[failure].reason = ""
      }
    }
    #expect(try await store.failures().table.histories == expected, comment)
    let before = try await kept(store)
    try await store.write { try $0.execute(sql: "UPDATE series SET isStale = 1") }
    try await store.summarise()
    #expect(try await kept(store) == before, comment)
  }

  @Test("is what all results say: runs in turn and at once, late, removed and changed ones", arguments: 1...6)
  func random(seed: Int) async throws {
    var dice = SeededNumbers(seed: UInt64(seed))
    try await Self.place { store in
      var number = 100
      var there: [String] = []
      for step in 0..<60 {
        var runs: [IndexedRun] = []
        switch dice.below(10) {
        case 0: runs = [Self.run(dice.below(number), &dice)]
        case 1:
          if let gone = there.randomElement(using: &dice) {
            try await store.write { try HistoryStore.remove(gone, $0) }
          }
        case 2, 3:
          for _ in 0..<dice.below(5) {
            number += 1
            runs.append(Self.run(number, &dice))
          }
        default:
          number += 1 + dice.below(3)
          runs = [Self.run(number, &dice)]
        }
        there += runs.map(\.name)
        // A late one may have the name of one that is there: then its journal has changed.
        _ = try await store.add(runs.map { MarkedRun(run: $0, mark: "\(step)") })
        try await store.summarise()
        if step % 6 == 5 { try await Self.check(store, "step \(step)") }
      }
    }
  }

  @Test("looks at the newest results only, also where old ones came late")
  func slides() async throws {
    var dice = SeededNumbers(seed: 9)
    try await Self.place { store in
      func add(_ numbers: some Sequence<Int>) async throws {
        let runs = numbers.map { number in
          var run = IndexedRun(name: Self.name(number), started: Int64(number) * 3_600_000)
          let kernel = IndexedRun.Kernel(label: "k", release: "", identity: "\(number / 100)", commit: "")
          let failed = dice.fraction() < (number > 1700 ? 0.3 : 0.01)
          run.results = [
            .init(
              series: Self.key(0), kernel: kernel, verdict: failed ? .fail : .pass, executed: 2, reason: "", splats: [])
          ]
          if number % 50 == 0 {
            run.results.append(
              .init(series: Self.key(0, 1), kernel: kernel, verdict: .fail, executed: 0, reason: "", splats: []))
          }
          return MarkedRun(run: run, mark: "1")
        }
        _ = try await store.add(runs)
        try await store.summarise()
      }
      try await add(200..<1950)
      for number in 1950..<1990 { try await add([number]) }
      try await add(1990..<2400)
      #expect(try await store.summaries().map(\.tally.runs) == [2000])
      try await Self.check(store, "in order")
      // So many late ones that the newest strips have only old runs.
      try await add(0..<200)
      try await Self.check(store, "late")
      try await add([2400])
      try await Self.check(store, "after late ones")
      #expect(try await store.records(try #require(SeriesQuery("s:c0"))).first?.entries.first?.run == Self.name(401))
    }
  }

  @Test("what runs say of hosts by name is summed up, and goes with the run")
  func hosts() async throws {
    try await JournalSample.withScratch { state in
      let store = try HistoryStore(state: state, path: HistoryStore.path(in: state), erasing: false)
      var runs = (1...3).map { IndexedRun(name: "2026-01-0\($0)T000000-0000", started: Int64($0)) }
      for place in 0..<2 {
        runs[place].hosts = ["h1", "h2"].map { HostRecord(name: $0) }
        (runs[place].hosts[1].groups, runs[place].hosts[1].losses) = (2, 1)
        (runs[place].hosts[1].cases, runs[place].hosts[1].errors) = (9, 3)
        runs[place].hosts[1].reason = "reason \(place)"
      }
      _ = try await store.add(runs.map { MarkedRun(run: $0, mark: "1") })
      // A run that is read again counts once.
      _ = try await store.add([MarkedRun(run: runs[1], mark: "2")])
      var hosts = try await store.hosts()
      #expect(hosts.map(\.name) == ["h1", "h2"] && hosts[1].groups == 4 && hosts[1].losses == 2)
      #expect(hosts[1].cases == 18 && hosts[1].errors == 6 && hosts[1].reason == "reason 1")
      let second = runs[1].name
      try await store.write { db in try HistoryStore.remove(second, db) }
      hosts = try await store.hosts()
      #expect(hosts[1].groups == 2 && hosts[1].reason == "reason 0")
    }
  }

  @Test("an index of an earlier version keeps its runs, and gets what is kept ready")
  func migration() async throws {
    var dice = SeededNumbers(seed: 4)
    try await JournalSample.withScratch { state in
      let path = HistoryStore.path(in: state)
      let store = try HistoryStore(state: state, path: path, erasing: false)
      let runs = [5, 6, 7, 2, 8].map { Self.run($0, &dice) }
      _ = try await store.add(runs.map { MarkedRun(run: $0, mark: "1") })
      try await store.summarise()
      let before = try await Self.kept(store)
      try await store.write { db in
        try db.execute(
          sql: """
            DROP TABLE window; DROP INDEX flakySeries; DROP INDEX failingSeries; ALTER TABLE strip DROP COLUMN newest;
            DROP TABLE runHost;
            DELETE FROM grdb_migrations WHERE identifier IN ('2', '3');
            """)
      }
      let migrated = try HistoryStore(state: state, path: path, erasing: false)
      try await migrated.summarise()
      #expect(try await Self.kept(migrated) == before && before.count > 3)
      let late = Self.run(3, &dice)
      _ = try await migrated.add([MarkedRun(run: late, mark: "1")])
      try await migrated.summarise()
      try await Self.check(migrated, "after the migration")
    }
  }

  @Test("a window is written and read, and other bytes are refused and harm nothing")
  func bytes() throws {
    var dice = SeededNumbers(seed: 3)
    for count in [0, 1, 50, 2100] {
      let results = (0..<count).map { place in
        let verdict = Verdict.allCases[dice.below(dice.below(3) == 0 ? 6 : 1)]
        return StripResult(
          run: Int64(place * (dice.below(2) == 0 ? 1 : 3)), kernel: Int64(dice.below(3) * 1000), verdict: verdict,
          isKnown: dice.below(9) == 0, executed: 1, reason: Int64(dice.below(300)), splats: Int64(dice.below(2)))
      }
      let window = SeriesWindow(results)
      #expect(window.count == min(count, 2000))
      #expect(SeriesWindow(window.bytes) == window)
    }
    let passes = SeriesWindow((0..<2000).map { StripResult(run: $0, kernel: 1, verdict: .pass, executed: 0) })
    #expect(passes.bytes.count == 4)
    for length in 1..<30 {
      for seed in 0..<100 {
        var dice = SeededNumbers(seed: UInt64(seed * 100 + length))
        let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
        #expect((SeriesWindow(bytes)?.parts.count ?? 0) <= length)
      }
    }
    #expect(SeriesWindow([7]) == nil && SeriesWindow([0]) == nil && SeriesWindow([8, 0, 1]) == nil)
  }
}

extension FailureTable {
  /// The failures with their names.
  var histories: [FailureHistory] {
    series.map { one in
      var history = FailureHistory(series: one.key, lastCounted: one.lastCounted)
      (history.passesAfter, history.endsUncounted) = (one.passesAfter, one.endsUncounted)
      history.failures = one.failures.map { failure in
        let (run, kernel) = (runs[failure.run], kernels[failure.kernel])
        return FailureHistory.Occurrence(
          run: run.name, started: run.started, kernel: kernel.label, release: kernel.release, verdict: failure.verdict,
          splats: splats[failure.splats], reason: reasons[failure.reason], passesBefore: failure.passesBefore)
      }
      return history
    }
  }
}
