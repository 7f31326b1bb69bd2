import KTestHost
import KTestValues

extension NightJob {
  /// Adds to a finding what only the kernels, the index and the plan know.
  func dress(
    _ finding: inout NightRecord.Finding, _ strips: [NightSeries.ID: String], _ memory: NightMemory
  ) {
    let id = NightSeries.ID(kernel: finding.kernel, series: finding.series)
    finding.strip = strips[id] ?? ""
    finding.reproduce = reproduction(of: finding.series, on: finding.kernel)
    if finding.failures > 0, let verdict = finding.verdict,
      case .holds(let excuse) = order.excuses.answer(
        for: finding.series, verdict, splats: finding.splats, on: CalendarDay(milliseconds: record.started))
    {
      finding.excuse = "\(excuse.reason), until \(excuse.until): \(excuse.link)"
    }
    guard [.newFailure, .stillFailing, .undecided, .silent].contains(finding.word),
      let kernel = record.kernels.first(where: { $0.name == finding.kernel })
    else { return }
    // A failure that is likelier a flake has no range.
    if finding.word == .undecided, (finding.probability ?? 0) < 0.5 { return }
    let standing = memory.series.first { $0.id == id }?.standing ?? .quiet
    let ends = (histories[id] ?? SeriesPast()).ends(standing, tonight: kernel)
    (finding.lastGood, finding.firstBad) = (ends.good, ends.bad)
  }

  func dress(_ flood: inout NightRecord.Flood) {
    guard let kernel = record.kernels.first(where: { $0.name == flood.kernel }) else { return }
    flood.firstBad = kernel.build
    let before = past.last { night in
      night.state == .complete && night.kernels.contains { $0.name == flood.kernel && $0.problem == nil }
        && !night.floods.contains { $0.kernel == flood.kernel }
    }
    let good = before?.kernels.first { $0.name == flood.kernel }
    if let good, good.identity != kernel.identity { flood.lastGood = good.build }
  }

  /// The command that runs a case again.
  func reproduction(of series: SeriesKey, on kernel: String) -> String {
    guard let suite = order.suite(series.suite, on: kernel),
      let kernel = record.kernels.first(where: { $0.name == kernel })
    else { return "" }
    let place = series.cell.isEmpty ? "" : "[\(series.cell)]"
    var words = ["ktest", "run", shellQuoted("\(suite.entry.name)\(place):\(series.test)")]
    words += ["--kernel", shellQuoted(kernel.argument.isEmpty ? kernel.name : kernel.argument)]
    for (name, value) in suite.parameters.sorted(by: { $0.key < $1.key }) {
      words += ["--set", shellQuoted("\(name)=\(value)")]
    }
    return words.joined(separator: " ")
  }

  /// The last outcomes of each series, with those of tonight.
  func strips(of findings: [NightRecord.Finding]) async -> [NightSeries.ID: String] {
    let nights = PastNights(past + [record])
    guard let (store, _) = try? await openHistory(in: session.places.stateDirectory) else { return [:] }
    var strips: [NightSeries.ID: String] = [:]
    for finding in findings {
      let found = try? await store.records(SeriesQuery(finding.series)).first { $0.series == finding.series }
      guard let found else { continue }
      strips[NightSeries.ID(kernel: finding.kernel, series: finding.series)] =
        found.entries.filter {
          nights.places[$0.run]?.kernel == finding.kernel && nights.places[$0.run]?.counts == true
        }
        .suffix(SeriesSummary.recentLength).map(\.letter).joined()
    }
    return strips
  }

  /// What is different from the last night in the manifests of both.
  func addDifferences() {
    let ours = manifests(of: record)
    guard let last = past.last(where: { !$0.runs.isEmpty && $0.state != .interrupted }) else { return }
    let old = manifests(of: last)
    var found: [NightRecord.Difference] = []
    for kernel in record.kernels where kernel.problem == nil {
      let pairs = [old, ours].map { side in side.filter { $0.kernel == kernel.name }.map(\.manifest) }
      for difference in NightRecord.Difference.between(pairs[0], pairs[1], images: !kernel.isChanged)
      where !found.contains(difference) {
        found.append(difference)
      }
    }
    record.differences.removeAll { $0.kind != .kernel && $0.kind != .configuration }
    record.differences += found
  }

  private func manifests(of night: NightRecord) -> [(kernel: String, manifest: RunManifest)] {
    night.runs.filter { $0.purpose == .planned }.compactMap { run in
      let journal = try? readJournal(at: "\(session.places.stateDirectory)/runs/\(run.id)")
      return journal?.manifest.map { (run.kernel, $0) }
    }
  }
}
