import KTestValues

/// What is kept of a run beside its pages, so that its journal is read once: how it shows in lists, and its metrics.
struct RunFacts: Codable, Sendable, Equatable {
  /// Grows when the pages of runs look different, so that they are made anew.
  static let currentFormat = 2

  /// One metric of one boot: the median of its samples.
  struct Value: Codable, Sendable, Equatable {
    var series: SeriesKey
    var kernel: String
    /// With its subtest.
    var name: String
    var unit: String
    var better: Metric.Better
    var value: Double
  }

  var format = RunFacts.currentFormat
  /// Changes when the journal does.
  var mark: String
  var overview: RunOverview
  var values: [Value] = []
  /// What stands for each kernel on the command line, by labels.
  var arguments: [String: String] = [:]
  /// Its files for NIPA.
  var nipa: [NIPARun.Entry] = []

  /// In milliseconds since 1970; 0 if that is unknown.
  var started: Int64 { overview.started.flatMap { WallTime(iso: $0) }?.milliseconds ?? 0 }

  init(_ journal: JournalContents, id: String, mark: String) {
    self.mark = mark
    overview = RunOverview(journal, id: id)
    // The place of a run's directory is nobody's business on a page.
    overview.directory = ""
    for kernel in journal.manifest?.kernels ?? [] { arguments[kernel.label] = kernel.argument }
    var keys: [CaseKey: SeriesKey] = [:]
    for result in IndexedRun(journal, name: id).results where result.series.subtest.isEmpty {
      keys[CaseKey(suite: result.series.suiteName, kernel: result.kernel.label, name: result.series.test)] =
        result.series
    }
    for suite in journal.summary.suites {
      for result in suite.cases {
        guard let key = keys[CaseKey(suite: suite.name, kernel: suite.kernel, name: result.name)] else { continue }
        for (metric, samples) in result.metrics.grouped() {
          guard let median = Samples(samples).median, median.isFinite else { continue }
          values.append(
            Value(
              series: key, kernel: suite.kernel, name: metric.fullName, unit: metric.unit, better: metric.better,
              value: median))
        }
      }
    }
  }
}
