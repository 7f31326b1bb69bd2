import FoundationEssentials
internal import GRDB
import KTestValues

/// Reads the strips of series in one transaction, and what their numbers stand for.
struct StripReader {
  private let db: Database
  private var runs: [Int64: (name: String, started: Int64)] = [:]
  /// The oldest run that was looked for.
  private var oldest = Int64.max
  private var kernels: [Int64: IndexedRun.Kernel]?
  private var texts: [Int64: String] = [0: ""]

  /// The newest results of a series that are looked at.
  static let limit = ChangePoints.limit

  init(_ db: Database) { self.db = db }

  /// Returns the newest results of a series, or nil if there is no such series.
  ///
  /// Journals name only the subtests that failed, were skipped or are known failures. A subtest that is not named passed, if
  /// its case came to its end and executed subtests.
  mutating func record(_ id: Int64) throws -> SeriesRecord? {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT suite, cell, test, subtest, family, accelerator, host, parent FROM series WHERE id = ?"),
      arguments: [id])
    guard let row else { return nil }
    let series = SeriesKey(
      suite: row[0], cell: row[1], test: row[2], subtest: row[3], family: row[4], accelerator: row[5], host: row[6])
    let parent: Int64? = row[7]
    var results = try results(parent ?? id)
    if parent != nil {
      struct Place: Hashable { var run: Int64, kernel: Int64 }
      let own = try self.results(id).reduce(into: [Place: StripResult]()) {
        $0[Place(run: $1.run, kernel: $1.kernel)] = $1
      }
      results = results.compactMap { whole in
        if let named = own[Place(run: whole.run, kernel: whole.kernel)] { return named }
        guard whole.executed > 0, whole.verdict == .pass || whole.verdict == .fail else { return nil }
        return StripResult(run: whole.run, kernel: whole.kernel, verdict: .pass, executed: 0)
      }
    }
    return SeriesRecord(series: series, entries: try entries(results))
  }

  private func results(_ series: Int64) throws -> [StripResult] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT first, results FROM strip WHERE series = ? ORDER BY first DESC"),
      arguments: [series])
    var strips: [[StripResult]] = []
    var count = 0
    while count < StripReader.limit, let row = try rows.next() {
      let strip = try row.withUnsafeData(atIndex: 1) { data in
        data?.withUnsafeBytes { StripResult.results($0, first: row[0]) }
      }
      guard let strip else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
      strips.append(strip)
      count += strip.count
    }
    return strips.reversed().flatMap { $0 }
  }

  private mutating func entries(_ results: [StripResult]) throws -> [SeriesRecord.Entry] {
    try load(from: results.map(\.run).min() ?? 0)
    let entries = try results.compactMap { result -> SeriesRecord.Entry? in
      // The run is gone.
      guard let run = runs[result.run] else { return nil }
      guard let kernel = kernels?[result.kernel] else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
      return SeriesRecord.Entry(
        run: run.name, started: run.started, kernel: kernel, verdict: result.verdict, isKnown: result.isKnown,
        reason: try text(result.reason), splats: try text(result.splats).split(separator: "\n").map(String.init))
    }
    // A journal may have been copied here after newer ones.
    let sorted = entries.indices.sorted {
      (entries[$0].run, entries[$0].kernel.label, $0) < (entries[$1].run, entries[$1].kernel.label, $1)
    }
    return sorted.suffix(StripReader.limit).map { entries[$0] }
  }

  private mutating func load(from run: Int64) throws {
    if kernels == nil {
      kernels = try Row.fetchAll(db, sql: "SELECT id, label, version, identity, origin FROM kernel").reduce(into: [:]) {
        $0[$1[0]] = IndexedRun.Kernel(label: $1[1], release: $1[2], identity: $1[3], commit: $1[4])
      }
    }
    guard run < oldest else { return }
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT id, name, started FROM run WHERE id >= ? AND id < ?"), arguments: [run, oldest])
    while let row = try rows.next() { runs[row[0]] = (row[1], row[2]) }
    oldest = run
  }

  private mutating func text(_ id: Int64) throws -> String {
    if let known = texts[id] { return known }
    let text = try String.fetchOne(db.cachedStatement(sql: "SELECT text FROM text WHERE id = ?"), arguments: [id])
    guard let text else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
    texts[id] = text
    return text
  }
}
