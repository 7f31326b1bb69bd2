import FoundationEssentials
internal import GRDB
import KTestValues

/// Reads the strips of series in one transaction, and what their numbers stand for.
struct StripReader {
  private let db: Database
  private(set) var runs: [Int64: (name: String, started: Int64)] = [:]
  /// The oldest run that was looked for.
  private var oldest = Int64.max
  private var kernels: [Int64: IndexedRun.Kernel]?
  private var texts: [Int64: String] = [0: ""]

  /// The newest results of a series that are looked at.
  static let limit = ChangePoints.limit

  init(_ db: Database) { self.db = db }

  /// Returns the newest results of a series, or nil if there is no such series.
  mutating func record(_ id: Int64) throws -> SeriesRecord? {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT suite, cell, test, subtest, family, accelerator, host FROM series WHERE id = ?"), arguments: [id])
    guard let row else { return nil }
    let series = SeriesKey(
      suite: row[0], cell: row[1], test: row[2], subtest: row[3], family: row[4], accelerator: row[5], host: row[6])
    let entries = try results(of: id).map { result in
      let run = runs[result.run] ?? ("", 0)
      return SeriesRecord.Entry(
        run: run.name, started: run.started, kernel: try kernel(result.kernel), verdict: result.verdict,
        isKnown: result.isKnown, reason: try text(result.reason),
        splats: try text(result.splats).split(separator: "\n").map(String.init))
    }
    return SeriesRecord(series: series, entries: entries)
  }

  /// Returns the window of a series, the name of its newest run, and when the newest result that counts was made; a time of
  /// zero if there is none.
  mutating func window(_ id: Int64) throws -> (window: SeriesWindow, newest: String, counted: Int64) {
    let results = try results(of: id)
    let counted = results.last { $0.verdict.hasFailed(isKnown: $0.isKnown) != nil }
    return (
      SeriesWindow(results), results.last.flatMap { runs[$0.run]?.name } ?? "",
      counted.flatMap { runs[$0.run]?.started } ?? 0
    )
  }

  /// Returns the newest results of runs that are not gone, by the names of their runs and the labels of their kernels.
  private mutating func results(of id: Int64) throws -> [StripResult] {
    let parent = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT parent FROM series WHERE id = ?"), arguments: [id])
    var results = try newest(
      of: parent ?? id, sure: parent == nil ? { _ in true } : { StripResult.ofSubtest($0, named: nil) != nil })
    if parent != nil, let first = results.map(\.run).min(), let last = results.map(\.run).max() {
      let rows = try Row.fetchCursor(
        db.cachedStatement(
          sql: "SELECT first, results FROM strip WHERE series = ? AND last >= ? AND first <= ? ORDER BY first"),
        arguments: [id, first, last])
      var own: [StripResult] = []
      while let row = try rows.next() { own += try StripReader.strip(row) }
      results = StripResult.ofSubtest(results, named: own)
    }
    for result in results.prefix(1) { _ = try kernel(result.kernel) }
    let names = results.map { runs[$0.run]?.name ?? "" }
    func isBefore(_ left: Int, _ right: Int) -> Bool {
      if results[left].run != results[right].run, names[left] != names[right] { return names[left] < names[right] }
      let (one, other) = (results[left].kernel, results[right].kernel)
      if one == other { return left < right }
      return (kernels?[one]?.label ?? "", left) < (kernels?[other]?.label ?? "", right)
    }
    // Nearly always they are in order already.
    let isSorted = results.indices.dropFirst().allSatisfy { isBefore($0 - 1, $0) }
    let order = isSorted ? Array(results.indices) : results.indices.sorted(by: isBefore)
    return order.suffix(StripReader.limit).map { results[$0] }
  }

  /// Returns at least the newest results of a case, and the runs of all of them.
  /// - Parameter sure: whether a result is one for certain: so many of these are there.
  private mutating func newest(of series: Int64, sure: (StripResult) -> Bool) throws -> [StripResult] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT first, results, newest FROM strip WHERE series = ? ORDER BY first DESC"),
      arguments: [series])
    var strips: [[StripResult]] = []
    var names: [String] = []
    var oldest: String?
    while let row = try rows.next() {
      // All strips from here on are of older runs than the newest ones that are there.
      if names.count >= StripReader.limit, let oldest {
        let newest: String = row[2]
        if newest < oldest || newest < names.sorted(by: >)[StripReader.limit - 1] { break }
      }
      let strip = try StripReader.strip(row)
      try load(from: strip.first?.run ?? 0)
      let left = strip.filter { runs[$0.run] != nil }
      for result in left where sure(result) {
        let name = runs[result.run]?.name ?? ""
        names.append(name)
        oldest = min(oldest ?? name, name)
      }
      strips.append(left)
    }
    return strips.reversed().flatMap { $0 }
  }

  private static func strip(_ row: Row) throws -> [StripResult] {
    let strip = try row.withUnsafeData(atIndex: 1) { data in
      data?.withUnsafeBytes { StripResult.results($0, first: row[0]) }
    }
    guard let strip else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
    return strip
  }

  mutating func kernel(_ id: Int64) throws -> IndexedRun.Kernel {
    if kernels == nil {
      kernels = try Row.fetchAll(db, sql: "SELECT id, label, version, identity, origin FROM kernel").reduce(into: [:]) {
        $0[$1[0]] = IndexedRun.Kernel(label: $1[1], release: $1[2], identity: $1[3], commit: $1[4])
      }
    }
    guard let kernel = kernels?[id] else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
    return kernel
  }

  /// Reads the runs from this one on.
  mutating func load(from run: Int64) throws {
    guard run < oldest else { return }
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT id, name, started FROM run WHERE id >= ? AND id < ?"), arguments: [run, oldest])
    while let row = try rows.next() { runs[row[0]] = (row[1], row[2]) }
    oldest = run
  }

  mutating func text(_ id: Int64) throws -> String {
    if let known = texts[id] { return known }
    let text = try String.fetchOne(db.cachedStatement(sql: "SELECT text FROM text WHERE id = ?"), arguments: [id])
    guard let text else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
    texts[id] = text
    return text
  }
}
