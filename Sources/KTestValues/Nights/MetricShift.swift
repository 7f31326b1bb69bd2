import Glibc

/// A place where a metric changed. The unit is the boot: one value for each, the median of its samples.
package struct MetricShift: Sendable, Equatable {
  /// The first value after the change.
  package var first: Int
  package var before: Double
  package var after: Double
  /// The probability of such a difference by chance: Welch's t-test, two-sided.
  package var chance: Double

  /// The change, relative to the value before.
  package var share: Double {
    let share = (after - before) / abs(before)
    return share.isFinite ? share : after == before ? 0 : after > before ? 1 : -1
  }
}

/// Finds shifts: E-divisive (Matteson and James, arXiv 1306.4933) splits where the energy distance is greatest, and a
/// split stays if a t-test says p < 0.001 and the change is at least 2 % and three times the median absolute deviation.
package struct MetricShifts: Sendable, Equatable {
  /// The newest values that are looked at; the cost is in their square.
  package static let limit = 500
  static let leastChance = 0.001
  static let leastShare = 0.02
  static let deviations = 3.0

  package private(set) var shifts: [MetricShift] = []
  /// How many of the oldest values were left out.
  package private(set) var skipped = 0

  /// Creates the shifts of the values of boots, the oldest first. Values that are not finite are not measurements, and
  /// end the search: nil is returned.
  package init?(_ values: [Double]) {
    guard values.allSatisfy({ $0.isFinite && abs($0) < 1e150 }) else { return nil }
    skipped = max(0, values.count - MetricShifts.limit)
    let values = Array(values.suffix(MetricShifts.limit))
    var open = [0..<values.count]
    var places: [Int] = []
    while let part = open.popLast() {
      guard let place = MetricShifts.split(values, part) else { continue }
      let shift = MetricShifts.shift(values, part.lowerBound, place, part.upperBound)
      guard shift.chance < MetricShifts.leastChance else { continue }
      places.append(place)
      open += [part.lowerBound..<place, place..<part.upperBound]
    }
    places.sort()
    // A place that is no real change by itself is taken out, because its neighbours' pools grow by that.
    var isSettled = false
    while !isSettled {
      let ends = [0] + places + [values.count]
      let found = places.indices.map { MetricShifts.shift(values, ends[$0], ends[$0 + 1], ends[$0 + 2]) }
      let weak = found.indices.filter { !MetricShifts.counts(values, ends[$0], found[$0]) }
      isSettled = weak.isEmpty
      if let least = weak.max(by: { found[$0].chance < found[$1].chance }) { places.remove(at: least) }
      if isSettled { shifts = found }
    }
    for place in shifts.indices { shifts[place].first += skipped }
  }

  /// Returns the place where the energy distance between the two sides is greatest; nil for fewer than two on a side.
  private static func split(_ values: [Double], _ part: Range<Int>) -> Int? {
    let count = part.count
    guard count >= 4 else { return nil }
    // Sums of distances within the left side, within the right side, and between; one value moves at a time.
    var (left, right, between) = (0.0, 0.0, 0.0)
    for i in part { for j in part where j > i { right += abs(values[i] - values[j]) } }
    var best: (place: Int, distance: Double)?
    for place in part.dropLast() {
      let (toLeft, toRight) = (
        (part.lowerBound..<place).reduce(0.0) { $0 + abs(values[$1] - values[place]) },
        (place + 1..<part.upperBound).reduce(0.0) { $0 + abs(values[$1] - values[place]) }
      )
      left += toLeft
      right -= toRight
      between += toRight - toLeft
      let (n, m) = (Double(place + 1 - part.lowerBound), Double(part.upperBound - place - 1))
      guard n >= 2, m >= 2 else { continue }
      let energy = 2 * between / (n * m) - 2 * left / (n * (n - 1)) - 2 * right / (m * (m - 1))
      let distance = energy * n * m / (n + m)
      if distance > best?.distance ?? 0 { best = (place + 1, distance) }
    }
    return best?.place
  }

  private static func shift(_ values: [Double], _ start: Int, _ place: Int, _ end: Int) -> MetricShift {
    let (left, right) = (values[start..<place], values[place..<end])
    return MetricShift(
      first: place, before: Samples(Array(left)).median ?? 0, after: Samples(Array(right)).median ?? 0,
      chance: chance(left, right))
  }

  private static func counts(_ values: [Double], _ start: Int, _ shift: MetricShift) -> Bool {
    let change = abs(shift.after - shift.before)
    let deviation = Samples(values[start..<shift.first].map { abs($0 - shift.before) }).median ?? 0
    return shift.chance < leastChance && change >= leastShare * abs(shift.before) && change >= deviations * deviation
  }

  /// Welch's t-test, two-sided; 1 for fewer than two values on a side.
  static func chance(_ left: ArraySlice<Double>, _ right: ArraySlice<Double>) -> Double {
    guard left.count > 1, right.count > 1 else { return 1 }
    func moments(_ values: ArraySlice<Double>) -> (mean: Double, error: Double) {
      let count = Double(values.count)
      let mean = values.reduce(0) { $0 + $1 / count }
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count)
    }
    let (one, other) = (moments(left), moments(right))
    let error = one.error + other.error
    guard error > 0 else { return one.mean == other.mean ? 1 : 0 }
    let degrees =
      error * error
      / (one.error * one.error / Double(left.count - 1) + other.error * other.error / Double(right.count - 1))
    return studentTails((other.mean - one.mean) / error.squareRoot(), degrees: degrees)
  }
}
