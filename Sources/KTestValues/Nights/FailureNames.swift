/// The failures of a table, and how its names compare without a look at their letters.
struct FailureNames {
  let table: FailureTable
  /// For each run its place in the order of their names, and for each kernel that of its label; the same for the same one.
  let runs: [Int]
  let labels: [Int]
  /// The labels in that order.
  let labelNames: [String]

  init(_ table: FailureTable) {
    self.table = table
    runs = FailureNames.order(table.runs.map(\.name)).places
    (labels, labelNames) = FailureNames.order(table.kernels.map(\.label))
  }

  private static func order(_ names: [String]) -> (places: [Int], names: [String]) {
    var places = Array(repeating: 0, count: names.count)
    var distinct: [String] = []
    for index in names.indices.sorted(by: { names[$0] < names[$1] }) {
      if distinct.last != names[index] { distinct.append(names[index]) }
      places[index] = distinct.count - 1
    }
    return (places, distinct)
  }
}

/// The failures of cases that failing subtests explain, because they failed in the same run on the same kernel.
struct ExplainedFailures {
  /// For each failure of a case; nil for a series whose failures are not explained.
  private(set) var flags: [[Bool]?]

  init(_ names: FailureNames) {
    let series = names.table.series
    flags = Array(repeating: nil, count: series.count)
    var cases: [SeriesKey: Int] = [:]
    for (place, one) in series.enumerated() where one.key.subtest.isEmpty && cases[one.key] == nil {
      cases[one.key] = place
    }
    for one in series where !one.key.subtest.isEmpty {
      guard let place = cases[one.key.wholeCase] else { continue }
      let whole = series[place].failures
      var own = flags[place] ?? Array(repeating: false, count: whole.count)
      flags[place] = nil
      // Both are in the order of their runs.
      var next = 0
      for failure in one.failures {
        let (run, label) = (names.runs[failure.run], names.labels[failure.kernel])
        while next < whole.count,
          (names.runs[whole[next].run], names.labels[whole[next].kernel]) < (run, label)
        {
          next += 1
        }
        guard next < whole.count else { break }
        if names.runs[whole[next].run] == run, names.labels[whole[next].kernel] == label { own[next] = true }
      }
      flags[place] = own
    }
  }
}

/// Which kernels showed an issue, and when.
struct KernelSightings {
  private let names: FailureNames
  /// By label, in milliseconds since 1970.
  private var latest: [Int64?]
  /// By label, the number of the track that was looked at last.
  private var tracks: [Int]
  private var track = 0

  init(_ names: FailureNames) {
    self.names = names
    latest = Array(repeating: nil, count: names.labelNames.count)
    tracks = Array(repeating: 0, count: names.labelNames.count)
  }

  /// Returns the labels of the kernels that showed an issue, the last one last.
  mutating func kernels(of issue: [IssueTrack]) -> [String] {
    var seen: [Int] = []
    for one in issue {
      track += 1
      // In one series, the last sighting on a kernel counts, whatever the clocks of its runs said.
      for sighting in one.kernels.reversed() where tracks[sighting.label] != track {
        tracks[sighting.label] = track
        if latest[sighting.label] == nil { seen.append(sighting.label) }
        latest[sighting.label] = max(latest[sighting.label] ?? sighting.started, sighting.started)
      }
    }
    let order = seen.sorted { (latest[$0] ?? 0, $0) < (latest[$1] ?? 0, $1) }
    for label in seen { latest[label] = nil }
    return order.map { names.labelNames[$0] }
  }
}
