extension Bisection {
  /// What comes next, if anything may be run.
  enum Turn {
    case step(BisectionStep)
    /// Whatever tells most per second.
    case search(Posterior.Distribution, BootPrior)
  }

  /// Returns the next step. It only changes the phase when the search ends or the verification raises doubts: a second
  /// call returns the same.
  package mutating func next() -> BisectionStep {
    switch turn() {
    case .step(let step): return step
    case .search(let distribution, let showing): return mostTelling(distribution, showing)
    }
  }

  /// Returns the probe that tells most per second.
  func mostTelling(_ distribution: Posterior.Distribution, _ showing: BootPrior) -> BisectionStep {
    let choice = ProbeChoice(graph, distribution, showing, cost: cost, clones: clones)
    guard let best = choice.best(usability: usability, build: secondsOfBuild) else {
      let set = distribution.smallestSet(of: parameters.stop)
      return .stop(.remaining(nodes: set.members, probability: set.mass))
    }
    return probe(.search, best.node, boots: best.plan.boots, clones: best.plan.clones)
  }

  /// The same, but what tells most per second is not chosen yet.
  mutating func turn() -> Turn {
    if failuresInRow >= parameters.maximumInfrastructure { return .step(.stop(.infrastructure)) }
    if let end = unusableEnd { return .step(.stop(.endIsUnusable(node: end))) }
    // Search → verification → search without the failed assumption → another culprit that needs no further verification
    // → search: five turns at most.
    for _ in 0..<6 {
      switch phase {
      case .verification(let culprit):
        if let node = unverified(culprit) {
          // The verification is broken off if both priors give it up. The sceptical one alone asks for what the
          // verification will provide.
          let chances = [optimistic, sceptical].compactMap { posterior.distribution($0)?.probabilities[culprit] }
          if chances.contains(where: { $0 >= 0.5 }) {
            return .step(probe(.verify, node, clones: clonesToVerify(node)))
          }
          phase = .search(isSceptical: true)
        } else {
          guard let sure = posterior.distribution(sceptical) else { return .step(.stop(.contradiction)) }
          let probability = sure.probabilities[culprit]
          if probability >= parameters.stop {
            return .step(.stop(.culprit(node: culprit, probability: probability)))
          }
          phase = .search(isSceptical: true)
        }
      case .search(let isSceptical):
        if let turn = search(isSceptical ? sceptical : optimistic) { return turn }
      }
    }
    return .step(.stop(.contradiction))
  }

  /// Returns nil if the phase has changed.
  private mutating func search(_ showing: BootPrior) -> Turn? {
    guard let distribution = posterior.distribution(showing) else { return .step(.stop(.contradiction)) }
    if let step = proveEnds(distribution, showing) { return .step(step) }
    let top = distribution.top
    // A verification is worth its runs before the search is sure: a run of the parent is what the search would choose
    // next, and a run of the culprit shows how often the bug appears. The second time, the search must be sure.
    let isVerifiable = top.hypothesis < graph.count && !graph.goods.contains(top.hypothesis)
    let isFirst = isVerifiable && verifications[top.hypothesis] == nil
    if top.probability >= (isFirst ? parameters.verify : parameters.stop) {
      if top.hypothesis == graph.count { return .step(.stop(.badEndIsClean(runs: runs))) }
      if graph.goods.contains(top.hypothesis) {
        return .step(.stop(.goodEndHasTarget(node: top.hypothesis, probability: top.probability)))
      }
      phase = .verification(culprit: top.hypothesis)
      if verifications[top.hypothesis] == nil { verifications[top.hypothesis] = evidence.count }
      return nil
    }
    if boots >= parameters.maximumRuns {
      let set = distribution.smallestSet(of: parameters.stop)
      return .step(.stop(.outOfRuns(nodes: set.members, probability: set.mass)))
    }
    if !usability.isClear {
      let set = distribution.smallestSet(of: parameters.stop)
      if !ProbeChoice.canSeparate(set.members, in: graph, usability: usability) {
        return .step(.stop(.remaining(nodes: set.members, probability: set.mass)))
      }
    }
    return .search(distribution, showing)
  }

  func probe(_ purpose: Probe.Purpose, _ node: Int, boots: Int = 1, clones: Int) -> BisectionStep {
    .probe(Probe(purpose: purpose, node: node, commit: graph.commit(node), boots: boots, clones: clones))
  }

  func secondsOfBuild(_ node: Int) -> Double {
    if built.contains(node) { return 0 }
    return cost.secondsOfBuild(distance: lastBuilt.map { abs(graph.depths[node] - graph.depths[$0]) })
  }

  // MARK: - Ends

  private var unusableEnd: Int? {
    ([graph.bad] + graph.goods).first { node in
      let spoke = (seen[node] ?? 0) + (clean[node] ?? 0)
      return spoke == 0 && usability.broken.contains(node) || (other[node] ?? 0) >= Self.patience * max(1, spoke)
    }
  }

  func proveEnds(_ distribution: Posterior.Distribution, _ showing: BootPrior) -> BisectionStep? {
    let bad = graph.bad
    let onlyEnds = Set(seen.keys).union(clean.keys).isSubset(of: graph.goods + [bad])
    let badSeen = seen[bad] ?? 0
    if badSeen == 0 || (onlyEnds && distribution.nowhere > parameters.endProof) {
      let left = parameters.maximumEndRuns - (clean[bad] ?? 0) - badSeen
      if left <= 0, badSeen == 0 { return .stop(.badEndIsClean(runs: runs(of: .commit(graph.commit(bad))).clean)) }
      if left > 0 {
        let clones = clones(distribution, showing) { $0.clonesToSee(hasBug: members(of: bad)) }
        return probe(.proveBadEnd, bad, boots: left, clones: clones)
      }
    }
    for good in graph.goods {
      let (seen, clean) = (seen[good] ?? 0, clean[good] ?? 0)
      let doubt = distribution.probabilities[good]
      if doubt >= parameters.stop { return .stop(.goodEndHasTarget(node: good, probability: doubt)) }
      let isProved = doubt <= parameters.endProof / Double(graph.goods.count)
      if seen + clean == 0 || (onlyEnds && !isProved && clean < 10 * parameters.maximumEndRuns) {
        return probe(
          .proveGoodEnd, good, clones: clones(distribution, showing) { $0.clones(hasBug: members(of: good)) })
      }
    }
    return nil
  }
}
