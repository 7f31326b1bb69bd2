/// The verification: the culprit and its parents run again in turn, so that a drifting machine affects both.
extension Bisection {
  /// Returns the member with the fewest boots since the verification began, parents first; nil if all have enough.
  func unverified(_ culprit: Int) -> Int? {
    var counts: [Int: Int] = [:]
    for item in evidence[(verifications[culprit] ?? 0)...] where item.source == .run && item.speaks {
      if case .commit(let commit) = item.subject, let node = graph.node(of: commit) { counts[node, default: 0] += 1 }
    }
    let members = (graph.nodes[culprit].parents + [culprit]).filter { usability.chance($0) >= ProbeChoice.leastChance }
    let fewest = members.min { counts[$0] ?? 0 < counts[$1] ?? 0 }
    return fewest.flatMap { counts[$0] ?? 0 < parameters.verificationRuns ? $0 : nil }
  }

  /// Returns whether reverting the culprit on the bad end would still add information. Its runs are added as
  /// `.reverted(culprit)` and go into the same posterior: the bug is gone if the true culprit is reverted.
  package func revertIsWorthwhile(of culprit: Int, runs: Int = 3) -> Bool { revertRuns(of: culprit, wanted: runs) > 0 }

  /// Returns how many of the desired boots with the culprit reverted are left. There are none if there is no such
  /// kernel, or if it only shows other failures.
  package func revertRuns(of culprit: Int, wanted: Int) -> Int {
    let done = evidence.filter { $0.subject == .reverted(graph.commit(culprit)) }
    if done.contains(where: { $0.outcome == .unusable }) { return 0 }
    if done.count(where: { $0.outcome == .otherFailure }) >= Self.patience { return 0 }
    return max(0, wanted - done.count(where: \.speaks))
  }

  /// The number of runs without an answer after which a required commit is given up.
  static let patience = 10
}
