/// Numbers that were measured several times.
package struct Samples: Sendable, Equatable {
  package private(set) var values: [Double]

  package init(_ values: [Double] = []) { self.values = values }

  package mutating func add(_ value: Double) { values.append(value) }

  /// The median; nil without samples, and the mean of the middle two of an even number.
  package var median: Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  package var least: Double? { values.min() }
  package var greatest: Double? { values.max() }
}
