import Glibc

/// Finds the probe with the most information per expected second.
///
/// The information is the mutual information of the culprit and "the target shows within a plan", a number of boots of
/// one kernel with a number of clones each that ends when it shows: H(outcome) − Σ P(c) H(outcome | c), in nats (Shannon
/// 1948; as an active choice of experiments, Lindley 1956). All commits are scored in one pass.
struct ProbeChoice {
  /// So many boots of one kernel, each with up to so many runs.
  struct Plan: Sendable, Equatable {
    var boots: Int
    var clones: Int
  }

  /// Each run boots.
  static let boots = [1, 3, 8, 20, 50].map { Plan(boots: $0, clones: 1) }
  /// The runs of a boot are clones. Plans of several boots are for kernels that have to be built: what is left of them is
  /// chosen anew after the first.
  static let clones =
    [1, 2, 4, 8, 16, 32, 64].map { Plan(boots: 1, clones: $0) }
    + [Plan(boots: 6, clones: 1), Plan(boots: 30, clones: 1), Plan(boots: 6, clones: 16)]

  struct Best: Equatable {
    var node: Int
    var plan: Plan
    /// The information in nats if the kernel is usable.
    var information: Double
    var seconds: Double
    var score: Double
  }

  /// The chance, the entropy and the seconds of each plan, and the probability.
  typealias Lanes = SIMD32<Double>
  static let (entropies, seconds, mass) = (10, 20, 31)
  private let graph: CommitGraph
  private let plans: [Plan]
  /// For each hypothesis, weighted by its probability: the lanes with the bug minus those without, and its probability.
  private var shares: [Lanes]
  /// The sums without the bug.
  private var base = Lanes.zero

  /// - Parameter clones: the most runs of one boot.
  init(
    _ graph: CommitGraph, _ distribution: Posterior.Distribution, _ showing: BootPrior, cost: CostModel, clones: Int = 1
  ) {
    self.graph = graph
    let forecast = Forecast(cost, clones: clones)
    let plans = forecast.plans
    self.plans = plans
    let alarms = RatePrior.falseAlarm
    let alarm = alarms.rates.map(forecast.lanesOfAlarm)
    let bug = forecast.points(showing).map(forecast.lanes)
    let total = distribution.total.boots
    var known: [Posterior.Tally: (with: Lanes, without: Lanes)] = [:]
    let predictions = distribution.classes.map { tally -> (with: Lanes, without: Lanes) in
      if let prediction = known[tally] { return prediction }
      let boots = tally.boots
      let weights = forecast.posterior(boots, showing)
      let others = alarms.posterior(seen: total.seen - boots.seen, clean: total.clean - boots.clean)
      let prediction = (Self.mean(bug, weights, plans.count), Self.mean(alarm, others, plans.count))
      known[tally] = prediction
      return prediction
    }
    let differences = predictions.map { prediction in
      var difference = prediction.with - prediction.without
      difference[Self.mass] = 1
      return difference
    }
    shares = [Lanes](repeating: .zero, count: distribution.probabilities.count)
    for (index, probability) in distribution.probabilities.enumerated() where probability > 1e-12 {
      let kind = Int(distribution.classOf[index])
      shares[index] = differences[kind] * probability
      base += predictions[kind].without * probability
    }
  }

  /// What plans lead to where the rates are known.
  struct Forecast {
    let plans: [Plan]
    private let cost: CostModel
    private let clones: Int

    /// - Parameter clones: the most runs of one boot.
    init(_ cost: CostModel, clones: Int) {
      (self.cost, self.clones) = (cost, clones)
      plans = clones > 1 ? ProbeChoice.clones.filter { $0.clones <= clones } : ProbeChoice.boots
    }

    /// The rates that a bug may have. With one run a boot, how a rate is divided does not matter.
    func points(_ showing: BootPrior) -> [BootPrior.Point] {
      clones > 1 ? showing.points : showing.product.rates.map { .init(between: 1, within: $0, product: $0) }
    }

    /// The weights of those rates after some boots, or nil if none explains them.
    func posterior(_ boots: BootCounts, _ showing: BootPrior) -> [Double]? {
      clones > 1 ? showing.posterior(boots) : showing.product.posterior(seen: boots.seen, clean: boots.clean)
    }

    /// A false alarm counts by boots, so more runs of one boot do not tell more about their rate.
    func lanesOfAlarm(_ rate: Double) -> Lanes {
      lanes(.init(between: clones > 1 ? rate : 1, within: clones > 1 ? 1 : rate, product: rate))
    }

    /// Returns for each plan the probability that the target shows and the expected seconds, without entropies.
    func lanes(_ point: BootPrior.Point) -> Lanes {
      var lanes = Lanes.zero
      for (lane, plan) in plans.enumerated() {
        let chance = point.chance(runs: plan.clones)
        let seen = plan.boots == 1 ? chance : 1 - pow(1 - chance, Double(plan.boots))
        let boots = plan.boots == 1 ? 1 : seen / chance
        lanes[lane] = seen
        lanes[ProbeChoice.seconds + lane] = cost.seconds(
          boots: boots, runs: boots * point.expectedRuns(atMost: plan.clones), areClones: plan.clones > 1)
      }
      return lanes
    }
  }

  private static func mean(_ lanes: [Lanes], _ weights: [Double]?, _ plans: Int) -> Lanes {
    guard let weights else { return .zero }
    var sum = Lanes.zero
    for (lanes, weight) in zip(lanes, weights) where weight > 1e-14 { sum += lanes * weight }
    for lane in 0..<plans { sum[entropies + lane] = entropy(sum[lane]) }
    return sum
  }

  static func entropy(_ chance: Double) -> Double {
    guard chance > 0, chance < 1 else { return 0 }
    return -chance * log(chance) - (1 - chance) * log(1 - chance)
  }

  /// Returns the best of the nodes that may be usable, or nil if none adds information. `build` gives the seconds until
  /// the node's kernel is available.
  func best(usability: Usability, build: (Int) -> Double) -> Best? {
    var best: Best?
    for (node, sum) in graph.sums(shares, zero: .zero, add: { $0 += $1 }).enumerated() {
      let chance = usability.chance(node)
      guard chance >= Self.leastChance, sum[Self.mass] > 1e-9 else { continue }
      improve(&best, node, base + sum, chance: chance, building: build(node))
    }
    return best
  }

  private func improve(_ best: inout Best?, _ node: Int, _ lanes: Lanes, chance: Double, building: Double) {
    for (lane, plan) in plans.enumerated() {
      let information = Self.entropy(lanes[lane]) - lanes[Self.entropies + lane]
      let seconds = building + chance * lanes[Self.seconds + lane]
      let score = chance * information / seconds
      // Tiny differences are rounding errors: the first of equals is chosen.
      if information > 1e-9, score > (best?.score ?? 0) * (1 + 1e-9) {
        best = Best(node: node, plan: plan, information: information, seconds: seconds, score: score)
      }
    }
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

/// How many runs a boot of a kernel gets that has been chosen for another reason than its information.
extension ProbeChoice {
  /// The runs of a boot that tell most per second about a kernel that has the bug if the culprit is one of `members`.
  func clones(hasBug members: [Int]) -> Int {
    var best: Best?
    improve(&best, 0, lanes(members), chance: 1, building: 0)
    return best?.plan.clones ?? 1
  }

  /// The runs of a boot that show the target soonest: the highest chance per second.
  func clonesToSee(hasBug members: [Int]) -> Int {
    let lanes = lanes(members)
    var best = (clones: 1, score: 0.0)
    for (lane, plan) in plans.enumerated() where plan.boots == 1 {
      let score = lanes[lane] / lanes[Self.seconds + lane]
      if score > best.score * (1 + 1e-9) { best = (plan.clones, score) }
    }
    return best.clones
  }

  private func lanes(_ members: [Int]) -> Lanes { members.reduce(base) { $0 + shares[$1] } }
}
