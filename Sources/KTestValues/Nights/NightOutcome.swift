/// What a night says of one series.
package enum NightOutcome: Sendable, Equatable {
  case passing
  case newFailure(Alarm)
  /// Reported on an earlier night, and failed again.
  case stillFailing(since: Double)
  /// Reported on an earlier night, and passed; not for long enough to say that it is gone.
  case silent(cleanRuns: Int, needed: Int)
  /// Reported on an earlier night, and not seen in that many runs.
  case fixed(notSeenIn: Int)
  /// Failed, as it does now and then on a kernel that did not change.
  case flaky(rate: Double)
  /// Failed, and the most runs could not tell whether it is new.
  case undecided(probability: Double)
  /// Failed, and the last good kernel failed tonight as well: the test, the host or the harness.
  case elsewhere
  /// Had results before, and has none tonight.
  case notTested(NotTested)
  /// The first results of the series.
  case newTest(failed: Bool)

  /// Why a series has no results.
  package enum NotTested: String, Sendable, Codable, CaseIterable {
    /// The case was skipped.
    case skipped
    /// The case is not in the suite any more, or the subtest not in the output.
    case vanished
    /// The harness failed, or the host was lost.
    case error
    /// The suite ran out of time before it.
    case outOfTime
  }

  package struct Alarm: Sendable, Equatable {
    /// What told.
    package enum Source: Sendable, Equatable {
      /// Tonight's runs against the history.
      case tonight
      /// A change of the rate over several nights.
      case change(ChangePoint)
    }

    package var probability: Double
    package var source: Source
    /// The rate of failures since.
    package var rate: Double

    package init(probability: Double, source: Source, rate: Double) {
      (self.probability, self.source, self.rate) = (probability, source, rate)
    }
  }
}
