import FoundationEssentials
internal import GRDB
import KTestValues

/// A run with what shows whether its journal has changed since.
package struct MarkedRun: Sendable {
  package var run: IndexedRun
  package var mark: String

  package init(run: IndexedRun, mark: String) {
    self.run = run
    self.mark = mark
  }
}

extension HistoryStore {
  /// Adds runs in one transaction, each in place of what was there of it, and returns how many were not there yet.
  package func add(_ runs: [MarkedRun]) async throws -> Int {
    guard !runs.isEmpty else { return 0 }
    return try await write { db in
      var addition = RunAddition(db: db)
      for run in runs { try addition.add(run) }
      try addition.finish()
      return addition.count
    }
  }
}

/// Runs that are being added in one transaction.
private struct RunAddition {
  let db: Database
  private(set) var count = 0
  private var results: [Int64: [StripResult]] = [:]
  /// The series of whole cases among them.
  private var cases: Set<Int64> = []
  private var runs: [Int64: (name: String, started: Int64)] = [:]
  private var labels: [Int64: String] = [:]
  private var series: [SeriesKey: Int64] = [:]
  private var kernels: [IndexedRun.Kernel: Int64] = [:]
  private var texts: [String: Int64] = ["": 0]

  init(db: Database) { self.db = db }

  mutating func add(_ marked: MarkedRun) throws {
    let (run, mark) = (marked.run, marked.mark)
    let former = try String.fetchOne(
      db.cachedStatement(sql: "SELECT mark FROM run WHERE name = ?"), arguments: [run.name])
    // Another ktest was faster.
    if former == mark { return }
    if former != nil { try HistoryStore.remove(run.name, db) }
    try db.cachedStatement(sql: "INSERT INTO run (name, mark, started) VALUES (?, ?, ?)")
      .execute(arguments: [run.name, mark, run.started])
    let id = db.lastInsertedRowID
    runs[id] = (run.name, run.started)
    for host in run.hosts {
      try db.cachedStatement(
        sql: "INSERT INTO runHost (run, host, groups, losses, cases, errors, reason) VALUES (?, ?, ?, ?, ?, ?, ?)"
      ).execute(arguments: [
        id, host.name, host.groups, host.losses, host.cases, host.errors, host.reason.clipped(to: IndexedRun.textLimit),
      ])
    }
    for result in run.results {
      let (series, kernel) = (try place(of: result.series), try place(of: result.kernel))
      if result.series.subtest.isEmpty { cases.insert(series) }
      labels[kernel] = result.kernel.label
      results[series, default: []].append(
        StripResult(
          run: id, kernel: kernel, verdict: result.verdict, isKnown: result.isKnown, executed: result.executed,
          reason: try place(of: result.reason), splats: try place(of: result.splats.joined(separator: "\n"))))
    }
    count += 1
  }

  func finish() throws {
    for (id, results) in results.sorted(by: { $0.key < $1.key }) { try append(results[...], to: id) }
    let keeping = SeriesKeeping(db: db)
    // The results of its case are results of a subtest, whether it is named or not.
    let subtests = try db.cachedStatement(sql: "SELECT id FROM series WHERE parent = ?")
    for (id, results) in results where cases.contains(id) {
      try keeping.advance(id, by: results.map(new))
      for subtest in try Int64.fetchAll(subtests, arguments: [id]) {
        let own = StripResult.ofSubtest(results, named: self.results[subtest] ?? [])
        try keeping.advance(subtest, by: own.map(new))
      }
    }
  }

  private func new(_ result: StripResult) -> SeriesKeeping.New {
    let run = runs[result.run] ?? ("", 0)
    return SeriesKeeping.New(
      run: run.name, started: run.started, kernel: labels[result.kernel] ?? "", result: result)
  }

  /// Appends results to the last strip of a series, and begins new ones where it is full. Results of one run stay together,
  /// so that no two strips begin with the same run.
  private func append(_ results: ArraySlice<StripResult>, to series: Int64) throws {
    var results = results
    let last = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT first, last, count, newest, results FROM strip WHERE series = ? ORDER BY first DESC LIMIT 1"),
      arguments: [series])
    // Of a strip and all before it, so that a reader knows where older runs begin.
    var newest = ""
    if let last {
      let (first, run, count): (Int64, Int64, Int) = (last[0], last[1], last[2])
      newest = last[3]
      let chunk = RunAddition.chunk(&results, room: StripResult.stripLength - count)
      if let end = chunk.last?.run {
        newest = max(newest, name(ofNewest: chunk))
        let bytes: [UInt8] = try last.withUnsafeData(atIndex: 4) { Array($0 ?? Data()) }
        try db.cachedStatement(
          sql: "UPDATE strip SET last = ?, count = ?, newest = ?, results = ? WHERE series = ? AND first = ?"
        ).execute(arguments: [
          end, count + chunk.count, newest, RunAddition.bytes(chunk, bytes, last: run), series, first,
        ])
      }
    }
    while let first = results.first?.run {
      let chunk = RunAddition.chunk(&results, room: StripResult.stripLength)
      newest = max(newest, name(ofNewest: chunk))
      try db.cachedStatement(
        sql: "INSERT INTO strip (series, first, last, count, newest, results) VALUES (?, ?, ?, ?, ?, ?)"
      ).execute(arguments: [
        series, first, chunk.last?.run ?? first, chunk.count, newest, RunAddition.bytes(chunk, [], last: first),
      ])
    }
  }

  private func name(ofNewest results: ArraySlice<StripResult>) -> String {
    results.reduce("") { max($0, runs[$1.run]?.name ?? "") }
  }

  /// Takes so many results from the front, and those of the same run.
  private static func chunk(_ results: inout ArraySlice<StripResult>, room: Int) -> ArraySlice<StripResult> {
    guard room > 0 else { return [] }
    let start = results.startIndex
    var end = min(start + room, results.endIndex)
    while end < results.endIndex, results[end].run == results[end - 1].run { end += 1 }
    defer { results = results[end...] }
    return results[start..<end]
  }

  private static func bytes(_ results: ArraySlice<StripResult>, _ former: [UInt8], last: Int64) -> Data {
    var (bytes, last) = (former, last)
    for result in results {
      result.append(to: &bytes, last: last)
      last = result.run
    }
    return Data(bytes)
  }

  private mutating func place(of key: SeriesKey) throws -> Int64 {
    if let known = series[key] { return known }
    let values: StatementArguments = [
      key.suite, key.cell, key.test, key.subtest, key.family, key.accelerator, key.host,
    ]
    let find = try db.cachedStatement(
      sql: "SELECT id FROM series WHERE suite = ? AND cell = ? AND test = ? AND subtest = ? AND family = ? "
        + "AND accelerator = ? AND host = ?")
    var id = try Int64.fetchOne(find, arguments: values)
    if id == nil {
      let parent = key.subtest.isEmpty ? nil : try place(of: key.wholeCase)
      try db.cachedStatement(
        sql: "INSERT INTO series (suite, cell, test, subtest, family, accelerator, host, parent) "
          + "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
      ).execute(arguments: values + [parent])
      id = db.lastInsertedRowID
    }
    series[key] = id
    return id ?? 0
  }

  private mutating func place(of kernel: IndexedRun.Kernel) throws -> Int64 {
    if let known = kernels[kernel] { return known }
    let values: StatementArguments = [kernel.label, kernel.release, kernel.identity, kernel.commit]
    try db.cachedStatement(
      sql: "INSERT OR IGNORE INTO kernel (label, version, identity, origin) VALUES (?, ?, ?, ?)"
    ).execute(arguments: values)
    let find = try db.cachedStatement(
      sql: "SELECT id FROM kernel WHERE label = ? AND version = ? AND identity = ? AND origin = ?")
    let id = try Int64.fetchOne(find, arguments: values) ?? 0
    kernels[kernel] = id
    return id
  }

  private mutating func place(of text: String) throws -> Int64 {
    if let known = texts[text] { return known }
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO text (text) VALUES (?)").execute(arguments: [text])
    let id =
      try Int64.fetchOne(db.cachedStatement(sql: "SELECT id FROM text WHERE text = ?"), arguments: [text]) ?? 0
    texts[text] = id
    return id
  }
}
