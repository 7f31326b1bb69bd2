/// Judges all series of a night: which are run again, and at the end what is said of each. It is a function of tonight's results
/// and of what the last night left, so that a night that was killed judges the same.
package struct NightJudge: Sendable {
  /// How much of a suite a night has.
  package enum Coverage: Sendable, Equatable {
    case whole
    /// It was begun, and stopped before its end.
    case partial
    case absent
  }

  package struct Situation: Sendable {
    /// The name of the night.
    package var night: String
    /// In milliseconds since 1970.
    package var started: Int64
    /// What the last night left; nil for the first one.
    package var memory: NightMemory?
    package var results: [NightSeries] = []
    /// Of the series that ``NightJudge/needsHistory(_:_:)`` names.
    package var histories: [NightSeries.ID: NightHistory] = [:]
    /// The series for which a kernel that is known as good can be run.
    package var controls: Set<NightSeries.ID> = []
    /// The kernels that are not those of the last night.
    package var changed: Set<String> = []
    /// By the names of kernels, and of suites without a cell; what is missing there is not in the plan.
    package var coverage: [String: [String: Coverage]] = [:]

    package init(night: String, started: Int64, memory: NightMemory?) {
      (self.night, self.started, self.memory) = (night, started, memory)
    }

    package var day: Double { Double(started) / 86_400_000 }
  }

  struct Judged: Sendable {
    var series: NightSeries
    var known: NightMemory.Series?
    var history: NightHistory
    var night: SeriesNight
    var isFlooded = false
  }

  let situation: Situation
  let known: [NightSeries.ID: NightMemory.Series]
  private(set) var judged: [Judged] = []
  /// Kernels on which so much failed that no series is blamed.
  package private(set) var floods: [NightRecord.Flood] = []

  /// Returns the series that cannot be judged without their history: all that failed, and those of which something is known.
  package static func needsHistory(_ results: [NightSeries], _ memory: NightMemory?) -> [NightSeries.ID] {
    let open = Set((memory?.series ?? []).filter { $0.standing != .quiet }.map(\.id))
    return results.filter { !$0.counted.isEmpty && ($0.failures > 0 || open.contains($0.id)) }.map(\.id)
  }

  package init(_ situation: Situation) {
    self.situation = situation
    known = Dictionary((situation.memory?.series ?? []).map { ($0.id, $0) }) { first, _ in first }
    floods = NightJudge.floods(situation)
    let flooded = Set(floods.map(\.kernel))
    for series in situation.results where !series.counted.isEmpty {
      let known = known[series.id]
      let history = history(of: series.id, known)
      var night = SeriesNight(
        history: history.points, standing: known?.standing ?? .quiet, day: situation.day,
        priors: situation.memory?.priors ?? NightPriors(), hasGoodKernel: situation.controls.contains(series.id))
      for outcome in series.outcomes {
        guard let failed = outcome.hasFailed else { continue }
        if outcome.isControl { night.addGoodKernel(failed: failed) } else { night.add(failed: failed) }
      }
      judged.append(
        Judged(
          series: series, known: known, history: history, night: night,
          isFlooded: flooded.contains(series.id.kernel) && series.counted.first?.hasFailed == true))
    }
  }

  /// The history from the results themselves; where they are gone or were not asked for, the sum that the last night left.
  private func history(of id: NightSeries.ID, _ known: NightMemory.Series?) -> NightHistory {
    if let history = situation.histories[id], !history.points.isEmpty { return history }
    guard let known else { return NightHistory() }
    let failures = Int(known.tally.failures)
    let passes = max(Int(known.tally.runs) - failures, failures == 0 ? 1 : 0)
    return NightHistory(
      nights: [""], points: [SeriesPoint(day: known.counted, passes: passes, failures: failures)])
  }

  private static func floods(_ situation: Situation) -> [NightRecord.Flood] {
    let cases = situation.results.filter { $0.id.series.subtest.isEmpty && !$0.counted.isEmpty }
    return Set(cases.map(\.id.kernel)).sorted().compactMap { kernel in
      guard let former = situation.memory?.failed[kernel], !former.isEmpty else { return nil }
      let failed = cases.filter { $0.id.kernel == kernel && $0.counted.first?.hasFailed == true }
      guard FalseAlarmLimit.isFlood(failed: failed.count, former: former) else { return nil }
      let usual = Samples(former.suffix(30).map(Double.init)).median ?? 0
      var flood = NightRecord.Flood(kernel: kernel, failed: failed.count, usual: Int(usual))
      flood.examples = failed.prefix(5).map(\.id.series.name)
      return flood
    }
  }

  /// The runs that are wanted next, of each series that wants one.
  package var steps: [NightSeries.ID: SeriesNight.Step] {
    let flooded = Set(floods.map(\.kernel))
    var steps: [NightSeries.ID: SeriesNight.Step] = [:]
    for one in judged where !flooded.contains(one.series.id.kernel) && one.night.step != .done {
      steps[one.series.id] = one.night.step
    }
    return steps
  }
}

extension NightRecord.Word {
  /// The most urgent first.
  private static let order: [NightRecord.Word] = [
    .notTested, .newFailure, .undecided, .stillFailing, .fixed, .silent, .elsewhere, .flaky, .newTest,
  ]

  package var urgency: Int { NightRecord.Word.order.firstIndex(of: self) ?? NightRecord.Word.order.count }
}
