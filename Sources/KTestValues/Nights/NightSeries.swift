/// What one night saw of a series on a kernel of its plan.
package struct NightSeries: Sendable, Equatable {
  package struct ID: Sendable, Hashable, Codable {
    /// The name in the plan.
    package var kernel: String
    package var series: SeriesKey

    package init(kernel: String, series: SeriesKey) { (self.kernel, self.series) = (kernel, series) }

    /// The series of the whole case.
    package var wholeCase: ID { ID(kernel: kernel, series: series.wholeCase) }
  }

  package struct Outcome: Sendable, Equatable {
    package var run: String
    /// Whether it is of the last good kernel.
    package var isControl: Bool
    package var verdict: Verdict
    /// Whether the suite names it as a known failure.
    package var isKnown: Bool
    package var reason: String
    package var splats: [String]

    package init(
      run: String, isControl: Bool = false, verdict: Verdict, isKnown: Bool = false, reason: String = "",
      splats: [String] = []
    ) {
      (self.run, self.isControl, self.verdict) = (run, isControl, verdict)
      (self.isKnown, self.reason, self.splats) = (isKnown, reason, splats)
    }

    /// Nil for a result that does not count.
    package var hasFailed: Bool? {
      let failed = verdict.countsAsFailure
      return isKnown && failed == true ? nil : failed
    }
  }

  package var id: ID
  /// In the order of the runs.
  package var outcomes: [Outcome] = []
  /// The fewest subtests that a run of the whole case executed to its end; nil if none did.
  package var executed: Int?

  package init(id: ID, outcomes: [Outcome] = [], executed: Int? = nil) {
    (self.id, self.outcomes, self.executed) = (id, outcomes, executed)
  }

  /// The outcomes of tonight's kernel that count.
  package var counted: [Outcome] { outcomes.filter { !$0.isControl && $0.hasFailed != nil } }
  package var failures: Int { counted.count { $0.hasFailed == true } }
  /// Of tonight's kernel, whether it counts or not.
  package var last: Outcome? { outcomes.last { !$0.isControl } }
}

/// The nights of a series before tonight, the oldest first.
package struct NightHistory: Sendable, Equatable {
  /// The names of the nights.
  package var nights: [String]
  /// One for each of them.
  package var points: [SeriesPoint]

  package init(nights: [String] = [], points: [SeriesPoint] = []) { (self.nights, self.points) = (nights, points) }
}
