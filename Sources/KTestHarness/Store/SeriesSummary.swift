package import KTestValues

/// A series in a list: what the index keeps ready of it, because computing it for a thousand series takes too long.
package struct SeriesSummary: Sendable, Equatable {
  package var series: SeriesKey
  package var tally: RunTally
  /// Results that do not count: skipped, known failures, and those that the harness failed to get.
  package var others: Int
  package var flips: Int
  /// The runs since the last change of the rate.
  package var segment: RunTally
  package var isFlaky: Bool
  /// The last outcomes, each as ``SeriesRecord/Entry/letter``.
  package var recent: String

  static let recentLength = 20

  package init(
    series: SeriesKey, tally: RunTally, others: Int, flips: Int, segment: RunTally, isFlaky: Bool, recent: String
  ) {
    (self.series, self.tally, self.others, self.flips) = (series, tally, others, flips)
    (self.segment, self.isFlaky, self.recent) = (segment, isFlaky, recent)
  }

  package init(_ record: SeriesRecord) {
    self.init(
      series: record.series, tally: record.tally, others: record.entries.count - record.counted.count,
      flips: record.flips, segment: record.segment, isFlaky: record.isFlaky,
      recent: record.entries.suffix(SeriesSummary.recentLength).map(\.letter).joined())
  }
}

extension Verdict {
  /// Whether a result with this verdict counts as a failure, or as none; nil for one that does not count.
  func hasFailed(isKnown: Bool) -> Bool? {
    let failed = countsAsFailure
    return isKnown && failed == true ? nil : failed
  }

  /// One letter for strips of outcomes, `k` for a known failure.
  func letter(isKnown: Bool) -> String {
    isKnown && hasFailed(isKnown: true) == nil && self != .skip ? "k" : letter
  }

  /// One letter for strips of outcomes.
  package var letter: String {
    switch self {
    case .pass: "."
    case .skip: "s"
    case .fail: "F"
    case .error: "E"
    case .timeout: "T"
    case .crash: "C"
    }
  }
}
