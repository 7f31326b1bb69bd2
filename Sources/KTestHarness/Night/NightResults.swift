import KTestValues

/// Collects the results of a night's runs by series.
struct NightResults: Sendable {
  private var found: [NightSeries.ID: NightSeries] = [:]
  /// The subtests of each case that are series: those that were ever named.
  private var subtests: [NightSeries.ID: Set<String>] = [:]
  private var runs: [(run: IndexedRun, kernel: String, isControl: Bool)] = []

  init(_ memory: NightMemory?) {
    for series in memory?.series ?? [] where !series.id.series.subtest.isEmpty {
      subtests[series.id.wholeCase, default: []].insert(series.id.series.subtest)
    }
  }

  /// Adds a run; runs come in their order.
  mutating func add(_ run: IndexedRun, of kernel: String, isControl: Bool) {
    runs.append((run, kernel, isControl))
    guard !isControl else { return }
    for result in run.results where !result.series.subtest.isEmpty {
      subtests[NightSeries.ID(kernel: kernel, series: result.series).wholeCase, default: []].insert(
        result.series.subtest)
    }
  }

  /// All series that have a result, sorted.
  var series: [NightSeries] {
    var results = self
    for entry in runs { results.count(entry.run, entry.kernel, entry.isControl) }
    return results.found.values.filter { !$0.outcomes.isEmpty }
      .sorted { ($0.id.kernel, $0.id.series) < ($1.id.kernel, $1.id.series) }
  }

  private mutating func count(_ run: IndexedRun, _ kernel: String, _ isControl: Bool) {
    // The good kernel may be of another family: its results stand beside tonight's.
    let families = Set(
      runs.filter { !$0.isControl && $0.kernel == kernel }.flatMap { $0.run.results.map(\.series.family) })
    func id(_ series: SeriesKey) -> NightSeries.ID {
      var id = NightSeries.ID(kernel: kernel, series: series)
      if isControl, families.count == 1, let family = families.first { id.series.family = family }
      return id
    }
    var named: [NightSeries.ID: IndexedRun.Result] = [:]
    for result in run.results { named[id(result.series)] = result }
    for result in run.results where result.series.subtest.isEmpty {
      let whole = id(result.series)
      add(NightResults.outcome(result, run.name, isControl), to: whole)
      let isWhole = result.verdict == .pass || result.verdict == .fail
      if !isControl, isWhole {
        let least = min(found[whole]?.executed ?? .max, result.executed)
        found[whole]?.executed = least
      }
      for subtest in subtests[whole] ?? [] {
        var part = whole
        part.series.subtest = subtest
        if let own = named[part] {
          add(NightResults.outcome(own, run.name, isControl), to: part)
        } else if isWhole, result.executed > 0 {
          // Journals name only the subtests that failed, were skipped or are known failures.
          add(NightSeries.Outcome(run: run.name, isControl: isControl, verdict: .pass), to: part)
        }
      }
    }
  }

  private mutating func add(_ outcome: NightSeries.Outcome, to id: NightSeries.ID) {
    found[id, default: NightSeries(id: id)].outcomes.append(outcome)
  }

  private static func outcome(_ result: IndexedRun.Result, _ run: String, _ isControl: Bool) -> NightSeries.Outcome {
    NightSeries.Outcome(
      run: run, isControl: isControl, verdict: result.verdict, isKnown: result.isKnown, reason: result.reason,
      splats: result.splats)
  }
}
