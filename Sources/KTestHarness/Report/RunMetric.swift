import KTestValues

/// One metric of one boot: the median of its samples.
struct RunMetric: Codable, Sendable, Equatable {
  /// Of the whole case.
  var series: SeriesKey
  /// The label.
  var kernel: String
  /// With its subtest.
  var name: String
  var unit: String
  var better: Metric.Better
  var value: Double
  /// What its values are values of, beside the unit: values of another basis are another series. Empty for a guest whose
  /// clock follows the host's time.
  var basis = ""
}

extension JournalContents {
  /// The metrics of all cases that have a result; none of a drill, whose kernel has a planted bug.
  ///
  /// - Parameter run: the name of the run.
  func metrics(ofRun run: String) -> [RunMetric] {
    var keys: [CaseKey: SeriesKey] = [:]
    for result in IndexedRun(self, name: run).results where result.series.subtest.isEmpty {
      keys[CaseKey(suite: result.series.suiteName, kernel: result.kernel.label, name: result.series.test)] =
        result.series
    }
    var values: [RunMetric] = []
    for suite in summary.suites {
      let quantity = manifest?.suites.first { $0.name == suite.name.prefix { $0 != "[" } }?.clock ?? .time
      for result in suite.cases {
        guard let key = keys[CaseKey(suite: suite.name, kernel: suite.kernel, name: result.name)] else { continue }
        for (metric, samples) in result.metrics.grouped() {
          guard let median = Samples(samples).median, median.isFinite else { continue }
          values.append(
            RunMetric(
              series: key, kernel: suite.kernel, name: metric.fullName, unit: metric.unit, better: metric.better,
              value: median, basis: basis(of: metric.unit, quantity)))
        }
      }
    }
    return values
  }

  private func basis(of unit: String, _ clock: GuestClock) -> String {
    guard clock == .instructions else { return "" }
    guard unit == Metric.instructions else { return "clock: instructions" }
    return ["QEMU", manifest?.qemu, manifest?.accelerator.processor].compactMap { $0 }.joined(separator: " ")
  }
}
