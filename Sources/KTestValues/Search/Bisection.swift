/// A search for the commit that introduced a bug: a value that takes evidence and returns what to run next.
///
/// Theory: `docs/bisect-theory.md`. The phases are the proof of both ends, the search, and the verification; `next()`
/// goes back from a verification that raises doubts. The same graph, parameters and evidence in the same order give the
/// same steps; the posterior does not depend on the order.
package struct Bisection: Sendable {
  enum Phase: Codable, Sendable, Equatable {
    /// The search. With `isSceptical`, it no longer assumes that the bug always shows.
    case search(isSceptical: Bool)
    case verification(culprit: Int)
  }

  package let graph: CommitGraph
  package let parameters: BisectionParameters
  /// The evidence, in the order in which it came.
  package private(set) var evidence: [Evidence] = []
  package private(set) var identical: [IdenticalKernels] = []
  package private(set) var cost: CostModel
  let costBefore: CostModel
  var phase = Phase.search(isSceptical: false)
  /// Where the evidence of each culprit's verification begins, so that an interrupted verification can continue.
  var verifications: [Int: Int] = [:]
  private(set) var usability: Usability
  private(set) var built: Set<Int> = []
  private(set) var lastBuilt: Int?
  /// The numbers of boots by node.
  private(set) var seen: [Int: Int] = [:]
  private(set) var clean: [Int: Int] = [:]
  private(set) var other: [Int: Int] = [:]
  private(set) var failuresInRow = 0
  /// The numbers of boots and runs that speak.
  private(set) var boots = 0
  private(set) var runs = 0
  private(set) var posterior: Posterior
  let optimistic: BootPrior
  let sceptical: BootPrior

  package init(
    _ graph: CommitGraph, _ parameters: BisectionParameters = BisectionParameters(), cost: CostModel = CostModel()
  ) {
    self.init(graph, parameters, cost: cost, told: nil)
  }

  /// Creates a search that is told the rate of the bug, which is unknown in reality. For comparison.
  package init(_ graph: CommitGraph, _ parameters: BisectionParameters, cost: CostModel, told: Double?) {
    self.graph = graph
    self.parameters = parameters
    (self.cost, costBefore) = (cost, cost)
    usability = Usability(count: graph.count)
    let known = told.map { BootPrior(RatePrior([($0, 1)])) }
    optimistic = known ?? .showing(certainty: parameters.certainty)
    sceptical = known ?? .showing(certainty: parameters.scepticalCertainty)
    var prior = [Double](repeating: 0, count: graph.count + 1)
    let share = (1 - parameters.badEndDoubt - parameters.goodEndDoubt) / Double(max(1, graph.candidates))
    graph.ancestors.forEach(graph.bad) { prior[$0] = share }
    for good in graph.goods { prior[good] = parameters.goodEndDoubt / Double(graph.goods.count) }
    prior[graph.count] = parameters.badEndDoubt
    posterior = Posterior(prior: prior)
  }

  /// The most runs of one boot.
  var clones: Int { max(1, parameters.clones ?? 1) }

  /// Adds the result of one boot. Evidence on commits outside of the graph is kept but has no effect. Returns whether it
  /// has an effect.
  @discardableResult
  package mutating func add(_ item: Evidence) -> Bool {
    evidence.append(item)
    cost.learn(item)
    failuresInRow = item.outcome != .infrastructure ? 0 : item.speaks ? 1 : failuresInRow + 1
    var members: [Int] = []
    switch item.subject {
    case .commit(let commit):
      guard let node = graph.node(of: commit) else { return false }
      if item.source == .run {
        count(item, node)
      } else if item.outcome == .unusable {
        usability.learn(node, .unusable, in: graph)
      }
      guard item.speaks else { return true }
      graph.ancestors.forEach(node) { members.append($0) }
    case .reverted(let commit):
      guard let node = graph.node(of: commit) else { return false }
      guard item.speaks else { return true }
      members = hypotheses(without: node)
    }
    if item.source == .run { (boots, runs) = (boots + 1, runs + item.boot.count) }
    posterior.add(item, hasBug: members)
    return true
  }

  /// The culprits whose bug the bad end still has when a commit is reverted on it.
  func hypotheses(without node: Int) -> [Int] {
    var members: [Int] = []
    graph.ancestors.forEach(graph.bad) { if $0 != node { members.append($0) } }
    return members
  }

  private mutating func count(_ item: Evidence, _ node: Int) {
    let outcome = item.outcome
    if outcome != .infrastructure || item.speaks { (_, lastBuilt) = (built.insert(node), node) }
    if !outcome.speaks, item.speaks {
      clean[node, default: 0] += 1
      usability.learn(node, .clean, in: graph)
    }
    usability.learn(node, outcome, in: graph)
    switch outcome {
    case .targetSeen: seen[node, default: 0] += 1
    case .clean: clean[node, default: 0] += 1
    case .otherFailure: other[node, default: 0] += 1
    // A kernel that has answered before is not broken for good, but this run gave no answer.
    case .unusable: if (seen[node] ?? 0) + (clean[node] ?? 0) > 0 { other[node, default: 0] += 1 }
    case .infrastructure: break
    }
  }

  /// Continues a search that failures of the harness ended: resuming it implies that they were fixed.
  package mutating func goOn() { if failuresInRow >= parameters.maximumInfrastructure { failuresInRow = 0 } }

  /// Records that the kernels of two commits are bit-identical: a culprit that only one of them has is ruled out.
  @discardableResult
  package mutating func addIdentical(_ first: String, _ second: String) -> Bool {
    guard let one = graph.node(of: first), let two = graph.node(of: second) else { return false }
    identical.append(IdenticalKernels(first: first, second: second, after: evidence.count))
    posterior.exclude { $0 < graph.count && graph.hasBug(one, from: $0) != graph.hasBug(two, from: $0) }
    return true
  }

  /// Records a cost that belongs to no run, such as the first build.
  package mutating func learn(_ cost: Evidence.Cost) { self.cost.learn(cost) }

  /// Records that the kernel of this commit is available, whatever was run on it.
  package mutating func markBuilt(_ commit: String) {
    if let node = graph.node(of: commit) { built.insert(node) }
  }

  /// The probability of each node to be the culprit, and last the probability that the bad end does not have the bug.
  /// They are those of the verification, which does not assume that the bug always shows; all are zero if no hypothesis
  /// is left.
  package var probabilities: [Double] {
    posterior.distribution(sceptical)?.probabilities ?? [Double](repeating: 0, count: graph.count + 1)
  }

  /// The rate at which the bug shows in a run that has a boot of its own, on a commit that has it: the posterior mean.
  package var showingRate: Double? { rates(sceptical)?.product }

  /// The rates with the search's assumption before its verification.
  var hopedRates: BootPrior.Point? { rates(optimistic) }

  /// The probability of each class that has a culprit, the likely ones first; nil if none explains the evidence.
  func classMasses(_ showing: BootPrior) -> [(key: Posterior.Tally, value: Double)]? {
    guard let distribution = posterior.distribution(showing) else { return nil }
    var masses: [Posterior.Tally: Double] = [:]
    for (index, probability) in distribution.probabilities.dropLast().enumerated() {
      masses[distribution.classes[Int(distribution.classOf[index])], default: 0] += probability
    }
    return masses.sorted { $0.value > $1.value }
  }

  /// The posterior means.
  private func rates(_ showing: BootPrior) -> BootPrior.Point? {
    guard let masses = classMasses(showing) else { return nil }
    var mass = 0.0
    var sum = BootPrior.Point(between: 0, within: 0, product: 0)
    for (tally, share) in masses {
      guard let weights = showing.posterior(tally.boots) else { continue }
      for (weight, point) in zip(weights, showing.points) {
        sum.between += share * weight * point.between
        sum.within += share * weight * point.within
        sum.product += share * weight * point.product
      }
      mass += share
    }
    guard mass > 0 else { return nil }
    return BootPrior.Point(between: sum.between / mass, within: sum.within / mass, product: sum.product / mass)
  }
}
