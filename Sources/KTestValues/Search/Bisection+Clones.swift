/// How many runs a boot gets, where what is run is decided otherwise than by the information of a probe.
extension Bisection {
  /// Returns the most runs of one boot that `choose` takes; 1 without asking if every run boots.
  func clones(
    _ distribution: Posterior.Distribution, _ showing: BootPrior, _ choose: (ProbeChoice) -> Int
  ) -> Int {
    guard clones > 1 else { return 1 }
    return choose(ProbeChoice(graph, distribution, showing, cost: cost, clones: clones))
  }

  /// The culprits with which a commit has the bug.
  func members(of node: Int) -> [Int] {
    var members: [Int] = []
    graph.ancestors.forEach(node) { members.append($0) }
    return members
  }

  /// The most runs of the next boot of a commit whose culprit is verified.
  func clonesToVerify(_ node: Int) -> Int { clonesThatTell(of: members(of: node)) }

  /// The most runs of the next boot of the bad end with the culprit reverted.
  package func clonesToRevert(_ culprit: Int) -> Int { clonesThatTell(of: hypotheses(without: culprit)) }

  private func clonesThatTell(of members: [Int]) -> Int {
    guard clones > 1, let distribution = posterior.distribution(sceptical) else { return 1 }
    return clones(distribution, sceptical) { $0.clones(hasBug: members) }
  }

  /// The runs and the boots of a subject that speak.
  package func runs(of subject: Evidence.Subject) -> (seen: Int, clean: Int, boots: Int) {
    evidence.reduce(into: (0, 0, 0)) { sum, item in
      guard item.subject == subject, item.boot.count > 0 else { return }
      sum = (sum.0 + item.boot.seen, sum.1 + item.boot.clean, sum.2 + 1)
    }
  }
}
