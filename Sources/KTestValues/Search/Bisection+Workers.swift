import Glibc

/// A search by several workers at once (`docs/bisect-theory.md`, "Many workers").
extension Bisection {
  /// Returns what a worker that is free does next, beside what is under way. It is asked again after each result. With nothing
  /// under way it is ``next()``, and the runs of the culprit reverted after it.
  ///
  /// - Parameters:
  ///   - underWay: in the order in which they began.
  ///   - revertRuns: the wanted number of boots with the culprit reverted.
  package mutating func next(besides underWay: [ProbeUnderWay], revertRuns: Int = 0) -> SharedStep {
    switch turn() {
    case .step(.stop(.culprit(let node, let probability))):
      if let revert = revert(of: node, wanted: revertRuns, besides: underWay) { return .probe(revert) }
      let isReverting = revertsWanted(of: node, revertRuns) > 0
      return isReverting ? .wait : .stop(.culprit(node: node, probability: probability))
    case .step(.stop(let conclusion)): return .stop(conclusion)
    case .step(.probe(let probe)):
      if underWay.isEmpty { return .probe(SharedProbe(probe)) }
      if let probe = required(besides: underWay) { return .probe(SharedProbe(probe)) }
      if case .verification(let culprit) = phase {
        // It will most likely be wanted, and takes a build.
        if let revert = revert(of: culprit, wanted: revertRuns, besides: underWay) { return .probe(revert) }
      }
      guard let distribution = posterior.distribution(showing) else { return .wait }
      return mostTelling(distribution, showing, underWay)
    case .search(let distribution, let showing):
      guard underWay.isEmpty else { return mostTelling(distribution, showing, underWay) }
      switch mostTelling(distribution, showing) {
      case .probe(let probe): return .probe(SharedProbe(probe))
      case .stop(let conclusion): return .stop(conclusion)
      }
    }
  }

  /// What the rates are believed to be where the search is.
  var showing: BootPrior { phase == .search(isSceptical: false) ? optimistic : sceptical }

  /// What tells less per second than this share of the best is not begun, and is ended where it runs.
  private static let leastShare = 0.02

  private func mostTelling(
    _ distribution: Posterior.Distribution, _ showing: BootPrior, _ underWay: [ProbeUnderWay]
  ) -> SharedStep {
    let choice = SharedChoice(
      graph, distribution, showing, cost: cost, clones: clones, besides: groups(of: underWay.map(\.probe)))
    let best = choice.best(of: choice.candidates(available(underWay)), usability: usability) {
      secondsOfBuild($0, besides: underWay)
    }
    guard let (now, best) = best, best.score >= Self.leastShare * now.score else { return .wait }
    return .probe(
      SharedProbe(.commit(graph.commit(best.node)), .search, boots: best.plan.boots, clones: best.plan.clones))
  }

  /// The nodes whose kernels are there or will be.
  private func available(_ underWay: [ProbeUnderWay]) -> Set<Int> {
    underWay.reduce(into: built) { nodes, one in if let node = node(of: one.probe) { nodes.insert(node) } }
  }

  private func node(of probe: SharedProbe) -> Int? {
    if case .commit(let commit) = probe.subject { graph.node(of: commit) } else { nil }
  }

  /// The seconds until a kernel is there: none if it is, those of a build, or the rest of one under way.
  private func secondsOfBuild(_ node: Int, besides underWay: [ProbeUnderWay]) -> Double {
    let seconds = secondsOfBuild(node)
    guard seconds > 0 else { return 0 }
    let elapsed = underWay.filter { $0.needsBuild && self.node(of: $0.probe) == node }.map(\.elapsed).max()
    return max(0, seconds - (elapsed ?? 0))
  }

  /// The culprits with which a subject has the bug.
  private func members(of subject: Evidence.Subject) -> [Int]? {
    switch subject {
    case .commit(let commit): graph.node(of: commit).map { members(of: $0) }
    case .reverted(let commit): graph.node(of: commit).map { hypotheses(without: $0) }
    }
  }

  /// The boots of each kernel, in the order in which they began.
  private func groups(of probes: [SharedProbe]) -> [[Foresight.Group]] {
    var order: [Evidence.Subject] = []
    var boots: [Evidence.Subject: [(clones: Int, count: Int)]] = [:]
    for probe in probes {
      if boots[probe.subject] == nil { order.append(probe.subject) }
      if let place = boots[probe.subject]?.firstIndex(where: { $0.clones == probe.clones }) {
        boots[probe.subject]?[place].count += 1
      } else {
        boots[probe.subject, default: []].append((probe.clones, 1))
      }
    }
    return order.compactMap { subject in
      guard let members = members(of: subject) else { return nil }
      return boots[subject]?.map { Foresight.Group(members: members, clones: $0.clones, boots: $0.count) }
    }
  }

  // MARK: - What is required

  /// Returns a run of an end, or of a verification, that the search will ask for even if those under way show what they are
  /// expected to; nil if there is none.
  private func required(besides underWay: [ProbeUnderWay]) -> Probe? {
    var believed = self
    func believe(_ node: Int, _ outcome: ProbeOutcome) { believed.add(Evidence(.commit(graph.commit(node)), outcome)) }
    let nodes = underWay.compactMap { node(of: $0.probe) }
    switch phase {
    case .verification(let culprit):
      let members = graph.nodes[culprit].parents + [culprit]
      for node in nodes where members.contains(node) { believe(node, node == culprit ? .targetSeen : .clean) }
      return believed.unverified(culprit).map { node in
        Probe(purpose: .verify, node: node, commit: graph.commit(node), boots: 1, clones: clonesToVerify(node))
      }
    case .search:
      let showing = self.showing
      let atBadEnd = underWay.filter { node(of: $0.probe) == graph.bad }.map(\.probe.clones)
      let isSeen = chanceOfNone(in: atBadEnd, showing) <= 0.5
      for index in atBadEnd.indices { believe(graph.bad, isSeen && index % 2 == 0 ? .targetSeen : .clean) }
      for node in nodes where graph.goods.contains(node) { believe(node, .clean) }
      guard let distribution = believed.posterior.distribution(showing),
        case .probe(let probe)? = believed.proveEnds(distribution, showing)
      else { return nil }
      return probe
    }
  }

  /// The probability that boots of the bad end do not show the target, if it has the bug.
  private func chanceOfNone(in boots: [Int], _ showing: BootPrior) -> Double {
    guard let masses = classMasses(showing) else { return 1 }
    var (sum, mass) = (0.0, 0.0)
    for (tally, share) in masses {
      guard let weights = showing.posterior(tally.boots) else { continue }
      for (weight, point) in zip(weights, showing.points) {
        sum += boots.reduce(share * weight) { $0 * (1 - point.chance(runs: $1)) }
      }
      mass += share
    }
    return mass > 0 ? sum / mass : 1
  }

  // MARK: - Reverts

  /// How many boots with the culprit reverted are left. Reverting a merge removes the whole branch, which would say nothing
  /// about the merge.
  private func revertsWanted(of culprit: Int, _ wanted: Int) -> Int {
    graph.nodes[culprit].parents.count > 1 ? 0 : revertRuns(of: culprit, wanted: wanted)
  }

  private func revert(of culprit: Int, wanted: Int, besides underWay: [ProbeUnderWay]) -> SharedProbe? {
    let subject = Evidence.Subject.reverted(graph.commit(culprit))
    let left = revertsWanted(of: culprit, wanted) - underWay.count { $0.probe.subject == subject }
    return left > 0 ? SharedProbe(subject, .verify, boots: left, clones: clonesToRevert(culprit)) : nil
  }

  // MARK: - What does not matter any more

  /// Returns the indices of those under way that no longer matter: all, once the search is over; before, those that tell next
  /// to nothing in the seconds that they still take, beside what else their worker could do.
  ///
  /// Whoever runs them ends them, gives their results to nobody, and asks for the next step of each worker. What their end
  /// would show must not be looked at before: the choice would then depend on it.
  package func needless(_ underWay: [ProbeUnderWay], revertRuns: Int = 0) -> [Int] {
    guard !underWay.isEmpty else { return [] }
    var search = self
    let turn = search.turn()
    let distribution: Posterior.Distribution
    switch turn {
    case .step(.stop(.culprit(let node, _))):
      let subject = Evidence.Subject.reverted(graph.commit(node))
      let isWanted = revertsWanted(of: node, revertRuns) > 0
      return underWay.indices.filter { !isWanted || underWay[$0].probe.subject != subject }
    case .step(.stop): return Array(underWay.indices)
    case .step(.probe):
      guard let believed = search.posterior.distribution(search.showing) else { return [] }
      distribution = believed
    case .search(let believed, _): distribution = believed
    }
    let choice = SharedChoice(graph, distribution, search.showing, cost: cost, clones: clones, besides: [])
    guard
      let best = choice.best(
        of: choice.candidates(available(underWay)), usability: usability,
        build: { secondsOfBuild($0, besides: underWay) })
    else { return [] }
    var known: [SharedProbe: (information: Double, seconds: Double)] = [:]
    return underWay.indices.filter { index in
      let (one, probe) = (underWay[index], underWay[index].probe)
      guard !search.isRequired(probe), let members = members(of: probe.subject) else { return false }
      let boot = known[probe] ?? choice.boot(members, clones: probe.clones)
      known[probe] = boot
      let whole = boot.seconds + (one.needsBuild ? node(of: probe).map(secondsOfBuild) ?? 0 : 0)
      return boot.information / max(whole - one.elapsed, 0.1 * boot.seconds) < Self.leastShare * best.now.score
    }
  }

  /// Whether the phase asks for runs of this kernel, whatever they tell of the culprit.
  private func isRequired(_ probe: SharedProbe) -> Bool {
    switch phase {
    case .verification(let culprit):
      if probe.subject == .reverted(graph.commit(culprit)) { return true }
      return node(of: probe).map { (graph.nodes[culprit].parents + [culprit]).contains($0) } ?? false
    case .search:
      guard let node = node(of: probe) else { return false }
      return node == graph.bad && (seen[node] ?? 0) == 0
        || graph.goods.contains(node) && (seen[node] ?? 0) + (clean[node] ?? 0) == 0
    }
  }
}
