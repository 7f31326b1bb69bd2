/// A number that a case found out: a result like a verdict, to be compared with that of another run.
public struct Metric: Codable, Sendable, Equatable {
  public enum Better: String, Codable, Sendable, CaseIterable { case lower, higher }

  /// A name may come several times in one case: each is a sample.
  public var name: String
  public var value: Double
  /// For example `us`, `GB/s` or `bytes`.
  public var unit: String
  public var better: Better
  /// Id of the subtest that it belongs to; nil for one of the whole case.
  public var subtest: String?

  public init(name: String, value: Double, unit: String, better: Better, subtest: String? = nil) {
    self.name = name
    self.value = value
    self.unit = unit
    self.better = better
    self.subtest = subtest
  }

  /// With its subtest: `2m/unmap: thp-2m`.
  public var fullName: String { subtest.map { "\($0): \(name)" } ?? name }
}

extension Metric {
  init(_ metric: KTAPMetric) {
    self.init(
      name: metric.name, value: metric.value, unit: metric.unit, better: metric.lowerIsBetter ? .lower : .higher,
      subtest: metric.subtest)
  }
}

extension CaseResult {
  /// The median of each metric's samples, by name.
  public var metricValues: [String: Double] {
    Dictionary(grouping: metrics, by: \.name).compactMapValues { Samples($0.map(\.value)).median }
  }
}
