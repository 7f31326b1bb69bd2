import FoundationEssentials
internal import GRDB
import KTestValues

/// What the index keeps ready of series, in one transaction: their windows and summaries.
struct SeriesKeeping {
  let db: Database

  /// A result of a run that is being added.
  struct New {
    /// The name of its run, and its start in milliseconds since 1970.
    var run: String
    var started: Int64
    /// The label of its kernel.
    var kernel: String
    var result: StripResult
  }

  /// Appends the results of new runs to a series. If there were later ones, or if it is not up to date anyway, it is marked and
  /// made anew from its strips.
  func advance(_ series: Int64, by results: [New]) throws {
    guard !results.isEmpty else { return }
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT isStale, newest, parts FROM series LEFT JOIN window ON window.series = series.id WHERE id = ?"),
      arguments: [series])
    guard let row, let isStale: Bool = row[0], !isStale else { return }
    let order = results.indices.sorted {
      (results[$0].run, results[$0].kernel, $0) < (results[$1].run, results[$1].kernel, $1)
    }
    let sorted = order.map { results[$0] }
    guard let newest: String = row[1], newest < sorted[0].run, var window = try SeriesKeeping.window(row, 2) else {
      try db.cachedStatement(sql: "UPDATE series SET isStale = 1 WHERE id = ?").execute(arguments: [series])
      return
    }
    for new in sorted { window.append(new.result) }
    window.trim()
    let counted = sorted.last { $0.result.verdict.hasFailed(isKnown: $0.result.isKnown) != nil }?.started
    try save(
      window, of: series, newest: sorted[sorted.count - 1].run, counted: window.hasCounted ? counted : 0)
  }

  /// - Parameter counted: when the newest result that counts was made; nil to leave it as it is.
  func save(_ window: SeriesWindow, of series: Int64, newest: String, counted: Int64?) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO window (series, newest, counted, parts) VALUES (?1, ?2, ifnull(?3, 0), ?4)
          ON CONFLICT (series) DO UPDATE SET newest = ?2, counted = ifnull(?3, counted), parts = ?4
        """
    ).execute(arguments: [series, newest, counted, Data(window.bytes)])
    let summary = window.summary(of: SeriesKey(suite: "", test: ""))
    try db.cachedStatement(
      sql: """
        UPDATE series SET isStale = 0, runs = ?, failures = ?, others = ?, flips = ?, segmentRuns = ?,
          segmentFailures = ?, isFlaky = ?, recent = ? WHERE id = ?
        """
    ).execute(arguments: [
      Int(summary.tally.runs), Int(summary.tally.failures), summary.others, summary.flips,
      Int(summary.segment.runs), Int(summary.segment.failures), summary.isFlaky, summary.recent, series,
    ])
  }

  /// Returns the window of a row; nil if there is none.
  static func window(_ row: Row, _ column: Int) throws -> SeriesWindow? {
    try row.withUnsafeData(atIndex: column) { data -> SeriesWindow? in
      guard let data else { return nil }
      guard let window = data.withUnsafeBytes({ SeriesWindow($0) }) else {
        throw DatabaseError(resultCode: .SQLITE_CORRUPT)
      }
      return window
    }
  }
}
