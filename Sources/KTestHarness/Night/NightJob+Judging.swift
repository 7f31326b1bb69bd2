import KTestHost
import KTestValues

extension NightJob {
  /// One kind of run of a series that is wanted again.
  private struct Wish: Hashable {
    var id: NightSeries.ID
    var isControl: Bool
  }

  /// Runs again what needs it, each time all series of a kernel together, until nobody wants more or the budget is used up.
  func runAgain(on host: OpenHost) async throws {
    var examined: Set<NightSeries.ID> = []
    var strikes: [Wish: Int] = [:]
    while true {
      try Task.checkCancellation()
      let judge = try await currentJudge()
      var wishes = judge.steps.map { Wish(id: $0.key, isControl: $0.value == .runGoodKernel) }
        .filter { strikes[$0, default: 0] < 2 && kernels[$0.id.kernel] != nil }
      let fresh = wishes.map(\.id).filter { examined.insert($0).inserted }
      let former = controls
      for id in fresh {
        if let good = goodBuild(of: id), try await kernel(good, named: id.kernel) != nil { controls.insert(id) }
      }
      if controls != former { continue }
      guard hasTime, hasRuns else {
        if !wishes.isEmpty { isOutOfBudget = true }
        return
      }
      wishes.sort {
        ($0.id.kernel, $0.isControl ? 1 : 0, $0.id.series) < ($1.id.kernel, $1.isControl ? 1 : 0, $1.id.series)
      }
      guard let first = wishes.first else { return }
      var group = wishes.filter { $0.id.kernel == first.id.kernel && $0.isControl == first.isControl }
      var build: KernelBuild?
      if first.isControl {
        guard let good = goodBuild(of: first.id), let found = try await kernel(good, named: first.id.kernel) else {
          controls.remove(first.id)
          continue
        }
        build = found
        group = group.filter { goodBuild(of: $0.id) == good }
      }
      let before = counts(group.map(\.id), isControl: first.isControl)
      let purpose: NightRecord.Run.Purpose = first.isControl ? .goodKernel : .again
      let selections = selections(of: group.map(\.id), on: first.id.kernel)
      for selection in selections where hasTime && hasRuns {
        try await run(selection.files, selection.parameters, on: first.id.kernel, kernel: build, purpose, host)
      }
      let after = counts(group.map(\.id), isControl: first.isControl)
      for wish in group where before[wish.id, default: 0] >= after[wish.id, default: 0] {
        strikes[wish, default: 0] += selections.isEmpty ? 2 : 1
        // A good kernel that gives no results says nothing.
        if wish.isControl, strikes[wish, default: 0] >= 2, after[wish.id, default: 0] == 0 { controls.remove(wish.id) }
      }
    }
  }

  private func counts(_ ids: [NightSeries.ID], isControl: Bool) -> [NightSeries.ID: Int] {
    let wanted = Set(ids)
    var counts: [NightSeries.ID: Int] = [:]
    for series in results() where wanted.contains(series.id) {
      counts[series.id] = series.outcomes.count { $0.isControl == isControl && $0.hasFailed != nil }
    }
    return counts
  }

  /// The results of all runs so far.
  func results() -> [NightSeries] {
    var results = NightResults(memory)
    for run in record.runs {
      if indexed[run.id] == nil, let journal = try? readJournal(at: "\(session.places.stateDirectory)/runs/\(run.id)"),
        journal.state != .running
      {
        indexed[run.id] = IndexedRun(journal, name: run.id)
      }
      guard let found = indexed[run.id], run.purpose != .drill else { continue }
      results.add(found, of: run.kernel, isControl: run.purpose.isOfGoodKernel)
    }
    return results.series
  }

  /// Results with what earlier nights say of their series.
  func situation(of results: [NightSeries]) async throws -> NightJudge.Situation {
    try await loadHistories(NightJudge.needsHistory(results, memory).filter { histories[$0] == nil })
    var situation = NightJudge.Situation(night: record.id, started: record.started, memory: memory)
    situation.results = results
    let known = Dictionary((memory?.series ?? []).map { ($0.id, $0) }) { first, _ in first }
    for (id, past) in histories { situation.histories[id] = past.history(reported: Set(known[id]?.reported ?? [])) }
    return situation
  }

  /// The judge of the results so far.
  private func currentJudge() async throws -> NightJudge {
    var situation = try await situation(of: results())
    situation.controls = controls
    situation.changed = Set(record.kernels.filter { $0.problem == nil && $0.isChanged }.map(\.name))
    for kernel in order.plan.kernels {
      for suite in order.suites(on: kernel.name) {
        let coverage: NightJudge.Coverage
        switch kernels[kernel.name] == nil ? .fresh : try progress(of: suite, on: kernel.name) {
        case .done: coverage = .whole
        case .left: coverage = .partial
        case .fresh: coverage = .absent
        }
        situation.coverage[kernel.name, default: [:]][suite.name] = coverage
      }
    }
    return NightJudge(situation)
  }

  /// Reads earlier nights of some series. If the index cannot be used, the sums that the last night left are all that is known.
  func loadHistories(_ ids: [NightSeries.ID]) async throws {
    guard !ids.isEmpty else { return }
    let nights = judgedNights
    do {
      let (store, _) = try await openHistory(in: session.places.stateDirectory)
      for id in ids {
        try Task.checkCancellation()
        let found = try await store.records(SeriesQuery(id.series)).first { $0.series == id.series }
        histories[id] = SeriesPast(found, of: id.kernel, in: nights)
      }
    } catch {
      if error is CancellationError { throw error }
      session.display.notice("nights before the last one are not looked at: \(Failure(error).description)")
      for id in ids where histories[id] == nil { histories[id] = SeriesPast(nil, of: id.kernel, in: nights) }
    }
  }

  /// The build that runs beside tonight's kernel.
  private func goodBuild(of id: NightSeries.ID) -> NightRecord.Build? {
    guard let kernel = record.kernels.first(where: { $0.name == id.kernel }) else { return nil }
    // What the branch had in common with that of the last night is what it can be compared with.
    if let base = kernel.base { return NightRecord.Build(label: String(base.prefix(12)), identity: "", commit: base) }
    return histories[id]?.control(beside: kernel)
  }

  /// Ends the night's judging: the record has its findings.
  func judge() async throws {
    let judge = try await currentJudge()
    var ending = judge.end()
    ending.memory.searches = memory?.searches ?? []
    judgeMetrics(&ending.memory)
    let strips = await strips(of: ending.findings)
    for place in ending.findings.indices { dress(&ending.findings[place], strips, ending.memory) }
    for place in ending.floods.indices { dress(&ending.floods[place]) }
    for missed in ending.untested { miss(missed.kind, kernel: missed.kernel, name: missed.name, missed.reason) }
    (record.findings, record.floods, record.passing) = (ending.findings, ending.floods, ending.passing)
    addDifferences()
    askLabs()
    self.ending = ending
    try archive.write(ending.memory)
    try save()
  }
}
