/// One series in one night: which run is wanted next, and at the end what is said of it.
///
/// It is the one place where the rules come together. A night asks it for the next run until there is none; a simulated
/// night does the same.
package struct SeriesNight: Sendable, Equatable {
  package enum Step: Sendable, Equatable {
    case run
    case runGoodKernel
    case done
  }

  /// What a night leaves behind.
  package struct Ending: Sendable, Equatable {
    package var outcome: NightOutcome
    package var standing: SeriesStanding
    /// With tonight's point, unless the series did not run.
    package var history: [SeriesPoint]
    /// The probability that tonight's kernel broke the series, as far as it was weighed; 0 where nothing failed.
    package var probability: Double
  }

  /// How many nights a suspicion is kept.
  package static let suspectedNights = 7

  private let history: [SeriesPoint]
  private let standing: SeriesStanding
  private let day: Double
  private var test: FailureTest

  /// - Parameters:
  ///   - history: the points before, the newest last.
  ///   - day: the day of this night, in days since 1970.
  ///   - priors: what the nights so far have taught.
  ///   - hasGoodKernel: whether a kernel that is known as good can be run beside tonight's.
  package init(
    history: [SeriesPoint], standing: SeriesStanding = .quiet, day: Double, priors: NightPriors = NightPriors(),
    hasGoodKernel: Bool = false
  ) {
    self.history = history
    self.standing = standing
    self.day = day.isFinite ? day : 0
    test = FailureTest(history: RunTally(), odds: priors.odds, hasGoodKernel: hasGoodKernel)
    test.steadyShare = priors.steadyShare
    // A night in which nothing fails needs no history, and those are nearly all.
    if case .suspected = standing { weighHistory() }
  }

  package mutating func add(failed: Bool) {
    test.add(failed: failed)
    if case .quiet = standing, failed, test.failures == 1 { weighHistory() }
  }

  package mutating func addGoodKernel(failed: Bool) { test.addGoodKernel(failed: failed) }

  private mutating func weighHistory() {
    var usual = history
    if case .suspected(let nights, let runs) = standing {
      usual.removeLast(min(nights, usual.count))
      test.carried = runs
    }
    usual.removeAll(where: \.isReported)
    let start = ChangePoints(usual).segmentStart
    let segment = usual.dropFirst(min(start, usual.count))
    test.history = segment.decayed(at: day)
    test.past = segment.tally
  }

  private var isNew: Bool { history.allSatisfy { $0.runs == 0 } }

  package var step: Step {
    if test.runs == 0 { return .run }
    if isNew { return .done }
    switch standing {
    case .open: return .done
    case .quiet where test.failures == 0: return .done
    // A suspicion is worth runs, even if the first one passes.
    case .quiet, .suspected: break
    }
    switch test.decision {
    case .runAgain: return .run
    case .runGoodKernel: return .runGoodKernel
    case .newFailure, .flake, .undecided, .elsewhere: return .done
    }
  }

  /// Ends the night.
  /// - Parameter reason: why the series has no result, if it has none.
  package func ending(notTested reason: NightOutcome.NotTested = .vanished) -> Ending {
    guard test.runs > 0 else {
      return Ending(
        outcome: isNew ? .passing : .notTested(reason), standing: standing, history: history, probability: 0)
    }
    let point = SeriesPoint(day: day, passes: test.runs - test.failures, failures: test.failures)
    var after = Ending(
      outcome: .passing, standing: .quiet, history: history + [point],
      probability: test.failures > 0 ? test.probability : 0)
    if isNew {
      after.outcome = .newTest(failed: test.failures > 0)
      return after
    }
    switch standing {
    case .open(let failure): end(&after, failure, point)
    case .suspected(let nights, _) where test.failures == 0 && test.decision != .newFailure:
      keepSuspicion(&after, nights: nights, point)
    case .quiet where test.failures == 0: break
    case .quiet, .suspected: judge(&after, point)
    }
    return after
  }

  /// Reports a failure that this night could not decide, because ``FalseAlarmLimit`` has room for it. Another ending stays as it
  /// is.
  package func reporting(_ ending: Ending) -> Ending {
    guard case .undecided = ending.outcome else { return ending }
    var after = ending
    openTonight(&after)
    return after
  }

  /// Takes the night back, because it is one of a flood: what it showed says nothing about the series.
  package func withdrawing(_ ending: Ending) -> Ending {
    var after = ending
    after.history = history + ending.history.suffix(1)
    setAside(&after)
    return after
  }

  private func setAside(_ after: inout Ending) {
    after.history[after.history.count - 1].isReported = true
    after.standing = standing
    after.outcome = .elsewhere
  }

  private func openTonight(_ after: inout Ending) {
    var suspected = 0
    if case .suspected(let nights, _) = standing { suspected = nights }
    let tally = after.history.suffix(suspected + 1).tally
    open(&after, from: after.history.count - suspected - 1)
    after.outcome = .newFailure(.init(probability: test.probability, source: .tonight, rate: tally.rate))
  }

  private func end(_ after: inout Ending, _ failure: OpenFailure, _ point: SeriesPoint) {
    var failure = failure
    failure.points.append(point)
    after.history[after.history.count - 1].isReported = true
    after.standing = .open(failure)
    if failure.isOver {
      after.outcome = .fixed(notSeenIn: failure.cleanRuns)
      after.standing = .quiet
    } else if point.failures > 0 {
      after.outcome = .stillFailing(since: failure.since)
    } else {
      after.outcome = .silent(cleanRuns: failure.cleanRuns, needed: failure.neededRuns)
    }
  }

  private func keepSuspicion(_ after: inout Ending, nights: Int, _ point: SeriesPoint) {
    guard nights < SeriesNight.suspectedNights, point.passes == 0 || !test.isFlake else { return }
    let points = after.history.suffix(nights + 1)
    after.standing = .suspected(nights: nights + 1, runs: points.tally)
  }

  private func judge(_ after: inout Ending, _ point: SeriesPoint) {
    var suspected = 0
    if case .suspected(let nights, _) = standing { suspected = nights }
    switch test.decision {
    case .newFailure: openTonight(&after)
    case .elsewhere: setAside(&after)
    case .flake, .undecided, .runAgain, .runGoodKernel:
      if let change = slowChange(after.history) {
        open(&after, from: change.place)
        after.probability = max(after.probability, change.point.probability)
        after.outcome = .newFailure(
          .init(probability: change.point.probability, source: .change(change.point), rate: change.point.after.rate))
      } else if test.decision == .flake {
        // Two such nights in a row are worth more runs.
        if point.passes == 0 { keepSuspicion(&after, nights: suspected, point) }
        after.outcome = .flaky(
          rate: (test.history + RunTally(failures: Double(point.failures), runs: Double(point.runs))).rate)
      } else {
        after.outcome = .undecided(probability: test.probability)
        keepSuspicion(&after, nights: suspected, point)
      }
    }
  }

  /// Marks the points that belong to the failure, from the first one on.
  private func open(_ after: inout Ending, from first: Int) {
    var failure = OpenFailure(since: day, formerRate: test.history.rate)
    for place in max(0, first)..<after.history.count where !after.history[place].isReported {
      failure.points.append(after.history[place])
      after.history[place].isReported = true
    }
    after.standing = .open(failure)
  }

  /// Returns the last change of the history if it is one for the worse and sure, and its place in the whole history.
  private func slowChange(_ history: [SeriesPoint]) -> (point: ChangePoint, place: Int)? {
    let usual = history.indices.filter { !history[$0].isReported }
    guard let last = ChangePoints(usual.map { history[$0] }).changes.last, last.isWorse,
      last.probability >= test.limits.new
    else { return nil }
    return (last, usual[last.first])
  }
}
