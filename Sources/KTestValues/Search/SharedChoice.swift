/// Finds the probe that tells most per second beside those that are under way.
///
/// The information is that of ``ProbeChoice``, but as it will be when the probes under way have ended: its mean over what they
/// may show (``Foresight``). Without any it is the same, but for the groups of rates.
struct SharedChoice {
  private typealias Rates = RateGroups.Weights
  private typealias Plans = SIMD16<Double>

  /// What a probe tells by each plan, in nats, and what it takes in seconds once its kernel is there.
  private struct Worth {
    var information = Plans.zero
    var seconds = Plans.zero
  }

  private let graph: CommitGraph
  private let plans: [ProbeChoice.Plan]
  private let probabilities: [Double]
  private let foresight: Foresight
  /// For each group of rates, the chances that the target shows and the seconds, by plan, of a kernel with the bug; and those of
  /// one without.
  private let bug: [Plans]
  private let bugSeconds: [Plans]
  private let alarm: Plans
  private let alarmSeconds: Plans
  private let certain: Plans
  /// What is known, and what will be.
  private let now: View
  private let then: View

  /// Outcomes with what follows from them.
  private struct View {
    var outcomes: [Foresight.Outcome]
    var totals: [Double]
    /// For each outcome and cell, how much more uncertain a run is of a kernel with the bug than of one without.
    var uncertain: [[Plans]]
  }

  /// - Parameters:
  ///   - clones: the most runs of one boot.
  ///   - kernels: for each kernel under way, its boots.
  init(
    _ graph: CommitGraph, _ distribution: Posterior.Distribution, _ showing: BootPrior, cost: CostModel, clones: Int,
    besides kernels: [[Foresight.Group]]
  ) {
    let forecast = ProbeChoice.Forecast(cost, clones: clones)
    (self.graph, plans, probabilities) = (graph, forecast.plans, distribution.probabilities)
    let points = forecast.points(showing)
    var masses = [Double](repeating: 0, count: distribution.classes.count)
    for (index, probability) in probabilities.enumerated() { masses[Int(distribution.classOf[index])] += probability }
    var known: [BootCounts: [Double]] = [:]
    let weights = distribution.classes.enumerated().map { index, tally -> [Double] in
      guard masses[index] > 0 else { return [] }
      let weights = known[tally.boots] ?? forecast.posterior(tally.boots, showing) ?? []
      known[tally.boots] = weights
      return weights
    }
    var overall = [Double](repeating: 0, count: points.count)
    let alarms = RatePrior.falseAlarm
    var alarmWeights = [Double](repeating: 0, count: alarms.rates.count)
    let total = distribution.total.boots
    for (index, tally) in distribution.classes.enumerated() where masses[index] > 1e-9 {
      for (place, weight) in weights[index].enumerated() { overall[place] += weight * masses[index] }
      let others = alarms.posterior(seen: total.seen - tally.boots.seen, clean: total.clean - tally.boots.clean)
      for (place, weight) in (others ?? []).enumerated() { alarmWeights[place] += weight * masses[index] }
    }
    let rates = RateGroups(points, overall)
    let sum = alarmWeights.reduce(0, +)
    let alarm = zip(alarms.rates, alarmWeights).reduce(0) { $0 + $1.0 * $1.1 } / max(sum, 1e-300)
    let (groups, lanes) = (rates.means(forecast.lanes), forecast.lanesOfAlarm(alarm))
    let count = plans.count
    func plan(_ lanes: ProbeChoice.Lanes, from first: Int) -> Plans {
      var values = Plans.zero
      for plan in 0..<count { values[plan] = lanes[first + plan] }
      return values
    }
    let bug = groups.map { plan($0, from: 0) }
    (self.bug, bugSeconds) = (bug, groups.map { plan($0, from: ProbeChoice.seconds) })
    (self.alarm, alarmSeconds) = (plan(lanes, from: 0), plan(lanes, from: ProbeChoice.seconds))
    let certain = Self.entropies(self.alarm, count)
    self.certain = certain
    let foresight = Foresight(distribution, rates, weights: weights, alarm: alarm, kernels)
    self.foresight = foresight
    func view(_ outcomes: [Foresight.Outcome]) -> View {
      View(
        outcomes: outcomes, totals: outcomes.map { $0.reduce(Rates.zero, +).sum() },
        uncertain: outcomes.map { outcome in
          outcome.map { weights in
            let mass = weights.sum()
            guard mass > 1e-12 else { return .zero }
            return (Self.entropies(Self.chances(weights, bug) / mass, count) - certain) * mass
          }
        })
    }
    now = view([foresight.now])
    then = kernels.isEmpty ? now : view(foresight.outcomes)
  }

  private static func chances(_ weights: Rates, _ bug: [Plans]) -> Plans {
    var sum = Plans.zero
    for (rate, plans) in bug.enumerated() { sum += plans * weights[rate] }
    return sum
  }

  private static func entropies(_ chances: Plans, _ count: Int) -> Plans {
    var entropies = Plans.zero
    for plan in 0..<count { entropies[plan] = ProbeChoice.entropy(chances[plan]) }
    return entropies
  }

  private typealias Shares = [(cell: Int, share: Double)]

  /// The share of each cell that has the bug in a kernel, without those that have no part in it.
  private func shares(_ masses: [Double]) -> Shares {
    masses.enumerated().compactMap { $1 > 0 ? ($0, $1 / foresight.masses[$0]) : nil }
  }

  /// The same of several nodes in ascending order, each of which adds to one before it if it descends from that.
  private func shares(_ nodes: [Int]) -> [Shares] {
    var found: [(node: Int, masses: [Double])] = []
    return nodes.map { node in
      let origin = found.last { graph.hasBug(node, from: $0.node) }
      var masses = origin?.masses ?? [Double](repeating: 0, count: foresight.masses.count)
      func add(_ hypothesis: Int) {
        let cell = foresight.cellOf[hypothesis]
        if cell >= 0 { masses[Int(cell)] += probabilities[hypothesis] }
      }
      if let origin {
        graph.ancestors.forEach(node, without: origin.node, add)
      } else {
        graph.ancestors.forEach(node, add)
      }
      if found.count >= Self.remembered { found.removeFirst() }
      found.append((node, masses))
      return shares(masses)
    }
  }

  /// The nodes that later ones may add to: branches are not much longer.
  private static let remembered = 8

  private func worth(_ shares: Shares, _ view: View) -> Worth {
    var worth = Worth()
    var (mean, all) = (Rates.zero, 0.0)
    for (index, outcome) in view.outcomes.enumerated() {
      var inside = Rates.zero
      var known = certain * view.totals[index]
      let uncertain = view.uncertain[index]
      for (cell, share) in shares {
        inside += outcome[cell] * share
        known += uncertain[cell] * share
      }
      let total = view.totals[index]
      let chances = (Self.chances(inside, bug) + alarm * (total - inside.sum())) / total
      worth.information += Self.entropies(chances, plans.count) * total - known
      (mean, all) = (mean + inside, all + total)
    }
    worth.seconds = (Self.chances(mean, bugSeconds) + alarmSeconds * (all - mean.sum())) / all
    return worth
  }

  /// Returns the best of some nodes in ascending order, now and when those under way have ended; nil if none tells anything
  /// more. `build` gives the seconds until the node's kernel is there.
  func best(
    of nodes: [Int], usability: Usability, build: (Int) -> Double
  ) -> (now: ProbeChoice.Best, then: ProbeChoice.Best)? {
    let usable = nodes.filter { usability.chance($0) >= ProbeChoice.leastChance }
    let shares = shares(usable)
    func best(_ place: Int, _ view: View) -> ProbeChoice.Best? {
      let node = usable[place]
      let (worth, chance, building) = (worth(shares[place], view), usability.chance(node), build(node))
      var best: ProbeChoice.Best?
      for (lane, plan) in plans.enumerated() {
        let (information, seconds) = (worth.information[lane], building + chance * worth.seconds[lane])
        let score = chance * information / seconds
        if information > 1e-9, score > (best?.score ?? 0) * (1 + 1e-9) {
          best = .init(node: node, plan: plan, information: information, seconds: seconds, score: score)
        }
      }
      return best
    }
    let now = usable.indices.compactMap { place in best(place, self.now).map { (place: place, best: $0) } }
      .sorted { ($0.best.score, $1.place) > ($1.best.score, $0.place) }
    guard let first = now.first else { return nil }
    var then: ProbeChoice.Best?
    for (place, one) in now {
      // What is under way seldom makes another run tell more.
      if let then, one.score * Self.surprise < then.score { break }
      if let next = best(place, self.then), next.score > (then?.score ?? 0) * (1 + 1e-9) { then = next }
    }
    return then.map { (first.best, $0) }
  }

  /// How much more a run may tell when others have ended, as a factor.
  private static let surprise = 1.25

  /// Returns what one boot tells now of a kernel that has the bug if the culprit is one of `members`, in nats, and its
  /// seconds; or when those under way have ended.
  func boot(_ members: [Int], clones: Int, then isThen: Bool = false) -> (information: Double, seconds: Double) {
    var masses = [Double](repeating: 0, count: foresight.masses.count)
    for member in members where foresight.cellOf[member] >= 0 {
      masses[Int(foresight.cellOf[member])] += probabilities[member]
    }
    let worth = worth(shares(masses), isThen ? then : now)
    let lane = plans.lastIndex { $0.boots == 1 && $0.clones <= clones } ?? 0
    return (worth.information[lane], worth.seconds[lane])
  }

  /// The most nodes that are compared by their place; those whose kernels are there come on top.
  private static let places = 128

  /// Returns the nodes that are compared: all of a short history. Of a long one, some that divide what is likely at even
  /// distances, and those whose kernels are there or will be.
  func candidates(_ available: Set<Int>) -> [Int] {
    guard graph.count > 2 * Self.places else { return Array(graph.nodes.indices) }
    let masses = graph.sums(Array(probabilities.dropLast()), zero: 0) { $0 += $1 }
    var nearest = [(node: Int, distance: Double)?](repeating: nil, count: Self.places)
    var chosen = available
    for (node, mass) in masses.enumerated() where mass > 1e-9 && mass < 1 - 1e-9 {
      let place = min(Self.places - 1, Int(mass * Double(Self.places)))
      let distance = abs(mass * Double(Self.places) - Double(place) - 0.5)
      if distance < nearest[place]?.distance ?? 1 { nearest[place] = (node, distance) }
    }
    for place in nearest { if let place { chosen.insert(place.node) } }
    return chosen.sorted()
  }
}
