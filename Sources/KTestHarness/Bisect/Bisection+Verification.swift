/// The verification: the culprit and its parents again, by turns, so that a machine that drifts shows in both.
extension Bisection {
  /// The member with the fewest runs since the verification began; nil when all have enough. Parents first.
  func unverified(_ culprit: Int) -> Int? {
    var counts: [Int: Int] = [:]
    for item in evidence[(verifications[culprit] ?? 0)...] where item.source == .run && item.outcome.speaks {
      if case .commit(let commit) = item.subject, let node = graph.node(of: commit) { counts[node, default: 0] += 1 }
    }
    let members = (graph.nodes[culprit].parents + [culprit]).filter { usability.chance($0) >= ProbeChoice.leastChance }
    let fewest = members.min { counts[$0] ?? 0 < counts[$1] ?? 0 }
    return fewest.flatMap { counts[$0] ?? 0 < parameters.verificationRuns ? $0 : nil }
  }

  /// Whether reverting the culprit on the bad end would still say something: runs of it are added as
  /// `.reverted(culprit)`. The same posterior takes them in: with the true culprit reverted the bug is gone.
  public func revertIsWorthwhile(of culprit: Int, runs: Int = 3) -> Bool { revertRuns(of: culprit, wanted: runs) > 0 }

  /// How many runs with the culprit reverted are left of those wanted. None where there is no such kernel, or where other
  /// failures are all that it shows.
  func revertRuns(of culprit: Int, wanted: Int) -> Int {
    let done = evidence.filter { $0.subject == .reverted(graph.commit(culprit)) }
    if done.contains(where: { $0.outcome == .unusable }) { return 0 }
    if done.count(where: { $0.outcome == .otherFailure }) >= Self.patience { return 0 }
    return max(0, wanted - done.count(where: \.outcome.speaks))
  }

  /// So many runs without an answer are enough where none can be done without.
  static let patience = 10
}
