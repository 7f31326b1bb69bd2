package import KTestValues

/// The times of cases and boots in earlier runs on this host, on which a plan's estimate is based.
package struct FormerTimes: Sendable, Equatable {
  private var cases: [String: [Double]] = [:]
  private var boots: [String: [Double]] = [:]
  private var clones: [String: [Double]] = [:]

  package init() {}

  /// - Parameter accelerator: the accelerator that the runs must have used; times under KVM say nothing about TCG.
  package mutating func add(_ run: RunSummary, _ manifest: RunManifest, accelerator: String, host: RunManifest.Host) {
    guard manifest.host == host, manifest.accelerator.used == accelerator else { return }
    for suite in run.suites {
      for result in suite.cases where result.boot != nil && result.verdict != .error {
        cases[FormerTimes.key(suite.name, result.name), default: []].append(result.seconds)
      }
    }
    var busySeconds: [Int: Double] = [:]
    for result in run.suites.flatMap(\.cases) {
      if let boot = result.boot { busySeconds[boot, default: 0] += result.seconds }
    }
    for boot in run.boots {
      guard let ready = boot.readySeconds, boot.verdict == .pass else { continue }
      // This is the time outside of its cases: power-on, setup and power-off.
      let busy = busySeconds[boot.id] ?? 0
      let (base, own) = (FormerTimes.base(boot.suite), max(ready, boot.seconds - busy))
      if boot.clone == nil { boots[base, default: []].append(own) } else { clones[base, default: []].append(own) }
    }
  }

  /// Returns the median over all kernels, or nil if the case has not run here.
  package func seconds(suite: String, name: String) -> Double? {
    Samples(cases[FormerTimes.key(suite, name)] ?? []).median
  }

  /// Returns the time of a boot without its cases: the median of the suite's boots, over all cells, or of all suites'.
  package func bootSeconds(suite: String) -> Double? {
    Samples(boots[FormerTimes.base(suite)] ?? []).median ?? Samples(boots.values.flatMap { $0 }).median
  }

  /// Returns the time of a clone without its cases, as ``bootSeconds(suite:)``.
  package func cloneSeconds(suite: String) -> Double? {
    Samples(clones[FormerTimes.base(suite)] ?? []).median ?? Samples(clones.values.flatMap { $0 }).median
  }

  private static func key(_ suite: String, _ name: String) -> String { "\(suite)/\(name)" }
  private static func base(_ suite: String) -> String { String(suite.prefix { $0 != "[" }) }
}

/// Returns the times from the newest runs of a state directory. A run that cannot be read is skipped.
package func formerTimes(
  in state: String, accelerator: String, host: RunManifest.Host = .current(), runs: Int = 50
) -> FormerTimes {
  var times = FormerTimes()
  for name in ((try? listRuns(in: state)) ?? []).suffix(runs) {
    guard let journal = try? readJournal(at: "\(state)/runs/\(name)"), let manifest = journal.manifest else { continue }
    times.add(journal.summary, manifest, accelerator: accelerator, host: host)
  }
  return times
}
