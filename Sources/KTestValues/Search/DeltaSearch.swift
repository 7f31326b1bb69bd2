/// The smallest set of differences between a good and a bad configuration or command line that causes the target.
///
/// It uses delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002: ddmin):
/// it applies subsets of the differences to the good side, first halves, quarters and so on, then their complements,
/// until no single difference can be removed. A trial repeats its runs until a sequential test is sure, so that it can
/// follow a target that shows only sometimes; a combination that does not build or boot is unresolved and only makes
/// the parts smaller.
///
/// It is a value: the same evidence gives the same next trial in whatever order it came.
package struct DeltaSearch: Codable, Sendable, Equatable {
  /// The differences as named by the caller: `CONFIG_X=y`, `transparent_hugepage=always`.
  package let differences: [String]
  /// The probability that the answer is wrong, over all trials together.
  package let error: Double
  /// The number of runs of the bad side without the target after which there is nothing to search.
  package let maximumEndRuns: Int
  private var trials: [Trial] = []

  /// The results with one subset.
  package struct Trial: Codable, Sendable, Equatable {
    /// The indices into `differences`, ascending.
    package var subset: [Int]
    package var outcomes: [ProbeOutcome]
  }

  package enum Step: Sendable, Equatable {
    /// Apply exactly these differences, run the case once, and add the outcome.
    case run(subset: [Int])
    case stop(Result)
  }

  package enum Result: Sendable, Equatable, Codable {
    /// None of these can be removed; `unresolved` counts the combinations that could not be tried.
    case minimal(subset: [Int], unresolved: Int)
    /// Nothing can run without the differences: what causes the target cannot be distinguished from what lets the case
    /// run.
    case goodSideIsUnusable
    /// The target shows without any difference.
    case goodSideHasTarget
    /// The target does not show with all differences, or nothing runs.
    case badSideIsClean
    case infrastructure
  }

  package init(differences: [String], error: Double = 0.05, maximumEndRuns: Int = 60) {
    (self.differences, self.error, self.maximumEndRuns) = (differences, error, maximumEndRuns)
  }

  package var runs: Int { trials.reduce(0) { $0 + $1.outcomes.count } }

  package mutating func add(_ outcome: ProbeOutcome, with subset: [Int]) {
    let key = subset.sorted()
    if let place = trials.firstIndex(where: { $0.subset == key }) {
      trials[place].outcomes.append(outcome)
    } else {
      trials.append(Trial(subset: key, outcomes: [outcome]))
    }
  }

  /// Continues a search that failures of the harness ended: resuming it implies that they were fixed.
  package mutating func goOn() {
    for index in trials.indices {
      while trials[index].outcomes.last == .infrastructure { trials[index].outcomes.removeLast() }
    }
  }

  /// Returns the next step.
  package func next() -> Step {
    let all = Array(differences.indices)
    switch badSide(all) {
    case .open: return .run(subset: all)
    case .failed: return .stop(.infrastructure)
    case .without, .unresolved: return .stop(.badSideIsClean)
    case .shows: break
    }
    var walk = Walk(self)
    switch walk.look([]) {
    case .shows: return .stop(.goodSideHasTarget)
    case .open, .failed: return walk.step
    case .unresolved: return .stop(.goodSideIsUnusable)
    case .without: break
    }
    guard let minimal = walk.minimise(all) else { return walk.step }
    return .stop(.minimal(subset: minimal, unresolved: walk.unresolved))
  }

  enum State { case shows, without, unresolved, open, failed }

  /// Returns what the runs with a subset show. Every decisive trial may be wrong with its share of the error.
  func state(_ subset: [Int]) -> State {
    let reference = outcomes(Array(differences.indices))
    var test = ReproductionTest(
      seenAtBadEnd: reference.count { $0 == .targetSeen }, cleanAtBadEnd: reference.count { $0 == .clean },
      error: error / Double(expectedTrials))
    for outcome in outcomes(subset) { test.add(outcome) }
    return switch test.decision {
    case .bad: .shows
    case .good: .without
    case .skip: .unresolved
    case .stop: .failed
    case .runAgain: .open
    }
  }

  /// The state of the bad side, which proves the target and from which the rate is learned: three sightings, or all
  /// runs that it may have.
  private func badSide(_ all: [Int]) -> State {
    let outcomes = outcomes(all)
    let seen = outcomes.count { $0 == .targetSeen }
    if seen >= 3 { return .shows }
    if outcomes.suffix(3) == [.infrastructure, .infrastructure, .infrastructure] { return .failed }
    if outcomes.contains(.unusable), seen == 0 { return .unresolved }
    return outcomes.count { $0 != .infrastructure } < maximumEndRuns ? .open : seen > 0 ? .shows : .without
  }

  private func outcomes(_ subset: [Int]) -> [ProbeOutcome] { trials.first { $0.subset == subset }?.outcomes ?? [] }

  /// The expected number of trials: halving to one difference, its complement at each level, and the last proof.
  private var expectedTrials: Int {
    let bits = Int.bitWidth - max(1, differences.count).leadingZeroBitCount
    return 2 * bits + 2
  }
}
