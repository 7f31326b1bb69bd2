/// The excuse of a flaky series: its failures are shown and do not count.
package struct Quarantine: Sendable, Equatable, Codable {
  package var series: SeriesKey
  package var reason: String
  package var link: String
  /// Days since 1970.
  package var firstSeen: Double
  package var expires: Double
  /// Titles of splats that belong to the flake.
  package var splats: Set<String>

  package init(
    series: SeriesKey, reason: String, link: String, firstSeen: Double, expires: Double, splats: Set<String> = []
  ) {
    (self.series, self.reason, self.link) = (series, reason, link)
    (self.firstSeen, self.expires, self.splats) = (firstSeen, expires, splats)
  }

  /// Whether a series is flaky enough to be excused: at least two flakes, and in 1 % of its runs.
  package static func isFlaky(flakes: Int, runs: Int) -> Bool { flakes >= 2 && flakes <= runs && flakes >= runs / 100 }

  package enum Complaint: String, Sendable, CaseIterable { case noReason, noLink, noEnd, endsBeforeStart }

  /// What an entry lacks; empty for one that counts.
  package var complaints: [Complaint] {
    func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
    var found: [Complaint] = []
    if isBlank(reason) { found.append(.noReason) }
    if isBlank(link) { found.append(.noLink) }
    if !expires.isFinite { found.append(.noEnd) } else if !(expires > firstSeen) { found.append(.endsBeforeStart) }
    return found
  }

  /// Returns whether the entry excuses a failure. It never excuses a crash, nor a splat that is not one of its own.
  package func excuses(_ series: SeriesKey, _ verdict: Verdict, splats titles: [String], on day: Double) -> Bool {
    series == self.series && complaints.isEmpty && verdict != .crash && verdict.countsAsFailure == true
      && day < expires && titles.allSatisfy(splats.contains)
  }
}
