package import KTestValues

/// The side effects of a search over differences. Subsets are indices into the search's differences, ascending.
package protocol DifferenceEffects: Sendable {
  /// Returns the kernel of the good side with exactly these differences.
  func kernel(with subset: [Int]) async throws -> SubjectKernel
  func run(_ kernel: SubjectKernel, with subset: [Int]) async throws -> RunObservation
}

/// Searches the smallest set of differences that causes the target.
///
/// - Parameters:
///   - search: the state of the search, including the trials of an earlier process (``DeltaSearch/replay(_:)``).
///   - note: called with each step before the next begins; the step is on the disk when this returns.
/// - Throws: the errors of the effects and of `note`, and `CancellationError`.
package func searchDifferences(
  _ search: DeltaSearch, with effects: some DifferenceEffects, note: @Sendable (SearchStep) async throws -> Void,
  emit: @Sendable (SearchEvent) async -> Void
) async throws -> (result: DeltaSearch.Result, search: DeltaSearch) {
  var search = search
  search.goOn()
  while true {
    try Task.checkCancellation()
    let subset: [Int]
    switch search.next() {
    case .stop(let result): return (result, search)
    case .run(let wanted): subset = wanted
    }
    await emit(.trying(subset.map { search.differences[$0] }, of: search.differences.count))
    let kernel = try await effects.kernel(with: subset)
    try Task.checkCancellation()
    var trial = SearchTrial(subset: subset, outcome: .unusable, note: kernel.trouble ?? "no kernel")
    trial.cost = Evidence.Cost(build: kernel.seconds, isFullBuild: kernel.isFullBuild)
    if kernel.kernel != nil {
      let seen = try await effects.run(kernel, with: subset)
      try Task.checkCancellation()
      (trial.outcome, trial.note, trial.journal) = (seen.outcome, seen.note, seen.journal)
      (trial.cost.boot, trial.cost.run) = (seen.boot, seen.run)
    }
    let step = SearchStep.trial(trial)
    try await note(step)
    search.replay(step)
    await emit(.tried(trial, search))
  }
}

/// One run, or an attempt, with some of the differences.
package struct SearchTrial: Codable, Sendable, Equatable {
  package var subset: [Int]
  package var outcome: ProbeOutcome
  package var note: String
  package var cost = Evidence.Cost()
  /// The run's directory.
  package var journal: String?

  package init(subset: [Int], outcome: ProbeOutcome, note: String = "") {
    (self.subset, self.outcome, self.note) = (subset, outcome, note)
  }
}

extension DeltaSearch {
  package mutating func replay(_ step: SearchStep) {
    if case .trial(let trial) = step { add(trial.outcome, with: trial.subset) }
  }
}
