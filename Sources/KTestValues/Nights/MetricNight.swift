/// One metric of one kernel in one night: whether it is measured again, and at the end what is said of it.
///
/// A value that left the range of the nights before is a suspicion. It is confirmed by boots of the good kernel and tonight's in
/// turn, none of which raised the suspicion: rule 7 of docs/nights.md.
package struct MetricNight: Sendable, Equatable {
  package enum Outcome: Sendable, Equatable {
    case steady
    /// Confirmed by boots of both kernels; `before` and `after` are their medians, `chance` is the probability of such a
    /// difference by chance.
    case moved(before: Double, after: Double, chance: Double)
    /// It moved, and too few boots could be compared.
    case suspected(before: Double, after: Double)
    /// Both kernels measure the same tonight.
    case refuted
  }

  /// The boots a side that confirm it.
  package static let boots = MetricConfirmation.leastBoots
  /// The nights that a value is compared with at least.
  package static let leastNights = 3
  static let leastShare = 0.02
  /// Counts do not vary: docs/exact-numbers.md.
  static let leastShareOfCounts = 0.001
  static let deviations = 3.0

  private let past: [Double]
  private let tonight: Double
  private let hasGoodKernel: Bool
  private let share: Double
  private var base: [Double] = []
  private var sample: [Double] = []
  /// Where the change begins, among the nights before and tonight; nil if there is none.
  package let start: Int?

  /// - Parameters:
  ///   - past: one value for each night since the last change that was told, the oldest first.
  ///   - suspects: so many of them, the newest, are suspected already.
  ///   - isCount: whether the values are exact counts of instructions.
  ///   - hasGoodKernel: whether a kernel from before the change can be run beside tonight's.
  package init(past: [Double], suspects: Int = 0, tonight: Double, isCount: Bool = false, hasGoodKernel: Bool) {
    (self.past, self.tonight, self.hasGoodKernel) = (past, tonight, hasGoodKernel)
    share = isCount ? MetricNight.leastShareOfCounts : MetricNight.leastShare
    let quiet = Array(past.dropLast(suspects))
    if MetricNight.departs(tonight, from: quiet, share) {
      start = quiet.count
    } else {
      start = MetricShifts(past + [tonight])?.shifts.last?.first
    }
  }

  private static func departs(_ value: Double, from past: [Double], _ share: Double) -> Bool {
    guard past.count >= leastNights, value.isFinite, let median = Samples(past).median, let low = past.min(),
      let high = past.max(), let deviation = Samples(past.map { abs($0 - median) }).median
    else { return false }
    return (value < low || value > high)
      && abs(value - median) >= max(share * abs(median), deviations * deviation)
  }

  /// Adds a boot of the good kernel.
  package mutating func addGoodKernel(_ value: Double) { base.append(value) }

  /// Adds a boot of tonight's kernel, other than the one that raised the suspicion.
  package mutating func add(_ value: Double) { sample.append(value) }

  /// Whether one more boot of both kernels is wanted.
  package var isWanted: Bool {
    start != nil && hasGoodKernel && isApart && min(base.count, sample.count) < MetricNight.boots
  }

  private var before: Double { Samples(Array(past.prefix(start ?? 0))).median ?? .nan }

  /// Whether the boots of both kernels are apart so far, in the direction of the suspicion.
  private var isApart: Bool {
    guard let low = base.min(), let high = base.max(), let least = sample.min(), let most = sample.max() else {
      return true
    }
    return tonight > before ? high < least : most < low
  }

  package var outcome: Outcome {
    guard start != nil else { return .steady }
    guard isApart else { return .refuted }
    guard let good = Samples(base).median, let bad = Samples(sample).median else {
      return .suspected(before: before, after: tonight)
    }
    switch MetricConfirmation(base: base, sample: sample).finding {
    case .confirmed(let chance) where abs(bad - good) >= share * abs(good):
      return .moved(before: good, after: bad, chance: chance)
    case .weak: return .suspected(before: good, after: bad)
    case .confirmed, .refuted: return .refuted
    }
  }
}
