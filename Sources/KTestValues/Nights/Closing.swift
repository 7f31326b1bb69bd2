import Glibc

/// When a failure that is not seen any more is closed. What is said is "not seen in 44 runs", never "fixed".
package enum Closing {
  /// Returns after how many clean runs in a row a failure of this rate would have been seen with 99 %; nil for a rate of 0.
  package static func cleanRuns(rate: Double) -> Int? {
    guard rate > 0 else { return nil }
    guard rate < 1 else { return 1 }
    let runs = log(0.01) / log1p(-rate)
    // 0.9^44 is 0.0097; rounding errors must not turn an exact power into one run more.
    return runs < 1e9 ? max(1, Int((runs - 1e-9).rounded(.up))) : nil
  }

  /// Returns whether so few clean runs cannot be as many as ``cleanRuns(rate:)`` says, without its logarithms: ln(1/(1 - r)) is
  /// at most r/(1 - r), and ln 100 more than 4.6.
  static func isTooEarly(clean: Int, rate: Double) -> Bool { Double(clean) * rate < 4.6 * (1 - rate) }

  /// Returns after how many days of silence a failure is closed that was seen this often within `days`; nil if it was seen
  /// fewer than ten times, which is too few to know how often it comes.
  package static func silentDays(seen: Int, within days: Double) -> Double? {
    guard seen >= 10, days > 0, days.isFinite else { return nil }
    return 3 * log(100) / (Double(seen - 1) / days)
  }
}
