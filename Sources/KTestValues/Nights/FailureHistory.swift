/// The failures of one series, and how many runs passed between them: what issues are gathered from.
package struct FailureHistory: Sendable, Equatable {
  /// A result that counts as a failure.
  package struct Occurrence: Sendable, Equatable {
    package var run: String
    /// In milliseconds since 1970.
    package var started: Int64
    /// The label of the kernel.
    package var kernel: String
    package var release: String
    package var verdict: Verdict
    /// The titles of its splats.
    package var splats: [String]
    /// May be empty for all but the last failure with these splats.
    package var reason: String
    /// The runs that passed since the failure before it, or since the oldest run that is known.
    package var passesBefore: Int

    package init(
      run: String, started: Int64, kernel: String, release: String = "", verdict: Verdict, splats: [String] = [],
      reason: String = "", passesBefore: Int = 0
    ) {
      (self.run, self.started, self.kernel, self.release) = (run, started, kernel, release)
      (self.verdict, self.splats, self.reason, self.passesBefore) = (verdict, splats, reason, passesBefore)
    }
  }

  package var series: SeriesKey
  /// By their runs and the labels of their kernels: the oldest first.
  package var failures: [Occurrence] = []
  /// The runs that passed since the last failure.
  package var passesAfter = 0
  /// When the newest result that counts was made, in milliseconds since 1970.
  package var lastCounted: Int64
  /// Whether the newest result does not count: it was skipped, is an error of the harness or a known failure.
  package var endsUncounted = false

  package init(series: SeriesKey, lastCounted: Int64) { (self.series, self.lastCounted) = (series, lastCounted) }
}
