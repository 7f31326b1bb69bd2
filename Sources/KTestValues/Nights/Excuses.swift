/// A failure that is known and does not count until a day: whose it is, why, and where that is written.
package struct Excuse: Sendable, Equatable, Codable {
  /// The title of a splat, with `*` for anything; nil for failures without one.
  package var splat: WildcardPattern?
  /// `SUITE[CELL]:CASE[:SUBTEST]`, with `*` for anything; nil for all series.
  package var series: WildcardPattern?
  package var reason: String
  package var link: String
  /// The last day on which it counts.
  package var until: CalendarDay
  /// Its line in the file.
  package var line: Int

  package init(
    splat: WildcardPattern? = nil, series: WildcardPattern? = nil, reason: String, link: String, until: CalendarDay,
    line: Int = 0
  ) {
    (self.splat, self.series, self.reason) = (splat, series, reason)
    (self.link, self.until, self.line) = (link, until, line)
  }

  /// Returns whether the entry names the issue in this series. One that names only series means failures without a splat:
  /// no splat is excused that is not its own.
  package func names(_ key: IssueKey, in series: SeriesKey) -> Bool {
    switch (splat, key) {
    case (let splat?, .splat(let title)): guard splat.matches(whole: title) else { return false }
    case (nil, .test): guard self.series != nil else { return false }
    case (nil, .splat), (_?, .test): return false
    }
    guard let pattern = self.series else { return true }
    if pattern.matches(whole: series.name) { return true }
    // A suite without a cell means all of its cells.
    var anyCell = series
    anyCell.cell = ""
    return !series.cell.isEmpty && pattern.matches(whole: anyCell.name)
  }
}

/// The entries of an excuses file, in its order.
package struct Excuses: Sendable, Equatable {
  package var entries: [Excuse]

  package init(_ entries: [Excuse] = []) { self.entries = entries }

  /// What excuses say of a failure.
  package enum Answer: Sendable, Equatable {
    case none
    case holds(Excuse)
    /// It was excused until a day that has passed.
    case ranOut(Excuse)
    /// An entry names it, but it crashed, which nothing excuses.
    case crashed(Excuse)

    package var excuse: Excuse? {
      switch self {
      case .none: nil
      case .holds(let excuse), .ranOut(let excuse), .crashed(let excuse): excuse
      }
    }
  }

  /// Returns what is said of an issue in one series. An entry that still counts goes before one that has run out.
  package func answer(for key: IssueKey, series: SeriesKey, worst: Verdict, on day: CalendarDay) -> Answer {
    let naming = entries.filter { $0.names(key, in: series) }
    guard let last = naming.max(by: { $0.until < $1.until }) else { return .none }
    if day > last.until { return .ranOut(last) }
    return worst == .crash ? .crashed(last) : .holds(last)
  }

  /// Returns what is said of one result. All that it shows must be excused.
  package func answer(
    for series: SeriesKey, _ verdict: Verdict, splats: [String], on day: CalendarDay
  ) -> Answer {
    let keys = IssueKey.keys(of: series, verdict, splats: splats, isExplained: false)
    return Excuses.together(keys.map { answer(for: $0, series: series, worst: verdict, on: day) })
  }

  /// Returns the answer for all of several: the first of them that does not excuse, if there is one.
  static func together(_ answers: [Answer]) -> Answer {
    for answer in answers {
      if case .crashed = answer { return answer }
    }
    if answers.contains(.none) { return .none }
    for answer in answers {
      if case .ranOut = answer { return answer }
    }
    return answers.first ?? .none
  }
}
