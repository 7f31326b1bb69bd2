internal import Foundation
import Glibc
import KTestHost
package import KTestValues

/// The results of `ktest bench store`: what a large index of runs costs.
package struct StoreBench: Sendable, Equatable {
  package struct Row: Sendable, Equatable {
    package var what: String
    package var milliseconds: Samples
    /// The processor time, which other programs do not disturb.
    package var processor: Samples
  }

  package var runs: Int
  package var series: Int
  /// The seconds that it took to fill the index, without reading journals.
  package var filling: Double
  package var bytes: Int
  package var rows: [Row] = []

  /// What a query may take at most.
  package static let goal = 50.0

  package var text: String {
    var lines = [
      "\(runs) runs of \(series) results in \(Int(filling.rounded())) s, \(bytes >> 20) MiB", "",
      "| what | processor time, ms | time, ms |", "|---|---|---|",
    ]
    func number(_ value: Double?) -> String {
      value.map { $0 < 10 ? "\(Double(Int($0 * 10)) / 10)" : "\(Int($0.rounded()))" } ?? "–"
    }
    for row in rows {
      lines.append("| \(row.what) | \(number(row.processor.median)) | \(number(row.milliseconds.median)) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  package var json: String {
    JSONValue.object([
      ("runs", .int(runs)), ("series", .int(series)), ("seconds", .double(filling)), ("bytes", .int(bytes)),
      (
        "rows",
        .array(
          rows.map { row in
            .object([
              ("what", .string(row.what)), ("milliseconds", .array(row.milliseconds.values.map { .double($0) })),
              ("processorMilliseconds", .array(row.processor.values.map { .double($0) })),
            ])
          })
      ),
    ]).page
  }
}

/// Fills an index with made-up runs, and times the queries of all pages.
package struct StoreBenchJob: Sendable {
  package var display: any SessionDisplay
  package var runs: Int
  package var series: Int
  package var rounds: Int

  /// What is wrong with the options; nil if nothing is.
  package static func problem(_ runs: Int, _ series: Int, _ rounds: Int) -> String? {
    guard (1...100_000).contains(runs) else { return "--runs must be a number from 1 to 100000" }
    guard (1...20_000).contains(series) else { return "--series must be a number from 1 to 20000" }
    return (1...1000).contains(rounds) ? nil : "--rounds must be a number from 1 to 1000"
  }

  package init(_ display: any SessionDisplay, runs: Int, series: Int, rounds: Int) {
    (self.display, self.runs, self.series, self.rounds) = (display, runs, series, rounds)
  }

  package func measure() async throws -> StoreBench {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ktest-bench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer {
      try? FileManager.default.removeItem(atPath: folder)
      display.clear()
    }
    let store = try HistoryStore(state: folder, path: HistoryStore.path(in: folder), erasing: false)
    var made = SimulatedRuns(series: series)
    let clock = ContinuousClock()
    let start = clock.now
    for first in stride(from: 0, to: runs, by: HistoryStore.batchLength) {
      try Task.checkCancellation()
      display.show(.step("\(first) of \(runs) runs"))
      let batch = (first..<min(first + HistoryStore.batchLength, runs)).map { made.run($0) }
      _ = try await store.add(batch.map { MarkedRun(run: $0, mark: "1") })
    }
    try await store.summarise()
    let filling = StoreBenchJob.milliseconds(clock.now - start) / 1000
    display.show(.step("the queries"))
    var bench = StoreBench(runs: runs, series: series, filling: filling, bytes: DiskUsage.bytes(of: folder))

    func time(_ what: String, _ body: () async throws -> Void) async throws {
      var (samples, processor) = (Samples(), Samples())
      for _ in 0..<rounds {
        try Task.checkCancellation()
        let (start, used) = (clock.now, StoreBenchJob.processorMilliseconds)
        try await body()
        samples.add(StoreBenchJob.milliseconds(clock.now - start))
        processor.add(StoreBenchJob.processorMilliseconds - used)
      }
      bench.rows.append(.init(what: what, milliseconds: samples, processor: processor))
    }
    func query(_ text: String) throws -> SeriesQuery {
      guard let query = SeriesQuery(text) else { throw CancellationError() }
      return query
    }
    try await time("history: all cases") {
      _ = historyList(try await store.summaries(), style: .plain)
    }
    let (suite, test) = (SimulatedRuns.suite(0), SimulatedRuns.test)
    try await time("history SUITE") { _ = historyList(try await store.summaries(query(suite)), style: .plain) }
    try await time("history SUITE:CASE") {
      _ = historyReport(try await store.records(query("\(suite):\(test)")), style: .plain)
      _ = historyList(try await store.summaries(query("\(suite):\(test):*")), style: .plain)
    }
    try await time("history SUITE:CASE:SUBTEST") {
      _ = historyReport(try await store.records(query("\(suite):\(test):\(SimulatedRuns.subtest)")), style: .plain)
    }
    try await time("flaky") { _ = historyList(try await store.flaky(), style: .plain) }
    try await time("issues") {
      _ = issueList(try await store.issues(excuses: Excuses(), today: CalendarDay(number: 0)), style: .plain)
    }
    var number = runs
    try await time("one more run is added") {
      _ = try await store.add([MarkedRun(run: made.run(number), mark: "1")])
      try await store.summarise()
      number += 1
    }
    return bench
  }

  /// The processor time of this process so far, of all threads.
  private static var processorMilliseconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
  }

  private static func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
  }
}
