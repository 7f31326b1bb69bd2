internal import GRDB
package import KTestValues

extension HistoryStore {
  /// Returns the series with their newest results, sorted by their keys.
  package func records(_ query: SeriesQuery) async throws -> [SeriesRecord] {
    try await read { db in
      let (sql, arguments) = query.condition
      let places = try Int64.fetchAll(db, sql: "SELECT id FROM series WHERE \(sql)", arguments: arguments)
      var reader = StripReader(db)
      // A series of runs that are gone has no results.
      return try places.compactMap { try reader.record($0) }.filter { !$0.entries.isEmpty }
        .sorted { $0.series < $1.series }
    }
  }

  /// Returns the series in short, sorted by their keys. Without a query, all cases.
  package func summaries(_ query: SeriesQuery? = nil) async throws -> [SeriesSummary] {
    let (sql, arguments) = query?.condition ?? ("subtest = ''", [])
    return try await summaries(where: sql, arguments)
  }

  /// Returns what all runs say of the hosts that have run their groups, sorted by name.
  package func hosts() async throws -> [HostRecord] {
    try await read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT host, groups, losses, cases, errors, reason FROM runHost JOIN run ON run.id = runHost.run
            ORDER BY run.started, run.id
          """)
      var hosts: [HostRecord] = []
      while let row = try rows.next() {
        var host = HostRecord(name: row[0])
        (host.groups, host.losses, host.cases, host.errors) = (row[1], row[2], row[3], row[4])
        host.reason = row[5]
        hosts.add([host])
      }
      return hosts
    }
  }

  /// Returns the cases and subtests that fail now and then, those that fail most often first.
  package func flaky() async throws -> [SeriesSummary] {
    try await summaries(where: "isFlaky", []).sorted { $0.segment.rate > $1.segment.rate }
  }

  private func summaries(where sql: String, _ arguments: StatementArguments) async throws -> [SeriesSummary] {
    try await read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT suite, cell, test, subtest, family, accelerator, host, runs, failures, others, flips, segmentRuns,
            segmentFailures, isFlaky, recent FROM series WHERE (\(sql)) AND runs + others > 0
          """, arguments: arguments)
      var summaries: [SeriesSummary] = []
      while let row = try rows.next() {
        summaries.append(
          SeriesSummary(
            series: SeriesKey(
              suite: row[0], cell: row[1], test: row[2], subtest: row[3], family: row[4], accelerator: row[5],
              host: row[6]),
            tally: RunTally(failures: row[8], runs: row[7]), others: row[9], flips: row[10],
            segment: RunTally(failures: row[12], runs: row[11]), isFlaky: row[13], recent: row[14]))
      }
      return summaries.sorted { $0.series < $1.series }
    }
  }

  /// Returns the failures of all series that have any among their newest results, sorted by their keys, and the time of the
  /// newest run in milliseconds since 1970.
  package func failures() async throws -> (table: FailureTable, newest: Int64) {
    try await read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT suite, cell, test, subtest, family, accelerator, host, counted, parts
            FROM series JOIN window ON window.series = series.id WHERE failures > 0
          """)
      var reader = FailureReader(db)
      while let row = try rows.next() {
        guard let window = try SeriesKeeping.window(row, 8) else { continue }
        let series = SeriesKey(
          suite: row[0], cell: row[1], test: row[2], subtest: row[3], family: row[4], accelerator: row[5], host: row[6])
        try reader.add(window, of: series, lastCounted: row[7])
      }
      let newest = try Int64.fetchOne(db, sql: "SELECT max(started) FROM run")
      var table = reader.table
      table.series.sort { $0.key < $1.key }
      return (table, newest ?? 0)
    }
  }
}

extension FailureHistory {
  /// The failures of a whole record.
  package init(_ record: SeriesRecord) {
    self.init(series: record.series, lastCounted: record.counted.last?.started ?? 0)
    for entry in record.entries {
      guard let failed = entry.hasFailed else { continue }
      guard failed else {
        passesAfter += 1
        continue
      }
      failures.append(
        Occurrence(
          run: entry.run, started: entry.started, kernel: entry.kernel.label, release: entry.kernel.release,
          verdict: entry.verdict, splats: entry.splats, reason: entry.reason, passesBefore: passesAfter))
      passesAfter = 0
    }
    endsUncounted = record.entries.last.map { $0.hasFailed == nil } ?? false
  }
}
