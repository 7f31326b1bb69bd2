/// A metric of a case on one kernel of a plan. Values of two of them are never compared.
package struct MetricID: Sendable, Hashable, Codable {
  /// The name in the plan.
  package var kernel: String
  /// Of the whole case.
  package var series: SeriesKey
  /// With its subtest.
  package var name: String
  package var unit: String
  package var better: Metric.Better
  /// What the guest's clock counted, and on which machine: nothing for times of the host, the versions of QEMU and the
  /// processor for counts of instructions.
  package var basis: String

  package init(
    kernel: String, series: SeriesKey, name: String, unit: String, better: Metric.Better, basis: String = ""
  ) {
    (self.kernel, self.series, self.name) = (kernel, series, name)
    (self.unit, self.better, self.basis) = (unit, better, basis)
  }

  /// Whether its values are exact counts by the guest's clock. Instructions that a program counted otherwise vary like times.
  package var isCount: Bool { unit == Metric.instructions && !basis.isEmpty }

  /// What stands for it among series: a search for it is none for its case.
  package var searched: NightSeries.ID {
    var series = series
    series.subtest = name
    return NightSeries.ID(kernel: kernel, series: series)
  }
}

extension MetricID: Comparable {
  package static func < (left: MetricID, right: MetricID) -> Bool {
    (left.kernel, left.series, left.name, left.unit, left.basis)
      < (right.kernel, right.series, right.name, right.unit, right.basis)
  }
}
