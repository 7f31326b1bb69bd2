/// The failures of many series, with numbers for the names that they have in common. Issues are gathered from tens of
/// thousands of failures, and show the names of a few hundred.
package struct FailureTable: Sendable, Equatable {
  package struct Run: Sendable, Hashable {
    package var name: String
    /// In milliseconds since 1970.
    package var started: Int64

    package init(name: String, started: Int64) { (self.name, self.started) = (name, started) }
  }

  package struct Kernel: Sendable, Hashable {
    package var label: String
    package var release: String

    package init(label: String, release: String) { (self.label, self.release) = (label, release) }
  }

  /// A result that counts as a failure: as ``FailureHistory/Occurrence``, with places in this table.
  package struct Occurrence: Sendable, Equatable {
    package var run: Int
    package var kernel: Int
    package var verdict: Verdict
    /// Zero for no splats and no reason.
    package var splats = 0
    package var reason = 0
    package var passesBefore: Int

    package init(run: Int, kernel: Int, verdict: Verdict, splats: Int = 0, reason: Int = 0, passesBefore: Int) {
      (self.run, self.kernel, self.verdict, self.splats, self.reason) = (run, kernel, verdict, splats, reason)
      self.passesBefore = passesBefore
    }
  }

  /// The failures of one series, as in ``FailureHistory``.
  package struct Series: Sendable, Equatable {
    package var key: SeriesKey
    package var failures: [Occurrence] = []
    package var passesAfter = 0
    package var lastCounted: Int64
    package var endsUncounted = false

    package init(key: SeriesKey, lastCounted: Int64) { (self.key, self.lastCounted) = (key, lastCounted) }
  }

  package var runs: [Run] = []
  package var kernels: [Kernel] = []
  /// The titles of splats that came together.
  package var splats: [[String]] = [[]]
  package var reasons = [""]
  package var series: [Series] = []

  package init() {}

  package init(_ histories: [FailureHistory]) {
    var places = Places()
    for history in histories {
      var series = Series(key: history.series, lastCounted: history.lastCounted)
      (series.passesAfter, series.endsUncounted) = (history.passesAfter, history.endsUncounted)
      for failure in history.failures {
        series.failures.append(
          Occurrence(
            run: Places.place(Run(name: failure.run, started: failure.started), &places.runs, &runs),
            kernel: Places.place(Kernel(label: failure.kernel, release: failure.release), &places.kernels, &kernels),
            verdict: failure.verdict, splats: Places.place(failure.splats, &places.splats, &splats),
            reason: Places.place(failure.reason, &places.reasons, &reasons), passesBefore: failure.passesBefore))
      }
      self.series.append(series)
    }
  }

  /// Where in the table what is there already.
  private struct Places {
    var runs: [Run: Int] = [:]
    var kernels: [Kernel: Int] = [:]
    var splats: [[String]: Int] = [[]: 0]
    var reasons = ["": 0]

    static func place<Value: Hashable>(_ value: Value, _ places: inout [Value: Int], _ values: inout [Value]) -> Int {
      if let known = places[value] { return known }
      places[value] = values.count
      values.append(value)
      return values.count - 1
    }
  }
}
