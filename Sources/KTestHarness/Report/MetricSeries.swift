package import KTestValues

/// The samples of one metric, from one or several runs.
package struct MetricSeries: Sendable, Equatable {
  /// With at least this many samples, the outermost tenths do not count for the spread.
  static let manySamples = 5

  /// One list for each run that has samples.
  package private(set) var runs: [[Double]] = []

  package init(runs: [[Double]] = []) { self.runs = runs.filter { !$0.isEmpty } }

  package var samples: [Double] { runs.flatMap { $0 } }
  package var count: Int { runs.reduce(0) { $0 + $1.count } }
  package var median: Double? { Samples(samples).median }

  /// The spread of samples of the same quantity: the greatest minus the least, or for at least ``manySamples`` the 90th
  /// percentile minus the 10th; at least the distance between the medians of several runs. It is nil for a single
  /// sample.
  package var spread: Double? {
    guard count > 1 else { return nil }
    let sorted = samples.sorted()
    let within =
      count < MetricSeries.manySamples
      ? (sorted.last ?? 0) - (sorted.first ?? 0)
      : MetricSeries.quantile(sorted, 0.9) - MetricSeries.quantile(sorted, 0.1)
    let medians = runs.compactMap { Samples($0).median }
    return max(within, (medians.max() ?? 0) - (medians.min() ?? 0))
  }

  /// Returns a quantile, interpolated linearly.
  static func quantile(_ sorted: [Double], _ part: Double) -> Double {
    guard let last = sorted.indices.last else { return 0 }
    let place = part * Double(last)
    let low = Int(place)
    let high = min(low + 1, last)
    return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
  }
}

/// The identity of a series: samples with other units are not of the same quantity.
package struct MetricKey: Sendable, Hashable {
  package var subtest: String?
  package var name: String
  package var unit: String
  package var better: Metric.Better

  package init(_ metric: Metric) {
    subtest = metric.subtest
    name = metric.name
    unit = metric.unit
    better = metric.better
  }

  var fullName: String { subtest.map { "\($0): \(name)" } ?? name }
}

extension [Metric] {
  /// Returns one entry for each metric, in the order of their first samples.
  func grouped() -> [(key: MetricKey, values: [Double])] {
    var order: [MetricKey] = []
    var values: [MetricKey: [Double]] = [:]
    for metric in self {
      let key = MetricKey(metric)
      if values[key] == nil { order.append(key) }
      values[key, default: []].append(metric.value)
    }
    return order.map { ($0, values[$0] ?? []) }
  }
}
