package import KTestValues

/// A comparison of two sides with one or several runs each, for `ktest compare`. docs/compare.md has its rules.
package struct RunComparison: Sendable, Equatable {
  /// A run on one side.
  package struct Run: Sendable {
    package var summary: RunSummary
    package var manifest: RunManifest?
    /// The kernel of the run to use; nil for all.
    package var kernel: String?
    /// The run's directory, for what is not in its summary.
    package var directory: String

    package init(summary: RunSummary, manifest: RunManifest?, kernel: String? = nil, directory: String = "") {
      self.summary = summary
      self.manifest = manifest
      self.kernel = kernel
      self.directory = directory
    }
  }

  package enum Change: String, Sendable, Equatable {
    case worse, better
    /// The change is unknown: there are too few samples, or a verdict was `error`.
    case unclear
    case same
  }

  package struct CaseRow: Sendable, Equatable {
    package var suite: String
    /// The kernel, or nil if each side has one kernel.
    package var kernel: String?
    package var name: String
    /// The verdicts of each run of the side that has the case, in order; empty if none has.
    package var base: [Verdict]
    package var with: [Verdict]
    package var change: Change
    /// Sentences about the case.
    package var notes: [String]
  }

  package struct MetricRow: Sendable, Equatable {
    package var suite: String
    package var kernel: String?
    package var name: String
    package var key: MetricKey
    package var base: MetricSeries
    package var with: MetricSeries
    package var change: Change
    /// The reason why nothing can be said, or what the spread does not cover; may be empty.
    package var note: String
    /// Whether the two sides are not of the same quantity: another clock, or counts of another machine.
    package var isMixture = false
  }

  /// Differences between the sides' runs that may explain all others, one sentence each.
  package internal(set) var circumstances: [String] = []
  /// The kernels of each side.
  package internal(set) var kernels: (base: [String], with: [String]) = ([], [])
  /// Every case of either side.
  package internal(set) var cases: [CaseRow] = []
  package internal(set) var metrics: [MetricRow] = []

  package static func == (left: RunComparison, right: RunComparison) -> Bool {
    left.circumstances == right.circumstances && left.kernels == right.kernels && left.cases == right.cases
      && left.metrics == right.metrics
  }

  package var isWorse: Bool { cases.contains { $0.change == .worse } || metrics.contains { $0.change == .worse } }
  /// Whether a case had the verdict `error` on one side, so that nothing is known about it.
  package var hasErrors: Bool {
    cases.contains { $0.change == .unclear && ($0.base + $0.with).contains(.error) }
  }
  /// Whether metrics could not be compared because they are not of the same quantity.
  package var hasMixtures: Bool { metrics.contains(where: \.isMixture) }

  /// The percentage by which counts of instructions may differ.
  package static let defaultThreshold = 0.1

  private struct Key: Hashable {
    package var suite: String
    package var kernel: String?
    package var name: String
  }

  /// - Parameter threshold: the percentage by which counts of instructions may differ.
  package init(base: [Run], with: [Run], threshold: Double = RunComparison.defaultThreshold) {
    let several = [base, with].contains { Set($0.flatMap { $0.suites.map(\.kernel) }).count > 1 }
    var order: [Key] = []
    func results(_ runs: [Run]) -> [Key: [CaseResult]] {
      var found: [Key: [CaseResult]] = [:]
      for run in runs {
        for suite in run.suites {
          for result in suite.cases {
            let key = Key(suite: suite.name, kernel: several ? suite.kernel : nil, name: result.name)
            if !order.contains(key) { order.append(key) }
            found[key, default: []].append(result)
          }
        }
      }
      return found
    }
    let (old, new) = (results(base), results(with))
    // If only some cases were selected, the others are not missing.
    let isPart = with.allSatisfy { $0.manifest?.selection.isEmpty == false }
    let quantities = SuiteQuantities(base + with)
    for key in order {
      let (before, after) = (old[key] ?? [], new[key] ?? [])
      var row = RunComparison.row(key.suite, key.kernel, key.name, before, after)
      if after.isEmpty, isPart || row.base.max() != .pass { row.change = .unclear }
      cases.append(row)
      metrics += RunComparison.metrics(key, before, after, threshold, quantities).map { row in
        guard let why = quantities.mixture(of: row.suite, unit: row.key.unit) else { return row }
        var row = row
        (row.change, row.note, row.isMixture) = (.unclear, why, true)
        return row
      }
    }
    kernels = (RunComparison.kernels(of: base), RunComparison.kernels(of: with))
    circumstances = RunComparison.circumstances(base, with)
  }
}

extension RunComparison.Run {
  var suites: [SuiteResult] { summary.suites.filter { kernel == nil || $0.kernel == kernel } }
}

extension RunComparison {
  private static func row(
    _ suite: String, _ kernel: String?, _ name: String, _ before: [CaseResult], _ after: [CaseResult]
  ) -> CaseRow {
    var row = CaseRow(
      suite: suite, kernel: kernel, name: name, base: before.map(\.verdict), with: after.map(\.verdict), change: .same,
      notes: [])
    guard let old = row.base.max(), let new = row.with.max() else {
      row.change = after.isEmpty ? .worse : .same
      row.notes = [after.isEmpty ? "is missing in the second side" : "is new"]
      return row
    }
    row.change = change(from: old, to: new)
    if Set(row.base).count > 1 { row.notes.append("not steady in the first side") }
    if Set(row.with).count > 1 { row.notes.append("not steady in the second side") }
    if row.change == .unclear {
      row.notes.append(new == .skip ? "a skip is not a fix" : "error says nothing about the kernel")
    }
    if let reason = after.first(where: { $0.verdict == new })?.reason, row.change == .worse { row.notes.append(reason) }
    func failing(_ results: [CaseResult]) -> [String] {
      var ids: [String] = []
      for note in results.flatMap(\.notes) where note.verdict.isBad && !note.known && !ids.contains(note.id) {
        ids.append(note.id)
      }
      return ids
    }
    let (were, are) = (failing(before), failing(after))
    let fresh = are.filter { !were.contains($0) }
    let gone = were.filter { !are.contains($0) }
    if !fresh.isEmpty { row.notes.append("fails now: \(list(fresh))") }
    if !gone.isEmpty, new != .error { row.notes.append("no longer fails: \(list(gone))") }
    if row.change == .same, !fresh.isEmpty { row.change = .worse }
    if row.change == .same, !gone.isEmpty { row.change = .better }
    let (ran, runs) = (before.map(\.subtests.executed).min() ?? 0, after.map(\.subtests.executed).min() ?? 0)
    if ran != runs, old != .error, new != .error {
      row.notes.append("\(ran) subtests were executed before, \(runs) now")
      // Running less of the test can hide a failure.
      if row.change == .same, runs < ran { row.change = .worse }
    }
    return row
  }

  private static func list(_ ids: [String]) -> String {
    ids.prefix(5).joined(separator: ", ") + (ids.count > 5 ? " and \(ids.count - 5) more" : "")
  }

  /// Returns the change. A skip instead of a pass is a loss; instead of a failure it is no gain.
  private static func change(from old: Verdict, to new: Verdict) -> Change {
    if old == new { return .same }
    if old == .error || new == .error { return .unclear }
    if old.isBad, new == .skip { return .unclear }
    return new > old ? .worse : .better
  }

  private static func metrics(
    _ place: Key, _ before: [CaseResult], _ after: [CaseResult], _ threshold: Double, _ quantities: SuiteQuantities
  ) -> [MetricRow] {
    // Metrics of a case that did not pass are not compared, because it is unknown what it measured.
    func series(_ results: [CaseResult]) -> [MetricKey: [[Double]]] {
      var found: [MetricKey: [[Double]]] = [:]
      for result in results where result.verdict == .pass {
        for (key, values) in result.metrics.grouped() { found[key, default: []].append(values) }
      }
      return found
    }
    let (old, new) = (series(before), series(after))
    var keys: [MetricKey] = []
    for (key, _) in (before + after).flatMap(\.metrics).grouped() where !keys.contains(key) { keys.append(key) }
    return keys.compactMap { key in
      let (base, with) = (MetricSeries(runs: old[key] ?? []), MetricSeries(runs: new[key] ?? []))
      guard base.count + with.count > 0 else { return nil }
      let isCount = quantities.isCount(key.unit, of: place.suite)
      let (change, note) = compare(base, with, key.better, threshold: isCount ? threshold : nil)
      return MetricRow(
        suite: place.suite, kernel: place.kernel, name: place.name, key: key, base: base, with: with, change: change,
        note: note)
    }
  }

  /// Compares two series: a difference counts if the medians are further apart than the greater of the two spreads.
  ///
  /// - Parameter threshold: for counts, which need no second sample, the percentage by which they may differ.
  static func compare(
    _ base: MetricSeries, _ with: MetricSeries, _ better: Metric.Better, threshold: Double? = nil
  ) -> (Change, note: String) {
    guard let old = base.median else { return (.unclear, "only in the second side") }
    guard let new = with.median else { return (.unclear, "only in the first side") }
    let allowed = threshold.map { abs(old) * $0 / 100 }
    guard let spread = [base.spread, with.spread, allowed].compactMap({ $0 }).max() else {
      return (.unclear, "one sample on each side is not enough")
    }
    var notes: [String] = []
    if threshold != nil {
      guard abs(new - old) > spread else { return (.same, "") }
      return ((new < old) == (better == .lower) ? .better : .worse, "")
    }
    if base.count == 1 { notes.append("one sample in the first side") }
    if with.count == 1 { notes.append("one sample in the second side") }
    if base.runs.count == 1, with.runs.count == 1 { notes.append("spread within a run only") }
    let note = notes.joined(separator: ", ")
    guard abs(new - old) > spread else { return (.same, note) }
    return ((new < old) == (better == .lower) ? .better : .worse, note)
  }
}
