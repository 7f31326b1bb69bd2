package import KTestValues

/// The newest results of one series, the oldest of them first.
package struct SeriesRecord: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var run: String
    /// In milliseconds since 1970.
    package var started: Int64
    package var kernel: IndexedRun.Kernel
    package var verdict: Verdict
    /// Whether the suite names it as a known failure.
    package var isKnown: Bool
    package var reason: String
    package var splats: [String]

    package init(
      run: String, started: Int64, kernel: IndexedRun.Kernel, verdict: Verdict, isKnown: Bool = false,
      reason: String = "", splats: [String] = []
    ) {
      (self.run, self.started, self.kernel) = (run, started, kernel)
      (self.verdict, self.isKnown, self.reason, self.splats) = (verdict, isKnown, reason, splats)
    }

    /// Whether the test failed: nil for a result that does not count, because it was skipped, is an error of the harness or a
    /// known failure.
    package var hasFailed: Bool? { verdict.hasFailed(isKnown: isKnown) }

    /// One letter for strips of outcomes: `k` for a known failure.
    package var letter: String { verdict.letter(isKnown: isKnown) }

    /// In days since 1970.
    var day: Double { Double(started) / 86_400_000 }
  }

  package var series: SeriesKey
  package var entries: [Entry]

  package init(series: SeriesKey, entries: [Entry]) {
    self.series = series
    self.entries = entries
  }

  /// The entries that count.
  package var counted: [Entry] { entries.filter { $0.hasFailed != nil } }

  package var points: [SeriesPoint] {
    counted.map { entry in
      let failed = entry.hasFailed == true
      return SeriesPoint(day: entry.day, passes: failed ? 0 : 1, failures: failed ? 1 : 0)
    }
  }

  package var tally: RunTally { points.tally }

  /// How often the outcome changed from one run to the next.
  package var flips: Int {
    let outcomes = counted.map(\.hasFailed)
    return zip(outcomes, outcomes.dropFirst()).count { $0 != $1 }
  }

  /// Where the rate changed, with the runs that may be the first ones after it.
  package struct Change: Sendable, Equatable {
    package var point: ChangePoint
    package var first: Entry
    package var earliest: Entry
    package var latest: Entry
    /// The last run before the range: nil if it begins with the first run.
    package var lastBefore: Entry?
  }

  package var changes: [Change] {
    let counted = counted
    return ChangePoints(points).changes.compactMap { point in
      guard counted.indices.contains(point.range.lowerBound), counted.indices.contains(point.range.upperBound) else {
        return nil
      }
      return Change(
        point: point, first: counted[point.first], earliest: counted[point.range.lowerBound],
        latest: counted[point.range.upperBound],
        lastBefore: point.range.lowerBound > 0 ? counted[point.range.lowerBound - 1] : nil)
    }
  }

  /// The runs since the last change.
  package var segment: RunTally { points.dropFirst(ChangePoints(points).segmentStart).tally }

  /// The last run that passed before the failures that end the series, and the first of them; nil if the last run passed.
  package var ends: (lastGood: Entry?, firstBad: Entry)? {
    let counted = counted
    guard counted.last?.hasFailed == true else { return nil }
    let good = counted.lastIndex { $0.hasFailed == false }
    return (good.map { counted[$0] }, counted[(good ?? -1) + 1])
  }

  /// The last failure.
  package var lastFailure: Entry? { entries.last { $0.hasFailed == true } }

  /// Since when the series has had no counted result, if its last results are none.
  package var untested: (since: Entry, last: Entry)? {
    guard let last = entries.last, last.hasFailed == nil,
      let place = entries.lastIndex(where: { $0.hasFailed != nil })
    else { return nil }
    return (entries[place + 1], last)
  }

  /// Whether it fails now and then without a change that explains it: at least two failures, in 1 % of its runs since the
  /// last change, and passes. Failures of a kernel on which it failed every time, and more than once, are that kernel's.
  package var isFlaky: Bool {
    var kernels: [IndexedRun.Kernel: KernelTally] = [:]
    for entry in counted.dropFirst(ChangePoints(points).segmentStart) {
      kernels[entry.kernel, default: .init()].runs += 1
      if entry.hasFailed == true { kernels[entry.kernel, default: .init()].failures += 1 }
    }
    return SeriesRecord.isFlaky(kernels.values)
  }

  /// The results on one kernel.
  struct KernelTally {
    var runs = 0
    var failures = 0
  }

  static func isFlaky(_ kernels: some Collection<KernelTally>) -> Bool {
    let runs = kernels.reduce(0) { $0 + $1.runs }
    let failures = kernels.reduce(0) { $0 + ($1.failures == $1.runs && $1.runs > 1 ? 0 : $1.failures) }
    return failures < runs && Quarantine.isFlaky(flakes: failures, runs: runs)
  }
}
