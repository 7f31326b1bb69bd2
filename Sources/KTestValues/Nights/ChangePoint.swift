import Glibc

/// A place where the rate of failures of a series changed.
package struct ChangePoint: Sendable, Equatable {
  /// The most likely first point after the change.
  package var first: Int
  /// The points that are the first one after the change with a probability of 99 %.
  package var range: ClosedRange<Int>
  /// The runs from the change before to this one, and from this one to the next.
  package var before: RunTally
  package var after: RunTally
  /// The probability that there is a change at all, if one in ten thousand series has one.
  package var probability: Double

  package var isWorse: Bool { after.rate > before.rate }
}

/// Finds where the rate of failures changed, by the rule of LUCI Analysis: the likelihood ratio of two rates against one,
/// each averaged over Beta(0.3, 0.5), and a prior of 1e-4 for a change.
package struct ChangePoints: Sendable, Equatable {
  /// The newest points that are looked at; the cost is in the square of it at worst.
  package static let limit = 2000
  static let (a, b) = (0.3, 0.5)
  static let logPrior = log(1e-4)

  /// In the order of the points.
  package private(set) var changes: [ChangePoint] = []
  /// The first point after the last change, whether worse or better.
  package var segmentStart: Int { changes.last?.first ?? skipped }
  /// How many of the oldest points were left out.
  package private(set) var skipped = 0

  /// Sums of failures and runs of the points before each place.
  private var failures: [Double] = [0]
  private var runs: [Double] = [0]

  package init(_ points: [SeriesPoint]) {
    skipped = max(0, points.count - ChangePoints.limit)
    for point in points.dropFirst(skipped) {
      failures.append((failures.last ?? 0) + Double(point.failures))
      runs.append((runs.last ?? 0) + Double(point.runs))
    }
    // A series that always passed or always failed has no change: that is nearly all of them.
    guard let all = runs.last, let failed = failures.last, failed > 0, failed < all else { return }
    var open = [0..<runs.count - 1]
    var places: [Int] = []
    while let part = open.popLast() {
      guard let best = likeliest(in: part), best.ratio + ChangePoints.logPrior > 0 else { continue }
      places.append(best.place)
      open += [part.lowerBound..<best.place, best.place..<part.upperBound]
    }
    places.sort()
    let ends = [0] + places + [runs.count - 1]
    changes = places.indices.map { change(ends[$0], ends[$0 + 1], ends[$0 + 2]) }
  }

  private func tally(_ from: Int, _ to: Int) -> RunTally {
    RunTally(failures: failures[to] - failures[from], runs: runs[to] - runs[from])
  }

  private func evidence(_ from: Int, _ to: Int) -> Double {
    let (x, n) = (failures[to] - failures[from], runs[to] - runs[from])
    // Counts are whole numbers, and nearly always small ones.
    guard n < Double(ChangePoints.tableLength) else { return logBeta(ChangePoints.a + x, ChangePoints.b + n - x) }
    return ChangePoints.ofFailures[Int(x)] + ChangePoints.ofPasses[Int(n - x)] - ChangePoints.ofRuns[Int(n)]
  }

  private static let tableLength = limit + 1
  private static let ofFailures = (0..<tableLength).map { logGamma(a + Double($0)) }
  private static let ofPasses = (0..<tableLength).map { logGamma(b + Double($0)) }
  private static let ofRuns = (0..<tableLength).map { logGamma(a + b + Double($0)) }

  /// Returns the log of the likelihood ratio for each place inside.
  private func ratios(in part: Range<Int>) -> [(place: Int, ratio: Double)] {
    let one = evidence(part.lowerBound, part.upperBound) + logBeta(ChangePoints.a, ChangePoints.b)
    return part.dropFirst().map { place in
      (place, evidence(part.lowerBound, place) + evidence(place, part.upperBound) - one)
    }
  }

  private func likeliest(in part: Range<Int>) -> (place: Int, ratio: Double)? {
    let all = tally(part.lowerBound, part.upperBound)
    guard part.count > 1, all.failures > 0, all.failures < all.runs else { return nil }
    return ratios(in: part).max { $0.ratio < $1.ratio }
  }

  private func change(_ start: Int, _ place: Int, _ end: Int) -> ChangePoint {
    let ratios = ratios(in: start..<end)
    let most = ratios.map(\.ratio).max() ?? 0
    let total = ratios.reduce(0) { $0 + exp($1.ratio - most) }
    var (sum, low, high) = (0.0, place, place)
    for (index, one) in ratios.enumerated() {
      let share = exp(one.ratio - most) / total
      if sum < 0.005, index == 0 || sum + share >= 0.005 { low = one.place }
      if sum < 0.995 { high = one.place }
      sum += share
    }
    let (least, greatest) = (min(low, place), max(high, place))
    return ChangePoint(
      first: place + skipped, range: least + skipped...greatest + skipped, before: tally(start, place),
      after: tally(place, end), probability: 1 / (1 + exp(-(most + ChangePoints.logPrior))))
  }
}
