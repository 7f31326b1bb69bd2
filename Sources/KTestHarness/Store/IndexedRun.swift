package import KTestValues

/// What the index keeps of a run: everything of it comes from the run's journal.
package struct IndexedRun: Sendable, Equatable {
  package struct Kernel: Sendable, Hashable {
    package var label: String
    package var release: String
    /// Distinguishes its build from every other.
    package var identity: String
    /// The commit that it was built from; empty if it was not built from a git tree.
    package var commit: String
  }

  package struct Result: Sendable, Equatable {
    package var series: SeriesKey
    package var kernel: Kernel
    package var verdict: Verdict
    /// Whether the suite names it as a known failure.
    package var isKnown = false
    /// The subtests that were executed.
    package var executed: Int
    package var reason: String
    /// The titles of its splats.
    package var splats: [String]
  }

  package var name: String
  /// The time of its start, in milliseconds since 1970.
  package var started: Int64
  package var results: [Result] = []
  /// The hosts that have run its groups, by name; none if all ran where it was started.
  package var hosts: [HostRecord] = []

  /// Longer reasons and titles are cut.
  static let textLimit = 500

  init(name: String, started: Int64) { (self.name, self.started) = (name, started) }

  /// Takes a journal's results. Those of a planted bug are left out, because they say nothing about any kernel.
  package init(_ journal: JournalContents, name: String, withDrills: Bool = false) {
    let (summary, manifest) = (journal.summary, journal.manifest)
    self.name = name
    let start = manifest.flatMap { WallTime(iso: $0.started) } ?? journal.events.first?.time
    started = start?.milliseconds ?? 0
    if manifest?.drill != nil, !withDrills { return }
    // Nor do those of kernels under load belong to a history of kernels without.
    if manifest?.load != nil { return }
    hosts = [HostRecord](summary, groups: manifest?.workers ?? [])
    let firsts = journal.firstTurns
    let host = manifest.map { IndexedRun.hostClass($0.host.cpus, $0.host.memory) } ?? ""
    let workers = manifest?.workersOfCases ?? [:]
    for suite in summary.suites {
      let known = manifest?.kernels.first { $0.label == suite.kernel }
      let kernel = Kernel(
        label: suite.kernel, release: known?.release ?? "", identity: known?.identity ?? "",
        commit: known?.source.commit ?? "")
      let parts = SeriesKey.parts(ofSuite: suite.name)
      let place = SeriesKey(
        suite: parts.suite, cell: parts.cell, test: "", family: known?.family ?? "",
        accelerator: manifest?.accelerator.used ?? "", host: host)
      for result in suite.cases {
        let key = CaseKey(suite: suite.name, kernel: suite.kernel, name: result.name)
        var here = place
        if let worker = workers["\(suite.name):\(result.name)"] {
          here.host = IndexedRun.hostClass(worker.processors, worker.memory)
          here.accelerator = worker.accelerator
        }
        add(result.isTurn ? firsts[key] ?? result : result, here, kernel)
      }
    }
  }

  private static func hostClass(_ processors: Int, _ memory: UInt64) -> String {
    // Rounded, whatever a file says that came from elsewhere.
    "\(processors) CPUs, \((memory >> 30) + (memory >> 29 & 1)) GiB"
  }

  private mutating func add(_ result: CaseResult, _ place: SeriesKey, _ kernel: Kernel) {
    var series = place
    series.test = result.name
    results.append(
      Result(
        series: series, kernel: kernel, verdict: result.verdict, executed: result.subtests.executed,
        reason: (result.reason ?? "").clipped(to: IndexedRun.textLimit),
        splats: result.splats.map { $0.title.clipped(to: IndexedRun.textLimit) }))
    var told: Set<String> = []
    for note in result.notes where told.insert(note.id).inserted && !note.id.isEmpty {
      series.subtest = note.id
      results.append(
        Result(
          series: series, kernel: kernel, verdict: note.verdict, isKnown: note.known, executed: 0,
          reason: note.detail.clipped(to: IndexedRun.textLimit), splats: []))
    }
  }
}

extension JournalContents {
  /// The first result of each case that the run has repeated. Only this one counts in a history: it is what the run would
  /// have found otherwise. All others were asked for, often because it was known that the case fails, until it failed; they
  /// say nothing about how often it fails in a night.
  fileprivate var firstTurns: [CaseKey: CaseResult] {
    var firsts: [CaseKey: CaseResult] = [:]
    for line in events {
      guard case .caseFinished(let suite, let kernel, let result)? = line.event, result.isTurn else { continue }
      let key = CaseKey(suite: suite, kernel: kernel, name: result.name)
      if firsts[key] == nil { firsts[key] = result }
    }
    return firsts
  }
}

extension RunManifest.Kernel {
  /// What kind of kernel it is, apart from its code: `debian 6.12 cloud`, or the start of its configuration. Results of kernels
  /// of different families are not compared. Debian configures each series of versions anew.
  package var family: String {
    switch source.kind {
    case .debian:
      // `6.12-cloud`, or `linux-image-6.12.117+deb12-cloud-amd64`.
      let name = (source.name ?? source.package ?? "").prefix { $0 != "@" }
      let words = name.split(separator: "-").filter {
        !$0.contains(where: \.isNumber) && $0 != "linux" && $0 != "image"
      }
      let version = release.split { !$0.isNumber }.prefix(2).joined(separator: ".")
      return (["debian", version] + words.map(String.init)).filter { !$0.isEmpty }.joined(separator: " ")
    case .built, .source: return "built, \(source.base ?? "unknown configuration")"
    case .path, .packageFile, .extracted:
      return configHash.map { "configuration \($0.prefix(12))" } ?? "unknown configuration"
    }
  }
}
