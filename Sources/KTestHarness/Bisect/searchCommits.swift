/// Searches to the end: proof of both ends, search, verification, and the culprit reverted on the bad end.
///
/// - Parameters:
///   - bisection: where the search stands; steps of an earlier process are in it already (``Bisection/replay(_:)``).
///   - steps: those steps, for what they say about kernels.
///   - revertRuns: how many clear runs of the reverted kernel are wanted; 0 for none.
///   - note: called with each step before the next begins; it is on the disk when this returns.
/// - Returns: the end, and the search with all its evidence.
/// - Throws: what the effects and `note` throw, and `CancellationError`.
public func searchCommits(
  _ bisection: Bisection, after steps: [SearchStep] = [], revertRuns: Int = 3, with effects: some SearchEffects,
  note: @escaping @Sendable (SearchStep) async throws -> Void, emit: @escaping @Sendable (SearchEvent) async -> Void
) async throws -> (conclusion: Conclusion, bisection: Bisection) {
  var search = CommitSearch(bisection: bisection, effects: effects, note: note, emit: emit)
  for case .built(let commit, let identity) in steps { search.commits[identity] = search.commits[identity] ?? commit }
  while true {
    try Task.checkCancellation()
    switch search.bisection.next() {
    case .probe(let probe):
      try await search.perform(.commit(probe.commit), probe.purpose, runs: probe.runs)
    case .stop(.culprit(let node, let probability)):
      if revertRuns > 0, search.bisection.revertIsWorthwhile(of: node, runs: revertRuns) {
        let culprit = search.bisection.graph.commit(node)
        try await search.perform(.reverted(culprit), .verify, runs: revertRuns)
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
  /// By identity of a kernel, the first commit that had it.
  var commits: [String: String] = [:]

  init(
    bisection: Bisection, effects: Effects, note: @escaping @Sendable (SearchStep) async throws -> Void,
    emit: @escaping @Sendable (SearchEvent) async -> Void
  ) {
    (self.bisection, self.effects, self.note, self.emit) = (bisection, effects, note, emit)
  }

  mutating func perform(_ subject: Evidence.Subject, _ purpose: Probe.Purpose, runs: Int) async throws {
    await emit(.building(subject, purpose))
    let kernel = try await effects.kernel(of: subject)
    try Task.checkCancellation()
    guard kernel.kernel != nil else {
      let cost = Evidence.Cost(build: kernel.seconds, isFullBuild: kernel.isFullBuild)
      return try await take(
        Evidence(subject, .unusable, cost: cost, note: kernel.trouble ?? "there is no kernel"), purpose, nil)
    }
    if case .commit(let commit) = subject, try await isSame(commit, kernel.identity) { return }
    var cost = Evidence.Cost(build: kernel.seconds, isFullBuild: kernel.isFullBuild)
    for run in 1...max(1, runs) {
      await emit(.running(subject, purpose, run: run, atMost: runs))
      let seen = try await effects.run(kernel, of: subject)
      try Task.checkCancellation()
      (cost.boot, cost.run) = (seen.boot, seen.run)
      try await take(Evidence(subject, seen.outcome, cost: cost, note: seen.note), purpose, seen.journal)
      cost.build = nil
      // What is surprising is a reason to think again; clean runs are what the batch was for.
      if seen.outcome != .clean { return }
    }
  }

  /// Whether the commit's kernel is one that another commit had: then they share every verdict, and the search has
  /// learnt that. Asking again, it may want something else; or this very kernel once more, which then is run.
  private mutating func isSame(_ commit: String, _ identity: String?) async throws -> Bool {
    guard let identity else { return false }
    if let first = commits[identity] {
      let known = bisection.identical.contains { Set([$0.first, $0.second]) == [first, commit] }
      if first == commit || known { return false }
      return try await step(.identical(first, commit))
    }
    commits[identity] = commit
    _ = try await step(.built(commit: commit, identity: identity))
    return false
  }

  private mutating func take(_ evidence: Evidence, _ purpose: Probe.Purpose, _ journal: String?) async throws {
    _ = try await step(.evidence(evidence, purpose: purpose, journal: journal))
  }

  private mutating func step(_ step: SearchStep) async throws -> Bool {
    try await note(step)
    bisection.replay(step)
    await emit(.stepped(step, bisection))
    return true
  }
}

extension Bisection {
  /// Takes in a step of this search, now or from its journal.
  public mutating func replay(_ step: SearchStep) {
    switch step {
    case .evidence(let evidence, _, _):
      // Asked before each, in the same way live and from the journal: a verification begins again where it began.
      _ = next()
      add(evidence)
    case .identical(let first, let second): addIdentical(first, second)
    case .built(let commit, _): markBuilt(commit)
    case .prepared(_, let cost): learn(cost)
    case .trial: break
    }
  }
}
