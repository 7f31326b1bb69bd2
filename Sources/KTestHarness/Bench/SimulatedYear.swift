import KTestValues

/// Series with their flakes and planted regressions, and what each run of them would show. A run's outcome depends on its
/// place only, so that all methods see the same year.
struct SimulatedYear: Sendable {
  struct Regression: Sendable, Equatable {
    var series: Int
    /// The first night with it.
    var night: Int
    /// The rate at which it shows.
    var rate: Double
    var nights: Int

    func isThere(_ night: Int) -> Bool { night >= self.night && night < self.night + nights }
  }

  let conditions: NightsBench.Conditions
  /// The rate at which each series fails by itself.
  let flakes: [Double]
  let regressions: [Regression]
  /// The regression of each series; at most one.
  private let planted: [Int: Regression]
  private let sick: Set<Int>
  private let seed: UInt64

  init(_ conditions: NightsBench.Conditions, seed: UInt64) {
    self.conditions = conditions
    self.seed = seed
    var numbers = SeededNumbers(seed: seed)
    flakes = (0..<conditions.series).map { _ in
      numbers.fraction() < conditions.flakyShare ? 0.3 * numbers.fraction() : 0
    }
    var free = Array(0..<conditions.series)
    var regressions: [Regression] = []
    for rate in conditions.rates {
      for _ in 0..<conditions.perRate where !free.isEmpty {
        let series = free.remove(at: numbers.below(free.count))
        let last = max(conditions.warmUp, conditions.nights - conditions.lifetime)
        let night = conditions.warmUp + numbers.below(last - conditions.warmUp + 1)
        regressions.append(Regression(series: series, night: night, rate: rate, nights: conditions.lifetime))
      }
    }
    self.regressions = regressions
    planted = Dictionary(uniqueKeysWithValues: regressions.map { ($0.series, $0) })
    sick = Set((0..<conditions.sickNights).map { _ in numbers.below(max(1, conditions.nights)) })
  }

  /// What is run: tonight's kernel, or an older one tonight.
  enum Kernel: UInt64 { case tonight, good }

  func regression(of series: Int, on night: Int) -> Regression? {
    planted[series].flatMap { $0.isThere(night) ? $0 : nil }
  }

  /// Whether a run of the series fails.
  /// - Parameter kernelOf: the night whose kernel it is.
  func fails(_ series: Int, night: Int, run: Int, kernelOf: Int) -> Bool {
    let kernel: Kernel = kernelOf == night ? .tonight : .good
    var place = SeededNumbers(
      seed: seed ^ (UInt64(series) << 40 | UInt64(night) << 16 | UInt64(run) << 1 | kernel.rawValue))
    _ = place.next()
    if place.fraction() < flakes[series] { return true }
    if sick.contains(night), place.fraction() < NightsBench.sickRate { return true }
    guard let regression = regression(of: series, on: kernelOf) else { return false }
    return place.fraction() < regression.rate
  }
}
