/// The counted runs of a series in one night, or on one kernel.
package struct SeriesPoint: Sendable, Equatable, Codable {
  /// The time in days since 1970.
  package var day: Double
  package var passes: Int
  package var failures: Int
  /// Whether it belongs to a failure that was reported. Such runs say nothing about how the series usually behaves.
  package var isReported: Bool

  package init(day: Double, passes: Int = 0, failures: Int = 0, isReported: Bool = false) {
    self.day = day
    self.passes = min(max(passes, 0), SeriesPoint.mostRuns)
    self.failures = min(max(failures, 0), SeriesPoint.mostRuns)
    self.isReported = isReported
  }

  /// The most runs that one point counts, so that no sum overflows.
  static let mostRuns = 1_000_000

  package var runs: Int { passes + failures }
}

/// Runs and the failures among them; fractions, where old runs count for less.
package struct RunTally: Sendable, Equatable, Codable {
  package var failures: Double
  package var runs: Double

  /// Creates a tally. Numbers that cannot be counts, also NaN, become the nearest possible ones.
  package init(failures: Double = 0, runs: Double = 0) {
    self.runs = runs > 0 ? min(runs, 1e12) : 0
    self.failures = failures > 0 ? min(failures, self.runs) : 0
  }

  /// The estimated rate of failures: the mean after Jeffreys' prior.
  package var rate: Double { (failures + 0.5) / (runs + 1) }

  /// The range of the rate that holds with this probability, by Jeffreys' prior; 0…1 without runs.
  package func interval(_ probability: Double = 0.95) -> ClosedRange<Double> {
    guard runs > 0 else { return 0...1 }
    let low = leastRate(probability)
    // Where nothing or everything failed, the range reaches to the end: Brown, Cai and DasGupta 2001.
    let high =
      failures == runs
      ? 1 : betaQuantile(1 - RunTally.tail(probability), failures + 0.5, runs - failures + 0.5)
    return min(low, high)...max(low, high)
  }

  /// Returns where that range begins.
  package func leastRate(_ probability: Double = 0.95) -> Double {
    guard failures > 0 else { return 0 }
    return betaQuantile(RunTally.tail(probability), failures + 0.5, runs - failures + 0.5)
  }

  private static func tail(_ probability: Double) -> Double { (1 - min(max(probability, 0), 0.9999)) / 2 }

  package static func + (left: RunTally, right: RunTally) -> RunTally {
    RunTally(failures: left.failures + right.failures, runs: left.runs + right.runs)
  }
}

extension Collection where Element == SeriesPoint {
  /// The runs of all points, each of the same weight.
  package var tally: RunTally {
    reduce(RunTally()) { $0 + RunTally(failures: Double($1.failures), runs: Double($1.runs)) }
  }

  /// The runs of all points that belong to no reported failure. A run of 30 days ago counts half, one of 60 days a
  /// quarter; a point from the future, of a clock that was set back, counts like one of now.
  package func decayed(at day: Double) -> RunTally {
    var (failures, runs) = (0.0, 0.0)
    for point in self where !point.isReported && point.runs > 0 {
      let weight = decay(day - point.day)
      failures += weight * Double(point.failures)
      runs += weight * Double(point.runs)
    }
    return RunTally(failures: failures, runs: runs)
  }
}
