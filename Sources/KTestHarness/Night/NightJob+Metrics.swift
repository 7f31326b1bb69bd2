import KTestHost
import KTestValues

extension NightJob {
  /// One metric of tonight, as far as it was measured.
  private struct Watch {
    var id: MetricID
    var past: NightMemory.MetricPast
    var point: NightMemory.MetricPast.Point
    var night: MetricNight
    /// The kernels that the change lies between.
    var good: NightRecord.Build?
    var bad: NightRecord.Build?
    var runs: [String]
  }

  /// Measures again what left the range of the nights before: the kernel from before the change and tonight's in turn, so that
  /// what drifts on the host drifts for both.
  func measureAgain(on host: OpenHost) async throws {
    var strikes: [MetricID: Int] = [:]
    while true {
      try Task.checkCancellation()
      let wanted = watches().filter { $0.night.isWanted && strikes[$0.id, default: 0] < 2 }
      guard let first = wanted.first, let good = first.good else { return }
      guard hasTime, hasRuns else {
        isOutOfBudget = true
        return
      }
      guard let build = try await kernel(good, named: first.id.kernel) else { continue }
      let group = wanted.filter { $0.id.kernel == first.id.kernel && $0.good == good }
      let ids = group.map { NightSeries.ID(kernel: $0.id.kernel, series: $0.id.series) }
      let before = Dictionary(group.map { ($0.id, $0.night) }) { first, _ in first }
      for (kernel, purpose) in [(build as KernelBuild?, NightRecord.Run.Purpose.measureGood), (nil, .measure)] {
        for selection in selections(of: ids, on: first.id.kernel) where hasTime && hasRuns {
          try await run(
            selection.files, selection.parameters, on: first.id.kernel, kernel: kernel, purpose, host)
        }
      }
      for watch in watches() where before[watch.id] == watch.night { strikes[watch.id, default: 0] += 1 }
    }
  }

  /// The metrics of tonight's kernels, sorted.
  private func watches() -> [Watch] {
    var firsts: [MetricID: (value: Double, run: String)] = [:]
    for run in record.runs where run.purpose.isOfTonight {
      for metric in metrics(of: run) {
        let id = metric.id(on: run.kernel)
        if firsts[id] == nil, run.purpose != .measure { firsts[id] = (metric.value, run.id) }
      }
    }
    let past = Dictionary((memory?.metrics ?? []).map { ($0.id, $0) }) { first, _ in first }
    return firsts.keys.sorted().compactMap { id in
      guard let (value, run) = firsts[id], let kernel = record.kernels.first(where: { $0.name == id.kernel }) else {
        return nil
      }
      return watch(id, past[id] ?? NightMemory.MetricPast(id), value, run, kernel)
    }
  }

  private func watch(
    _ id: MetricID, _ past: NightMemory.MetricPast, _ value: Double, _ run: String, _ kernel: NightRecord.Kernel
  ) -> Watch {
    let point = NightMemory.MetricPast.Point(
      night: record.id, day: Double(record.started) / 86_400_000, build: kernel.build, value: value)
    let values = past.points.map(\.value)
    func night(_ hasGoodKernel: Bool) -> MetricNight {
      MetricNight(
        past: values, suspects: past.suspects, tonight: value, isCount: id.isCount, hasGoodKernel: hasGoodKernel)
    }
    var watch = Watch(id: id, past: past, point: point, night: night(false), runs: [run])
    if let start = watch.night.start {
      watch.bad = (past.points + [point])[start].build
      watch.good = past.points[..<start].last { $0.build.identity != kernel.identity }?.build
    }
    // A kernel that cannot be had any more is known after the first attempt.
    let canRun = watch.good.map { goodKernels[$0.identity + $0.commit] != .some(nil) } ?? false
    watch.night = night(canRun)
    for run in record.runs where run.kernel == id.kernel {
      guard run.purpose == .measure || run.purpose == .measureGood,
        let found = metrics(of: run).first(where: { $0.isSame(as: id) })
      else { continue }
      watch.runs.append(run.id)
      if run.purpose == .measure { watch.night.add(found.value) } else { watch.night.addGoodKernel(found.value) }
    }
    return watch
  }

  private func metrics(of run: NightRecord.Run) -> [RunMetric] {
    if let known = measured[run.id] { return known }
    guard let journal = try? readJournal(at: "\(session.places.stateDirectory)/runs/\(run.id)"),
      journal.state != .running
    else { return [] }
    let found = journal.metrics(ofRun: run.id)
    measured[run.id] = found
    return found
  }

  /// Says which metrics moved, and leaves what the next night compares with.
  func judgeMetrics(_ memory: inout NightMemory) {
    var changes: [NightRecord.MetricChange] = []
    var kept: [NightMemory.MetricPast] = []
    for watch in watches() {
      var past = watch.past
      if var change = change(watch) {
        dress(&change, watch)
        if change.isConfirmed { past.waiting = change.isWorse && order.plan.budget.searches > 0 ? change : nil }
        changes.append(change)
      } else if var waiting = past.waiting, past.points.count <= SeriesNight.suspectedNights {
        waiting.isNews = false
        changes.append(waiting)
      } else {
        past.waiting = nil
      }
      past.add(watch.point, watch.night.outcome, start: watch.night.start)
      kept.append(past)
    }
    let now = Set(kept.map(\.id))
    let today = Double(record.started) / 86_400_000
    kept += (self.memory?.metrics ?? []).filter { past in
      !now.contains(past.id) && today - (past.points.last?.day ?? 0) <= NightMemory.forgottenAfter
    }
    record.metrics = changes
    memory.metrics = kept.sorted { $0.id < $1.id }
  }

  private func change(_ watch: Watch) -> NightRecord.MetricChange? {
    // A kernel that did not change has moved nothing.
    guard watch.good != nil else { return nil }
    switch watch.night.outcome {
    case .steady, .refuted: return nil
    case .moved(let before, let after, let chance):
      return NightRecord.MetricChange(watch.id, before: before, after: after, chance: chance)
    case .suspected(let before, let after):
      var change = NightRecord.MetricChange(watch.id, before: before, after: after)
      change.isNews = watch.past.suspects == 0
      return change
    }
  }

  private func dress(_ change: inout NightRecord.MetricChange, _ watch: Watch) {
    (change.lastGood, change.firstBad, change.runIDs) = (watch.good, watch.bad, watch.runs)
    change.reproduce = reproduction(of: watch.id.series, on: watch.id.kernel)
  }
}

extension NightRecord.Run.Purpose {
  /// Whether it is a run of tonight's kernel, and a result of the night.
  var isOfTonight: Bool { self == .planned || self == .again || self == .measure }
  /// Whether it is a run of an earlier kernel beside tonight's.
  var isOfGoodKernel: Bool { self == .goodKernel || self == .measureGood }
}

extension RunMetric {
  fileprivate func id(on kernel: String) -> MetricID {
    MetricID(kernel: kernel, series: series, name: name, unit: unit, better: better, basis: basis)
  }

  /// The good kernel may be of another family.
  fileprivate func isSame(as id: MetricID) -> Bool {
    name == id.name && unit == id.unit && basis == id.basis && series.name == id.series.name
  }
}
