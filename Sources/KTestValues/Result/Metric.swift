/// A number that a case measured: a result like a verdict, to be compared with that of another run.
package struct Metric: Codable, Sendable, Equatable {
  package enum Better: String, Codable, Sendable, CaseIterable { case lower, higher }

  /// The name. A name that appears several times in one case has several samples.
  package var name: String
  package var value: Double
  /// The unit, for example `us`, `GB/s` or `bytes`.
  package var unit: String
  package var better: Better
  /// The id of the subtest that it belongs to; nil for the whole case.
  package var subtest: String?

  package init(name: String, value: Double, unit: String, better: Better, subtest: String? = nil) {
    self.name = name
    self.value = value
    self.unit = unit
    self.better = better
    self.subtest = subtest
  }

  /// The unit of counts by a guest's clock; docs/exact-numbers.md.
  package static let instructions = "instructions"

  /// The metric as a program measured it by a clock that counts instructions: a time is a count, one for each nanosecond.
  package var counted: Metric {
    guard let nanoseconds = ["ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9][unit] else { return self }
    var metric = self
    // What a program rounded to a decimal fraction is not made longer by a binary one.
    (metric.value, metric.unit) = ((value * nanoseconds * 1e3).rounded() / 1e3, Metric.instructions)
    return metric
  }

  /// The name with its subtest: `2m/unmap: thp-2m`.
  package var fullName: String { subtest.map { "\($0): \(name)" } ?? name }
}

extension Metric {
  package init(_ metric: KTAPMetric) {
    self.init(
      name: metric.name, value: metric.value, unit: metric.unit, better: metric.lowerIsBetter ? .lower : .higher,
      subtest: metric.subtest)
  }
}

extension CaseResult {
  /// The median of each metric's samples, by name.
  package var metricValues: [String: Double] { medians(\.name) }

  /// The median of each metric's samples, by all names that a target may have: with its subtest and without it.
  package var targetValues: [String: Double] { metricValues.merging(medians(\.fullName)) { name, _ in name } }

  private func medians(_ name: KeyPath<Metric, String>) -> [String: Double] {
    Dictionary(grouping: metrics, by: { $0[keyPath: name] }).compactMapValues { Samples($0.map(\.value)).median }
  }
}
