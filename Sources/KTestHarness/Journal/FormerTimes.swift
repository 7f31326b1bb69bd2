/// How long cases and boots took in earlier runs on this host: what a plan can promise.
public struct FormerTimes: Sendable, Equatable {
  private var cases: [String: [Double]] = [:]
  private var boots: [String: [Double]] = [:]

  public init() {}

  /// - Parameter accelerator: the one that the runs must have used; nothing can be told from KVM about TCG.
  public mutating func add(_ run: RunSummary, _ manifest: RunManifest, accelerator: String, host: RunManifest.Host) {
    guard manifest.host == host, manifest.accelerator.used == accelerator else { return }
    for suite in run.suites {
      for result in suite.cases where result.boot != nil && result.verdict != .error {
        cases[FormerTimes.key(suite.name, result.name), default: []].append(result.seconds)
      }
    }
    for boot in run.boots {
      guard let ready = boot.readySeconds, boot.verdict == .pass else { continue }
      // What is not its cases' time: power-on, set-up and power-off.
      let busy = run.suites.flatMap(\.cases).filter { $0.boot == boot.id }.reduce(0) { $0 + $1.seconds }
      boots[FormerTimes.base(boot.suite), default: []].append(max(ready, boot.seconds - busy))
    }
  }

  /// Median over all kernels, nil where the case has not run here.
  public func seconds(suite: String, name: String) -> Double? {
    Samples(cases[FormerTimes.key(suite, name)] ?? []).median
  }

  /// Of a boot without its cases: the median of the suite's boots, all cells together, or of all suites'.
  public func bootSeconds(suite: String) -> Double? {
    Samples(boots[FormerTimes.base(suite)] ?? []).median ?? Samples(boots.values.flatMap { $0 }).median
  }

  private static func key(_ suite: String, _ name: String) -> String { "\(suite)/\(name)" }
  private static func base(_ suite: String) -> String { String(suite.prefix { $0 != "[" }) }
}

/// From the newest runs of a state directory. A run that cannot be read tells nothing, and is no reason to stop.
public func formerTimes(
  in state: String, accelerator: String, host: RunManifest.Host = .current(), runs: Int = 50
) -> FormerTimes {
  var times = FormerTimes()
  for name in ((try? listRuns(in: state)) ?? []).suffix(runs) {
    guard let journal = try? readJournal(at: "\(state)/runs/\(name)"), let manifest = journal.manifest else { continue }
    times.add(journal.summary, manifest, accelerator: accelerator, host: host)
  }
  return times
}
