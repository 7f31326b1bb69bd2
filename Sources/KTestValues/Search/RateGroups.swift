/// The rates that a bug may have, in a few groups: what is under way is foreseen for each of them, and the forty rates of the
/// grid, or two hundred with clones, would take too long.
struct RateGroups {
  typealias Weights = SIMD8<Double>

  private let points: [BootPrior.Point]
  private let groupOf: [Int]
  /// The share of each point in its group.
  private let shares: [Double]

  /// "Always" is a group of its own, if it is in the grid. The others are divided by their product into groups of about the
  /// same weight.
  ///
  /// - Parameter weights: how likely each point is, over all hypotheses.
  init(_ points: [BootPrior.Point], _ weights: [Double]) {
    self.points = points
    let last = Weights.scalarCount - 1
    let total = zip(points, weights).reduce(0) { $0 + ($1.0.product < 1 ? $1.1 : 0) }
    var groupOf: [Int] = []
    var before = 0.0
    for (point, weight) in zip(points, weights) {
      if point.product >= 1 {
        groupOf.append(last)
        continue
      }
      let place = total > 0 ? (before + weight / 2) / total : Double(groupOf.count) / Double(points.count)
      groupOf.append(min(last - 1, Int(place * Double(last))))
      before += weight
    }
    var sums = Weights.zero
    var counts = Weights.zero
    for (index, group) in groupOf.enumerated() {
      sums[group] += weights[index]
      counts[group] += 1
    }
    shares = groupOf.enumerated().map { sums[$1] > 0 ? weights[$0] / sums[$1] : 1 / counts[$1] }
    self.groupOf = groupOf
  }

  /// Returns how likely each group is.
  func weights(_ weights: [Double]) -> Weights {
    var sums = Weights.zero
    for (index, weight) in weights.enumerated() { sums[groupOf[index]] += weight }
    return sums
  }

  /// Returns a mean over the points of each group.
  func means(_ value: (BootPrior.Point) -> Double) -> Weights {
    var sums = Weights.zero
    for (index, point) in points.enumerated() where shares[index] > 0 {
      sums[groupOf[index]] += shares[index] * value(point)
    }
    return sums
  }

  /// Returns means of lanes over the points of each group.
  func means(_ lanes: (BootPrior.Point) -> ProbeChoice.Lanes) -> [ProbeChoice.Lanes] {
    var sums = [ProbeChoice.Lanes](repeating: .zero, count: Weights.scalarCount)
    for (index, point) in points.enumerated() where shares[index] > 0 {
      sums[groupOf[index]] += lanes(point) * shares[index]
    }
    return sums
  }
}
