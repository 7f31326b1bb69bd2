import KTestValues

/// What the metrics of suites are quantities of: times of the host or counts of a machine. Only what manifests contain is
/// known.
struct SuiteQuantities {
  private let runs: [RunComparison.Run]

  init(_ runs: [RunComparison.Run]) { self.runs = runs.filter { $0.manifest != nil } }

  /// Returns why metrics of a suite, or of a cell of it, are not of the same quantity in all runs; nil if they are.
  func mixture(of suite: String, unit: String) -> String? {
    let clocks = clocks(of: suite)
    if clocks.count > 1 { return "measured by different clocks: \(clocks.joined(separator: " and "))" }
    guard isCount(unit, of: suite) else { return nil }
    let emulators = values(\.qemu)
    if emulators.count > 1 { return "counts of QEMU \(emulators.joined(separator: " and ")) are different series" }
    let processors = values(\.accelerator.processor)
    if processors.count > 1 {
      return "counts of the processors \(processors.joined(separator: " and ")) are different series"
    }
    return nil
  }

  /// Returns whether a metric is an exact count by the guest's clock. Instructions that a program counted otherwise, such
  /// as those of a processor's own counters, vary like times.
  func isCount(_ unit: String, of suite: String) -> Bool {
    unit == Metric.instructions && !clocks(of: suite).contains(GuestClock.time.rawValue)
  }

  private func clocks(of suite: String) -> [String] {
    let name = String(suite.prefix { $0 != "[" })
    return values { manifest in
      manifest.suites.first { $0.name == name }.map { ($0.clock ?? .time).rawValue }
    }
  }

  private func values(_ pick: (RunManifest) -> String?) -> [String] {
    var found: [String] = []
    for value in runs.compactMap(\.manifest).compactMap(pick) where !found.contains(value) { found.append(value) }
    return found
  }
}
