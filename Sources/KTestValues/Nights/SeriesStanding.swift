/// What is known of a series from the nights before.
package enum SeriesStanding: Sendable, Equatable, Codable {
  /// Nothing was reported.
  case quiet
  /// The nights since could not tell whether it is broken; their runs.
  case suspected(nights: Int, runs: RunTally)
  case open(OpenFailure)
}

/// A failure that was reported and not closed.
package struct OpenFailure: Sendable, Equatable, Codable {
  /// The day of the report.
  package var since: Double
  /// The rate of the series before it.
  package var formerRate: Double
  /// The points since the first one that failed.
  package var points: [SeriesPoint] = []

  package init(since: Double, formerRate: Double) {
    self.since = since
    self.formerRate = formerRate
  }

  /// The clean runs since the last failure.
  package var cleanRuns: Int {
    points.reversed().prefix { $0.failures == 0 }.reduce(0) { min($0 + $1.runs, SeriesPoint.mostRuns) }
  }

  /// The rate of failures while it was there: until the last one.
  package var rate: Double {
    let last = points.lastIndex { $0.failures > 0 } ?? -1
    return points.prefix(last + 1).tally.rate
  }

  /// The number of clean runs after which it is closed. The rate is the least that is likely: it was found because it failed
  /// often, and few runs overstate it.
  package var neededRuns: Int {
    let last = points.lastIndex { $0.failures > 0 } ?? -1
    return Closing.cleanRuns(rate: points.prefix(last + 1).tally.leastRate(0.8)) ?? 1
  }

  /// Whether it is closed: enough clean runs in a row; or, for a series that also fails by itself, a change back to about
  /// the rate that it had before.
  package var isOver: Bool {
    if cleanRuns >= neededRuns { return true }
    guard let last = ChangePoints(points).changes.last, !last.isWorse else { return false }
    return last.after.rate <= (last.before.rate + formerRate) / 2
  }
}
