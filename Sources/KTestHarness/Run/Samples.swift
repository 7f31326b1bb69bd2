/// Numbers that were measured several times.
public struct Samples: Sendable, Equatable {
  public private(set) var values: [Double]

  public init(_ values: [Double] = []) { self.values = values }

  public mutating func add(_ value: Double) { values.append(value) }

  /// The median; nil without samples, and the mean of the middle two of an even number.
  public var median: Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  public var least: Double? { values.min() }
  public var greatest: Double? { values.max() }
}
