/// What a night leaves to the next one, so that it can judge: all that the results themselves do not say.
package struct NightMemory: Sendable, Equatable, Codable {
  package static let currentVersion = 1

  package struct Series: Sendable, Equatable, Codable {
    package var id: NightSeries.ID
    package var standing = SeriesStanding.quiet
    /// All counted runs that belong to no reported failure.
    package var tally = RunTally()
    /// The day of the last counted result, in days since 1970.
    package var counted: Double
    /// The nights whose results belong to a reported failure.
    package var reported: [String] = []
    /// Since when it has had no counted result; in milliseconds since 1970.
    package var untestedSince: Int64?
    /// The nights without a counted result in a row.
    package var untestedNights = 0
    /// The subtests that the case executed.
    package var executed: Int?
    /// What was said of it last.
    package var word: NightRecord.Word?

    package init(id: NightSeries.ID, counted: Double) { (self.id, self.counted) = (id, counted) }
  }

  /// A search that was begun, and what for.
  package struct Search: Sendable, Equatable, Codable {
    package var id: String
    package var range: SearchWish.Range
    package var series: [NightSeries.ID]

    package init(id: String, range: SearchWish.Range, series: [NightSeries.ID]) {
      (self.id, self.range, self.series) = (id, range, series)
    }
  }

  package var version = NightMemory.currentVersion
  /// The name of the night that left it.
  package var night: String
  package var priors = NightPriors()
  package var limit = FalseAlarmLimit()
  /// How many cases failed in their first run on each of the nights before, by the name of the kernel.
  package var failed: [String: [Int]] = [:]
  package var series: [Series] = []
  /// The searches that are not answered, and those whose failure is still there.
  package var searches: [Search] = []

  /// Nil if an older ktest has left it.
  package var metrics: [MetricPast]?

  package init(night: String) { self.night = night }

  /// How long a series is remembered that has no results, in days.
  package static let forgottenAfter = 90.0
  /// How often a series that vanished is mentioned.
  package static let mentionedNights = 7
}
