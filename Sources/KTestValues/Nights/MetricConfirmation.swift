import Glibc

/// Confirms that a metric differs between two kernels by boots of both in turn.
package struct MetricConfirmation: Sendable, Equatable {
  package enum Finding: Sendable, Equatable {
    case confirmed(chance: Double)
    /// Too few boots for a test; both sides are apart by the gap rule of lkp-tests.
    case weak
    case refuted
  }

  /// The boots a side for a test.
  package static let leastBoots = 3
  static let leastChance = 0.05

  package var finding: Finding

  /// - Parameters:
  ///   - base: one value for each boot of the older kernel.
  ///   - sample: one value for each boot of the newer one.
  package init(base: [Double], sample: [Double]) {
    let (base, sample) = (base.filter(\.isFinite), sample.filter(\.isFinite))
    guard min(base.count, sample.count) >= MetricConfirmation.leastBoots else {
      finding = MetricConfirmation.isApart(base, sample) ? .weak : .refuted
      return
    }
    let chance = rankChance(base, sample)
    finding = chance <= MetricConfirmation.leastChance ? .confirmed(chance: chance) : .refuted
  }

  /// The gap rule: the sides do not overlap, and the gap is more than half the difference of their means.
  static func isApart(_ base: [Double], _ sample: [Double]) -> Bool {
    guard let low = base.min(), let high = base.max(), let least = sample.min(), let greatest = sample.max() else {
      return false
    }
    let means = abs(
      sample.reduce(0) { $0 + $1 / Double(sample.count) } - base.reduce(0) { $0 + $1 / Double(base.count) })
    let gap = max(least - high, low - greatest)
    return gap > 0 && gap > means / 2
  }
}

/// Returns the probability of ranks at least this far apart by chance, in the direction in which they are: Mann and
/// Whitney's test, one-sided. It is exact, also with ties, for up to 20 values a side, else by the normal approximation.
func rankChance(_ base: [Double], _ sample: [Double]) -> Double {
  let all = (base + sample).sorted()
  guard !base.isEmpty, !sample.isEmpty else { return 1 }
  // Twice the rank, so that the mean rank of ties is whole.
  func doubledRank(_ value: Double) -> Int {
    let below = all.partitioningIndex { $0 >= value }
    let upTo = all.partitioningIndex { $0 > value }
    return below + upTo + 1
  }
  let ranks = (base + sample).map(doubledRank)
  let sum = ranks.suffix(sample.count).reduce(0, +)
  let mean = Double(sample.count) * Double(all.count + 1)
  guard max(base.count, sample.count) <= 20 else {
    // The variance of the doubled sum, with ties.
    let squares = ranks.reduce(0.0) { $0 + (Double($1) - Double(all.count + 1)) * (Double($1) - Double(all.count + 1)) }
    let n = Double(all.count)
    let variance = Double(base.count) * Double(sample.count) / (n * (n - 1)) * squares
    guard variance > 0 else { return 1 }
    return erfc((abs(Double(sum) - mean) - 1) / (2 * variance).squareRoot()) / 2
  }
  // ways[k][s]: how many choices of k values have doubled ranks that sum up to s.
  let most = ranks.reduce(0, +)
  var ways = [[Double]](repeating: [Double](repeating: 0, count: most + 1), count: sample.count + 1)
  ways[0][0] = 1
  for rank in ranks {
    for count in stride(from: sample.count, through: 1, by: -1) {
      for total in stride(from: most, through: rank, by: -1) { ways[count][total] += ways[count - 1][total - rank] }
    }
  }
  let choices = ways[sample.count]
  let total = choices.reduce(0, +)
  let tail = Double(sum) >= mean ? choices[sum...].reduce(0, +) : choices[...sum].reduce(0, +)
  return min(tail / total, 1)
}

extension Array where Element == Double {
  /// The first place at which the condition holds, in an array in which it holds from some place on.
  fileprivate func partitioningIndex(where holds: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
