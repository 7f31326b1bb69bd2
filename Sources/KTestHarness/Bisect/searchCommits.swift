package import KTestValues

/// Runs a search to its end: proof of both ends, search, verification, and the culprit reverted on the bad end.
///
/// - Parameters:
///   - bisection: the state of the search, including the steps of an earlier process (``Bisection/replay(_:)``).
///   - steps: those steps, for their information about kernels.
///   - revertRuns: the desired number of clear runs of the reverted kernel; 0 for none.
///   - workers: how many boots there may be at once.
///   - note: called with each step before the next begins; the step is on the disk when this returns.
/// - Returns: the end, and the search with all its evidence.
/// - Throws: the errors of the effects and of `note`, and `CancellationError`.
package func searchCommits(
  _ bisection: Bisection, after steps: [SearchStep] = [], revertRuns: Int = 3, workers: Int = 1,
  with effects: some SearchEffects, note: @escaping @Sendable (SearchStep) async throws -> Void,
  emit: @escaping @Sendable (SearchEvent) async -> Void
) async throws -> (conclusion: Conclusion, bisection: Bisection) {
  if workers > 1 {
    var search = SharedCommitSearch(
      bisection, after: steps, revertRuns: revertRuns, workers: workers, effects: effects, note: note, emit: emit)
    return (try await search.perform(), search.bisection)
  }
  var search = CommitSearch(bisection: bisection, after: steps, effects: effects, note: note, emit: emit)
  search.bisection.goOn()
  while true {
    try Task.checkCancellation()
    // Asked after every boot, not after a batch: a resumed search asks again too, and must get the same answer.
    switch search.bisection.next() {
    case .probe(let probe):
      try await search.perform(.commit(probe.commit), probe.purpose, atMost: probe.boots, clones: probe.clones)
    case .stop(.culprit(let node, let probability)):
      // Reverting a merge removes the whole branch, which would say nothing about the merge.
      let isMerge = search.bisection.graph.nodes[node].parents.count > 1
      let left = isMerge ? 0 : search.bisection.revertRuns(of: node, wanted: revertRuns)
      if left > 0 {
        let clones = search.bisection.clonesToRevert(node)
        try await search.perform(
          .reverted(search.bisection.graph.commit(node)), .verify, atMost: left, clones: clones)
        continue
      }
      return (.culprit(node: node, probability: probability), search.bisection)
    case .stop(let conclusion): return (conclusion, search.bisection)
    }
  }
}

private struct CommitSearch<Effects: SearchEffects> {
  var bisection: Bisection
  let effects: Effects
  let note: @Sendable (SearchStep) async throws -> Void
  let emit: @Sendable (SearchEvent) async -> Void
  private var kernels: SearchKernels
  /// The current subject, and its number of boots in a row.
  private var current: (subject: Evidence.Subject, kernel: SubjectKernel, boots: Int)?

  init(
    bisection: Bisection, after steps: [SearchStep], effects: Effects,
    note: @escaping @Sendable (SearchStep) async throws -> Void,
    emit: @escaping @Sendable (SearchEvent) async -> Void
  ) {
    (self.bisection, self.effects, self.note, self.emit) = (bisection, effects, note, emit)
    kernels = SearchKernels(steps)
  }

  /// Does the runs of one boot, building its kernel if necessary, or records why there was none.
  mutating func perform(
    _ subject: Evidence.Subject, _ purpose: Probe.Purpose, atMost boots: Int, clones: Int
  ) async throws {
    if current?.subject != subject {
      await emit(.building(subject, purpose))
      var kernel = try await effects.kernel(of: subject)
      try Task.checkCancellation()
      guard kernel.kernel != nil else {
        current = nil
        let cost = Evidence.Cost(build: kernel.seconds, isFullBuild: kernel.isFullBuild)
        let note = kernel.trouble ?? "no kernel"
        return try await step(
          .evidence(Evidence(subject, .unusable, cost: cost, note: note), purpose: purpose, journal: nil))
      }
      if case .commit(let commit) = subject {
        kernels.takeCost(of: commit, &kernel)
        current = (subject, kernel, 0)
        if try await isSame(commit, kernel) { return }
      } else {
        current = (subject, kernel, 0)
      }
    }
    guard let (_, kernel, done) = current else { return }
    await emit(.running(subject, purpose, boot: done + 1, atMost: done + max(1, boots), clones: clones))
    let seen = try await effects.run(kernel, of: subject, clones: clones)
    try Task.checkCancellation()
    let cost = Evidence.Cost(
      build: kernel.seconds, isFullBuild: kernel.isFullBuild, boot: seen.boot, run: seen.run)
    current?.kernel.seconds = nil
    current?.boots = done + 1
    try await step(
      .evidence(
        Evidence(subject, seen.outcome, clean: seen.clean, cost: cost, note: seen.note, other: seen.other),
        purpose: purpose, journal: seen.journal))
  }

  /// Returns whether another commit had the same kernel: then they share every result, and the search has been told.
  /// Asked again, it may choose something else, or this kernel once more, which is then run.
  private mutating func isSame(_ commit: String, _ kernel: SubjectKernel) async throws -> Bool {
    guard let news = kernels.meet(commit, kernel, in: bisection) else { return false }
    let isIdentity = if case .identical = news { true } else { false }
    if isIdentity { current?.kernel.seconds = nil }
    try await step(news)
    return isIdentity
  }

  private mutating func step(_ step: SearchStep) async throws {
    try await note(step)
    bisection.replay(step)
    await emit(.stepped(step, bisection))
  }
}

extension Bisection {
  /// Adds a step of this search, now or from its journal.
  package mutating func replay(_ step: SearchStep) {
    switch step {
    case .began, .dropped: return
    default: break
    }
    // A step after an end means that somebody resumed the search.
    goOn()
    // Asked before each step, live and from the journal: a verification begins again where it began.
    _ = next()
    switch step {
    case .evidence(let evidence, _, _): add(evidence)
    case .identical(let first, let second):
      addIdentical(first, second)
      markBuilt(second)
    case .built(let commit, _, _): markBuilt(commit)
    case .prepared(_, let cost): learn(cost)
    case .trial, .began, .dropped: break
    }
  }
}
