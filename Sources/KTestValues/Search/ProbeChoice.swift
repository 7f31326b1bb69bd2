import Glibc

/// Finds the probe with the most information per expected second.
///
/// The information is the mutual information of the culprit and "the target shows within `n` runs", a batch on one
/// kernel that ends when it shows: H(outcome) − Σ P(c) H(outcome | c), in nats (Shannon 1948; as an active choice of
/// experiments, Lindley 1956). All commits are scored in one pass: a commit's sum over its ancestors is its parent's
/// plus its own share, and at a merge what the other side adds.
struct ProbeChoice {
  /// The sizes of batches.
  static let batches = [1, 3, 8, 20, 50]

  struct Best {
    var node: Int
    var runs: Int
    /// The information in nats if the kernel is usable.
    var information: Double
    var seconds: Double
    var score: Double
  }

  private typealias Lanes = SIMD16<Double>
  private let graph: CommitGraph
  /// For each hypothesis, weighted by its probability: chance, entropy and runs of each batch with the bug minus those
  /// without, and its probability.
  private var shares: [Lanes]
  /// The sums without the bug.
  private var base = Lanes.zero

  init(_ graph: CommitGraph, _ distribution: Posterior.Distribution, _ showing: RatePrior) {
    self.graph = graph
    var known: [Posterior.Tally: (with: Lanes, without: Lanes)] = [:]
    let total = distribution.total
    let (bug, alarm) = (Batches(showing), Batches(.falseAlarm))
    let predictions = distribution.classes.map { tally -> (with: Lanes, without: Lanes) in
      if let prediction = known[tally] { return prediction }
      let with = bug.prediction(seen: tally.seen, clean: tally.clean)
      let without = alarm.prediction(seen: total.seen - tally.seen, clean: total.clean - tally.clean)
      known[tally] = (with, without)
      return (with, without)
    }
    let differences = predictions.map { prediction in
      var difference = prediction.with - prediction.without
      difference[15] = 1
      return difference
    }
    shares = [Lanes](repeating: .zero, count: distribution.probabilities.count)
    for (index, probability) in distribution.probabilities.enumerated() where probability > 1e-12 {
      let kind = Int(distribution.classOf[index])
      shares[index] = differences[kind] * probability
      base += predictions[kind].without * probability
    }
  }

  /// The predictions of a prior for each size of batch.
  private struct Batches {
    let prior: RatePrior
    /// For each rate of the grid and each batch: the probability that the target shows, and the expected number of
    /// runs.
    private let chances: [Lanes]

    init(_ prior: RatePrior) {
      self.prior = prior
      chances = prior.rates.map { rate in
        var lanes = Lanes.zero
        for (lane, runs) in ProbeChoice.batches.enumerated() {
          lanes[lane] = 1 - pow(1 - rate, Double(runs))
          lanes[10 + lane] = lanes[lane] / rate
        }
        return lanes
      }
    }

    /// Returns for each batch the probability that the target shows, its entropy, and the expected number of runs.
    func prediction(seen: Int, clean: Int) -> Lanes {
      guard let weights = prior.posterior(seen: seen, clean: clean) else { return .zero }
      var lanes = Lanes.zero
      for (chance, weight) in zip(chances, weights) { lanes += chance * weight }
      for lane in ProbeChoice.batches.indices { lanes[5 + lane] = ProbeChoice.entropy(lanes[lane]) }
      return lanes
    }
  }

  static func entropy(_ chance: Double) -> Double {
    guard chance > 0, chance < 1 else { return 0 }
    return -chance * log(chance) - (1 - chance) * log(1 - chance)
  }

  /// Returns the sums over the ancestors of each node.
  private func sums() -> [Lanes] {
    var sums = [Lanes](repeating: .zero, count: graph.count)
    for (index, node) in graph.nodes.enumerated() {
      var sum = shares[index]
      if let main = node.parents.max(by: { graph.depths[$0] < graph.depths[$1] }) {
        sum += sums[main]
        if node.parents.count > 1 {
          graph.ancestors.forEach(index, without: main) { if $0 != index { sum += shares[$0] } }
        }
      }
      sums[index] = sum
    }
    return sums
  }

  /// Returns the best of the nodes that may be usable, or nil if none adds information. `build` gives the seconds until
  /// the node's kernel is available.
  func best(usability: Usability, secondsPerRun: Double, build: (Int) -> Double) -> Best? {
    var best: Best?
    for (node, sum) in sums().enumerated() {
      let chance = usability.chance(node)
      guard chance >= Self.leastChance, sum[15] > 1e-9 else { continue }
      let lanes = base + sum
      let building = build(node)
      for (lane, runs) in Self.batches.enumerated() {
        let information = Self.entropy(lanes[lane]) - lanes[5 + lane]
        let seconds = building + chance * lanes[10 + lane] * secondsPerRun
        let score = chance * information / seconds
        // Tiny differences are rounding errors: the first of equals is chosen.
        if information > 1e-9, score > (best?.score ?? 0) * (1 + 1e-9) {
          best = Best(node: node, runs: runs, information: information, seconds: seconds, score: score)
        }
      }
    }
    return best
  }

  /// The probability below which a try is not worth a build.
  static let leastChance = 0.05

  /// Returns whether some usable kernel could tell one member of the set from another.
  static func canSeparate(_ members: [Int], in graph: CommitGraph, usability: Usability) -> Bool {
    let inside = members.filter { $0 < graph.count }
    if inside.count != members.count || usability.isClear { return true }
    return graph.nodes.indices.contains { node in
      guard usability.chance(node) >= leastChance else { return false }
      let first = graph.hasBug(node, from: inside[0])
      return inside.contains { graph.hasBug(node, from: $0) != first }
    }
  }
}
