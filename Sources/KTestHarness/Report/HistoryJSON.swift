import KTestValues

/// Returns the histories as JSON with stable keys.
package func historyJSON(_ records: [SeriesRecord]) -> String {
  JSONValue.array(records.map(\.json)).page
}

/// Returns the series in short as JSON with stable keys, those of a full history without what needs all results.
package func historyJSON(_ summaries: [SeriesSummary]) -> String {
  JSONValue.array(summaries.map { .object($0.fields) }).page
}

extension SeriesSummary {
  fileprivate var fields: [(String, JSONValue)] {
    let interval = tally.interval()
    return [
      ("suite", .string(series.suite)), ("cell", .string(series.cell)), ("case", .string(series.test)),
      ("subtest", .string(series.subtest)), ("family", .string(series.family)),
      ("accelerator", .string(series.accelerator)), ("host", .string(series.host)),
      ("runs", .int(Int(tally.runs))), ("failures", .int(Int(tally.failures))), ("notCounted", .int(others)),
      ("flips", .int(flips)), ("flaky", .bool(isFlaky)),
      ("rate", .array([.double(interval.lowerBound), .double(interval.upperBound)])), ("recent", .string(recent)),
    ]
  }
}

extension SeriesRecord {
  fileprivate var json: JSONValue {
    .object(
      SeriesSummary(self).fields + [
        ("changes", .array(changes.map(\.json))),
        ("lastGood", ends?.lastGood?.json ?? .null), ("firstBad", ends?.firstBad.json ?? .null),
        ("notTestedSince", untested?.since.json ?? .null),
        ("results", .array(entries.map(\.json))),
      ])
  }
}

extension SeriesRecord.Entry {
  fileprivate var json: JSONValue {
    .object([
      ("run", .string(run)), ("kernel", .string(kernel.label)), ("release", .string(kernel.release)),
      ("commit", kernel.commit.isEmpty ? .null : .string(kernel.commit)), ("verdict", .string(verdict.rawValue)),
      ("known", .bool(isKnown)), ("reason", reason.isEmpty ? .null : .string(reason)),
      ("splats", .array(splats.map { .string($0) })),
    ])
  }
}

extension SeriesRecord.Change {
  fileprivate var json: JSONValue {
    .object([
      ("worse", .bool(point.isWorse)), ("first", first.json), ("earliest", earliest.json), ("latest", latest.json),
      ("lastBefore", lastBefore?.json ?? .null), ("probability", .double(point.probability)),
      ("before", .array([.int(Int(point.before.failures)), .int(Int(point.before.runs))])),
      ("after", .array([.int(Int(point.after.failures)), .int(Int(point.after.runs))])),
    ])
  }
}
