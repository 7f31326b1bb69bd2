import Glibc

/// Decides whether a failure of tonight is new, by as many more runs as that takes: a sequential test by a Bayes factor.
///
/// It weighs two explanations of tonight's runs: this kernel broke the series, whose rate of failures is now unknown; or
/// nothing changed, and the rate is that of the history. Runs of the last good kernel in between, with the same suite on
/// the same host, count for the history: where that one fails too, the kernel is not to blame.
package struct FailureTest: Sendable, Equatable {
  package enum Decision: Sendable, Equatable {
    /// One more run in a fresh guest, of tonight's kernel.
    case runAgain
    /// One more run of the last good kernel.
    case runGoodKernel
    case newFailure
    case flake
    /// The most runs were made, and neither is likely enough.
    case undecided
    /// The last good kernel fails as well, and it did not use to: it is the test, the host or the harness.
    case elsewhere
  }

  /// The limits of the test.
  package struct Limits: Sendable, Equatable {
    /// A failure is new from this probability on.
    package var new = 0.95
    /// A failure is a flake up to this probability.
    package var flake = 0.05
    package var mostRuns = 8
    package init() {}
  }

  /// The runs of the series before tonight, in its current segment, decayed.
  package var history: RunTally
  /// The same runs, each of the same weight.
  package var past = RunTally()
  /// The share of series that never fail by themselves: learned (``NightPriors``). With 0, the test is exactly a Bayes
  /// factor of two rates under Jeffreys' prior.
  package var steadyShare = 0.0
  /// The odds, before any run, that a change of the kernel breaks a series: learned (``PriorOdds``).
  package var odds: Double
  package var limits = Limits()
  /// Runs of the nights before that left the series undecided: they belong to this test and not to the history.
  package var carried = RunTally()
  /// Tonight's runs.
  package private(set) var failures = 0
  package private(set) var runs = 0
  /// Runs of the last good kernel tonight; nil if there is none to run.
  package private(set) var control: RunTally?

  package init(history: RunTally, odds: Double = PriorOdds.start, hasGoodKernel: Bool = false) {
    self.history = history
    self.odds = odds.isFinite ? min(max(odds, 1e-12), 1e12) : PriorOdds.start
    control = hasGoodKernel ? RunTally() : nil
  }

  package mutating func add(failed: Bool) {
    runs = min(runs + 1, SeriesPoint.mostRuns)
    failures = min(failures + (failed ? 1 : 0), runs)
  }

  package mutating func addGoodKernel(failed: Bool) {
    control = (control ?? RunTally()) + RunTally(failures: failed ? 1 : 0, runs: 1)
  }

  /// Returns the log of the Bayes factor: of a rate that is now unknown, against the rate that the history has.
  package static func logFactor(_ tonight: RunTally, history: RunTally) -> Double {
    logBroken(tonight) - logSame(tonight, history)
  }

  private static func logBroken(_ tonight: RunTally) -> Double {
    logBeta(tonight.failures + 0.5, tonight.runs - tonight.failures + 0.5) - logBeta(0.5, 0.5)
  }

  private static func logSame(_ tonight: RunTally, _ history: RunTally) -> Double {
    let (r, m) = (tonight.failures, tonight.runs)
    let (f, h) = (history.failures, history.runs)
    return logBeta(r + 0.5 + f, m - r + 0.5 + h - f) - logBeta(0.5 + f, 0.5 + h - f)
  }

  /// The rate of failures of a series that never fails by itself: of mishaps that nobody explains.
  static let steadyRate = 2e-4

  /// Returns the log of the probability of the runs, if the rate is the history's. A series is either steady, or has any
  /// rate; what the past says of that counts.
  private func logUnchanged(_ tonight: RunTally) -> Double {
    let control = control ?? RunTally()
    let any = FailureTest.logSame(tonight, history + control)
    guard steadyShare > 0 else { return any }
    func logSteady(_ runs: RunTally) -> Double {
      runs.failures * log(FailureTest.steadyRate) + (runs.runs - runs.failures) * log1p(-FailureTest.steadyRate)
    }
    let share = min(steadyShare, 0.999)
    let before = past + control
    let steady = log(share) + logSteady(before)
    let other =
      log(1 - share) + logBeta(0.5 + before.failures, 0.5 + before.runs - before.failures) - logBeta(0.5, 0.5)
    let most = max(steady, other)
    let both = most + log(exp(steady - most) + exp(other - most))
    let (one, two) = (steady - both + logSteady(tonight), other - both + any)
    let greater = max(one, two)
    return greater + log(exp(one - greater) + exp(two - greater))
  }

  private func probability(of tonight: RunTally, odds: Double) -> Double {
    1 / (1 + exp(-(FailureTest.logBroken(tonight) - logUnchanged(tonight) + log(odds))))
  }

  private var tonight: RunTally { carried + RunTally(failures: Double(failures), runs: Double(runs)) }

  /// The probability that this kernel broke the series.
  package var probability: Double { probability(of: tonight, odds: odds) }

  /// The probability that the good kernel's runs of tonight differ from its history.
  private var controlDiffers: Double {
    guard let control, control.failures > 0 else { return 0 }
    return 1 / (1 + exp(-(FailureTest.logFactor(control, history: history) + log(PriorOdds.start))))
  }

  /// The probability with the odds at the start. To stop too early costs a regression, to report too early costs trust: these
  /// odds decide whether more runs are worth while, because the learned ones, which are far smaller, would end the test of a
  /// clean series at once.
  private var worth: Double { probability(of: tonight, odds: max(odds, PriorOdds.start)) }

  /// Whether nothing is left of the suspicion.
  package var isFlake: Bool { worth <= limits.flake }

  /// Whether anything speaks for a flake: a failure before this kernel, or a pass on it. A short history makes a failure look
  /// likely by itself, and says nothing.
  private var mayBeFlake: Bool { history.failures > 0 || past.failures > 0 || tonight.failures < tonight.runs }

  package var decision: Decision {
    if runs == 0 { return .runAgain }
    if controlDiffers >= limits.new { return .elsewhere }
    let worth = self.worth
    if worth <= limits.flake, mayBeFlake { return .flake }
    let isLikely = worth >= 0.5
    if isLikely, let control, control.runs < Double(min(runs, limits.mostRuns)) { return .runGoodKernel }
    if probability >= limits.new { return .newFailure }
    return runs >= limits.mostRuns ? .undecided : .runAgain
  }
}
