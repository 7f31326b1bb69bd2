import Glibc

/// What the probes under way may show: a few outcomes of all of them together, each with its probability.
///
/// Hypotheses that had the same runs and will have the same of those under way form a cell. An outcome is, for each cell and
/// each group of rates, the probability of that, and of the outcome. Boots of one kernel count by how many of them show the
/// target. If there are more than ``most`` outcomes, the likely ones are kept, and of the others some stand for all, so that
/// every mean over outcomes is what it was (Fearnhead and Clifford, "On-line inference for hidden Markov models via particle
/// filters", 2003). They are drawn at even distances and not by chance: asked twice, the answer is the same.
struct Foresight {
  typealias Rates = RateGroups.Weights

  /// Boots of one kernel that are under way.
  struct Group {
    /// The culprits with which the kernel has the bug.
    var members: [Int]
    /// The most runs of each boot.
    var clones: Int
    var boots: Int
  }

  /// For each cell, the probability of the outcome, the cell, and each group of rates.
  typealias Outcome = [Rates]

  /// The most outcomes.
  static let most = 32
  /// The most kernels that are looked at; those that began first.
  static let mostKernels = 64
  private static let negligible = 1e-9

  /// The cell of each hypothesis, −1 for what is next to impossible.
  private(set) var cellOf: [Int32] = []
  private(set) var masses: [Double] = []
  /// What is known without them.
  let now: Outcome
  private(set) var outcomes: [Outcome]
  /// For each cell, the kernels under way that have the bug, as bits.
  private var masks: [UInt64] = []
  private let rates: RateGroups
  /// The rate of false alarms, in a boot.
  private let alarm: Double

  init(
    _ distribution: Posterior.Distribution, _ rates: RateGroups, weights: [[Double]], alarm: Double,
    _ kernels: [[Group]]
  ) {
    (self.rates, self.alarm) = (rates, alarm)
    let kernels = kernels.prefix(Self.mostKernels)
    var hypotheses = HypothesisClasses(distribution.classOf, count: distribution.classes.count)
    var origins = Array(distribution.classes.indices)
    var masks = [UInt64](repeating: 0, count: origins.count)
    for (bit, groups) in kernels.enumerated() {
      for (cell, successor) in hypotheses.split(groups[0].members).enumerated() where successor >= 0 {
        let mask = masks[cell] | 1 << UInt64(bit)
        if Int(successor) == cell {
          masks[cell] = mask
        } else {
          origins.append(origins[cell])
          masks.append(mask)
        }
      }
    }
    var sums = [Double](repeating: 0, count: origins.count)
    for (index, probability) in distribution.probabilities.enumerated() {
      sums[Int(hypotheses.classOf[index])] += probability
    }
    var places = [Int32](repeating: -1, count: origins.count)
    var first: Outcome = []
    var grouped: [Int: Rates] = [:]
    for (cell, mass) in sums.enumerated() where mass > Self.negligible && !weights[origins[cell]].isEmpty {
      places[cell] = Int32(first.count)
      let known = grouped[origins[cell]] ?? rates.weights(weights[origins[cell]])
      grouped[origins[cell]] = known
      first.append(known * mass)
      masses.append(mass)
      self.masks.append(masks[cell])
    }
    cellOf = hypotheses.classOf.map { places[Int($0)] }
    (now, outcomes) = (first, [first])
    for (bit, groups) in kernels.enumerated() { for group in groups { foresee(group, bit: bit) } }
  }

  private mutating func foresee(_ group: Group, bit: Int) {
    let chance = rates.means { $0.chance(runs: group.clones) }
    // How likely so many sightings are, with the bug and without it.
    var with: [Rates] = []
    var without: [Double] = []
    for seen in 0...group.boots {
      let ways = exp(
        lgamma(Double(group.boots + 1)) - lgamma(Double(seen + 1)) - lgamma(Double(group.boots - seen + 1)))
      let clean = group.boots - seen
      with.append(Self.power(chance, seen) * Self.power(Rates(repeating: 1) - chance, clean) * ways)
      without.append(pow(alarm, Double(seen)) * pow(1 - alarm, Double(clean)) * ways)
    }
    let hasBug = masks.map { $0 >> UInt64(bit) & 1 == 1 }
    var next: [(origin: Int, seen: Int, mass: Double)] = []
    for (origin, outcome) in outcomes.enumerated() {
      var inside = Rates.zero
      var outside = Rates.zero
      for (cell, weights) in outcome.enumerated() { if hasBug[cell] { inside += weights } else { outside += weights } }
      let rest = outside.sum()
      for seen in 0...group.boots {
        let mass = (inside * with[seen]).sum() + rest * without[seen]
        if mass > Self.negligible { next.append((origin, seen, mass)) }
      }
    }
    let factors = Self.kept(next.map(\.mass), most: Self.most)
    outcomes = zip(next, factors).compactMap { child, factor in
      guard factor > 0 else { return nil }
      let (inside, outside) = (with[child.seen] * factor, without[child.seen] * factor)
      var weights = outcomes[child.origin]
      for cell in weights.indices { weights[cell] *= hasBug[cell] ? inside : Rates(repeating: outside) }
      return weights
    }
  }

  /// Returns the factors by which the probabilities of at most `most` are multiplied to stand for all; 0 for those left out.
  static func kept(_ masses: [Double], most: Int) -> [Double] {
    guard masses.count > most else { return [Double](repeating: 1, count: masses.count) }
    // What is at least as likely as this is kept as it is; the others have this in common for each that is kept of them.
    let sorted = masses.sorted(by: >)
    var rest = masses.reduce(0, +)
    var whole = 0
    while whole < most, sorted[whole] * Double(most - whole) >= rest {
      rest -= sorted[whole]
      whole += 1
    }
    guard whole < most, rest > 0 else { return masses.map { $0 >= sorted[most - 1] ? 1 : 0 } }
    let share = rest / Double(most - whole)
    var place = share / 2
    return masses.map { mass in
      if mass > share { return 1 }
      place -= mass
      guard place < 0 else { return 0 }
      place += share
      return mass > 0 ? share / mass : 0
    }
  }

  private static func power(_ base: Rates, _ exponent: Int) -> Rates {
    var (result, square, rest) = (Rates(repeating: 1), base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
