internal import GRDB
import KTestValues

/// Reads the failures of series out of their windows, in one transaction.
struct FailureReader {
  private var strips: StripReader
  private(set) var table = FailureTable()
  /// Where runs, kernels and splats are in the table.
  private var runs: [Int64: Int] = [:]
  private var kernels: [Int64: Int] = [:]
  private var splats: [Int64: Int] = [0: 0]

  init(_ db: Database) { strips = StripReader(db) }

  /// Adds a series. Only the last failure of each kind has its reason, because nobody asks for the others.
  mutating func add(_ window: SeriesWindow, of key: SeriesKey, lastCounted: Int64) throws {
    var series = FailureTable.Series(key: key, lastCounted: lastCounted)
    series.failures.reserveCapacity(window.parts.count)
    var oldest = Int64.max
    var last: [Int64: Int] = [:]
    var lastPlain = -1
    for (place, part) in window.parts.enumerated() where part.hasFailed == true {
      oldest = min(oldest, part.run)
      if part.splats == 0 { lastPlain = place } else { last[part.splats] = place }
    }
    if oldest < .max { try strips.load(from: oldest) }
    for (place, part) in window.parts.enumerated() {
      guard let failed = part.hasFailed else { continue }
      guard failed else {
        series.passesAfter += part.count
        continue
      }
      let isLast = part.splats == 0 ? place == lastPlain : place == last[part.splats]
      series.failures.append(
        FailureTable.Occurrence(
          run: try self.place(ofRun: part.run), kernel: try self.place(ofKernel: part.kernel), verdict: part.verdict,
          splats: try self.place(ofSplats: part.splats), reason: isLast ? try self.place(ofReason: part.reason) : 0,
          passesBefore: series.passesAfter))
      series.passesAfter = 0
    }
    series.endsUncounted = window.parts.last.map { $0.hasFailed == nil } ?? false
    table.series.append(series)
  }

  private mutating func place(ofRun id: Int64) throws -> Int {
    if let known = runs[id] { return known }
    guard let run = strips.runs[id] else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
    table.runs.append(FailureTable.Run(name: run.name, started: run.started))
    runs[id] = table.runs.count - 1
    return table.runs.count - 1
  }

  private mutating func place(ofKernel id: Int64) throws -> Int {
    if let known = kernels[id] { return known }
    let kernel = try strips.kernel(id)
    table.kernels.append(FailureTable.Kernel(label: kernel.label, release: kernel.release))
    kernels[id] = table.kernels.count - 1
    return table.kernels.count - 1
  }

  private mutating func place(ofSplats id: Int64) throws -> Int {
    if let known = splats[id] { return known }
    table.splats.append(try strips.text(id).split(separator: "\n").map(String.init))
    splats[id] = table.splats.count - 1
    return table.splats.count - 1
  }

  private mutating func place(ofReason id: Int64) throws -> Int {
    if id == 0 { return 0 }
    table.reasons.append(try strips.text(id))
    return table.reasons.count - 1
  }
}
