/// What the nights so far have taught of all series together.
package struct NightPriors: Sendable, Equatable, Codable {
  /// New failures that were reported.
  package private(set) var broken = 0
  /// How often a series ran on a kernel that had changed.
  package private(set) var looked = 0
  /// Series with enough runs to say whether they are steady, and those of them that never failed.
  package private(set) var seen = 0
  package private(set) var clean = 0

  package init() {}

  package mutating func learn(looked more: Int, broken found: Int) {
    looked = min(looked + max(0, more), Int(Int32.max))
    broken = min(broken + max(0, found), looked)
  }

  /// Counts the series anew.
  /// - Parameter tallies: the runs of each series, without reported failures.
  package mutating func count(_ tallies: some Sequence<RunTally>) {
    (seen, clean) = (0, 0)
    for tally in tallies where tally.runs >= NightPriors.enoughRuns {
      seen += 1
      clean += tally.failures == 0 ? 1 : 0
    }
  }

  /// How many runs a series needs to be counted.
  package static let enoughRuns = 30.0
  /// How many series are needed to say what share is steady.
  static let enoughSeries = 20

  /// The odds that a change of the kernel breaks a series.
  package var odds: Double {
    let share = (Double(broken) + PriorOdds.start * PriorOdds.weight) / (Double(looked) + PriorOdds.weight)
    return min(max(share, PriorOdds.bounds.lowerBound), PriorOdds.bounds.upperBound)
  }

  /// The share of series that never fail by themselves. One of any rate, by Jeffreys' prior, has no failure in 30 runs with
  /// 10 %, and is not taken for a steady one.
  package var steadyShare: Double {
    guard seen >= NightPriors.enoughSeries else { return 0 }
    return min(max((Double(clean) / Double(seen) - 0.1) / 0.9, 0), 0.99)
  }
}

/// The odds, before any run, that a change of the kernel breaks a series.
package enum PriorOdds {
  /// The odds before anything is known.
  package static let start = 0.01
  /// How many looks the start is worth.
  static let weight = 10_000.0
  /// What the learned odds stay within: no installation is so good or so bad that runs could not say otherwise.
  static let bounds = 1e-4...0.05
}
