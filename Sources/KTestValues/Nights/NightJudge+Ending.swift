extension NightJudge {
  /// What a night comes to.
  package struct Ending: Sendable, Equatable {
    /// The most urgent first.
    package var findings: [NightRecord.Finding] = []
    /// Cases that pass and are not among the findings.
    package var passing = 0
    /// What is missing as a whole.
    package var untested: [NightRecord.Untested] = []
    package var floods: [NightRecord.Flood] = []
    /// What the next night has to know.
    package var memory: NightMemory
  }

  package func end() -> Ending {
    var memory = situation.memory ?? NightMemory(night: situation.night)
    memory.night = situation.night
    memory.series = []
    let (endings, reported) = endings(&memory.limit)
    let changed = judged.indices.filter { situation.changed.contains(judged[$0].series.id.kernel) }
    memory.priors.learn(
      looked: changed.count { if case .open? = judged[$0].known?.standing { false } else { true } },
      broken: reported.intersection(changed).count)
    var ending = Ending(floods: floods, memory: memory)
    let firstNights = Set(situation.coverage.keys).subtracting(known.keys.map(\.kernel))
    for (place, one) in judged.enumerated() {
      let id = one.series.id
      let finding = finding(one, endings[place], isFirst: firstNights.contains(id.kernel))
      if let finding { ending.findings.append(finding) }
      if id.series.subtest.isEmpty, finding == nil, !one.isFlooded { ending.passing += 1 }
      if let (before, now) = fewerSubtests(one) {
        ending.untested.append(
          NightRecord.Untested(
            kind: .subtests, kernel: id.kernel, name: id.series.name,
            reason: "\(now) subtests were executed, \(before) in the night before"))
      }
      ending.memory.series.append(remembered(one, endings[place], finding?.word))
    }
    addUntested(&ending)
    ending.findings = NightJudge.withoutRepetition(ending.findings).sorted {
      ($0.word.urgency, $0.kernel, $0.series) < ($1.word.urgency, $1.kernel, $1.series)
    }
    ending.memory.series.sort { ($0.id.kernel, $0.id.series) < ($1.id.kernel, $1.id.series) }
    ending.memory.priors.count(ending.memory.series.map(\.tally))
    countFailed(&ending.memory)
    return ending
  }

  /// Ends each series, and reports as many failures as the limit has room for. A case whose subtests are in doubt is told of
  /// by them.
  private func endings(_ limit: inout FalseAlarmLimit) -> (endings: [SeriesNight.Ending], reported: Set<Int>) {
    var endings = judged.map { one in
      one.isFlooded ? one.night.withdrawing(one.night.ending()) : one.night.ending()
    }
    let doubtful = endings.indices.filter { place in
      switch endings[place].outcome {
      case .newFailure, .undecided: true
      default: false
      }
    }
    var parts: [NightSeries.ID: [Int]] = [:]
    for place in doubtful where !judged[place].series.id.series.subtest.isEmpty {
      parts[judged[place].series.id.wholeCase, default: []].append(place)
    }
    func isToldByParts(_ place: Int) -> Bool {
      let own = endings[place].probability - 0.02
      return parts[judged[place].series.id]?.contains { endings[$0].probability >= own } == true
    }
    let candidates = doubtful.filter { !isToldByParts($0) }
    var reported = Set(limit.choose(candidates.map { endings[$0].probability }).map { candidates[$0] })
    let chosen = reported
    for place in doubtful where !candidates.contains(place) {
      if parts[judged[place].series.id]?.contains(where: chosen.contains) == true { reported.insert(place) }
    }
    for place in reported { endings[place] = judged[place].night.reporting(endings[place]) }
    return (endings, chosen)
  }

  private func fewerSubtests(_ one: Judged) -> (before: Int, now: Int)? {
    guard one.series.id.series.subtest.isEmpty, let before = one.known?.executed, let now = one.series.executed,
      now < before
    else { return nil }
    return (before, now)
  }

  private func countFailed(_ memory: inout NightMemory) {
    let flooded = Set(floods.map(\.kernel))
    var failed: [String: Int] = [:]
    for one in judged where one.series.id.series.subtest.isEmpty {
      failed[one.series.id.kernel, default: 0] += one.series.counted.first?.hasFailed == true ? 1 : 0
    }
    for (kernel, count) in failed where !flooded.contains(kernel) {
      memory.failed[kernel] = (memory.failed[kernel, default: []] + [count]).suffix(30)
    }
  }

  private func remembered(
    _ one: Judged, _ ending: SeriesNight.Ending, _ word: NightRecord.Word?
  ) -> NightMemory.Series {
    var kept = one.known ?? NightMemory.Series(id: one.series.id, counted: situation.day)
    (kept.standing, kept.counted, kept.word) = (ending.standing, situation.day, word)
    (kept.untestedSince, kept.untestedNights) = (nil, 0)
    kept.executed = one.series.executed ?? kept.executed
    let nights = one.history.nights + [situation.night]
    var reported = Set(kept.reported)
    for (night, point) in zip(nights, ending.history) where point.isReported && !night.isEmpty {
      reported.insert(night)
    }
    kept.reported = reported.sorted()
    if nights.count == ending.history.count { kept.tally = ending.history.filter { !$0.isReported }.tally }
    return kept
  }

  /// Leaves out what another finding says as well.
  private static func withoutRepetition(_ findings: [NightRecord.Finding]) -> [NightRecord.Finding] {
    var parts: [NightSeries.ID: [NightRecord.Finding]] = [:]
    var wholes: [NightSeries.ID: NightRecord.Finding] = [:]
    for finding in findings {
      let id = NightSeries.ID(kernel: finding.kernel, series: finding.series)
      if finding.series.subtest.isEmpty {
        wholes[id] = finding
      } else {
        parts[id.wholeCase, default: []].append(finding)
      }
    }
    return findings.filter { finding in
      let id = NightSeries.ID(kernel: finding.kernel, series: finding.series)
      guard finding.series.subtest.isEmpty else {
        return finding.word != .notTested || wholes[id.wholeCase]?.word != .notTested
      }
      // A crash, a timeout and a splat are more than a subtest that fails.
      if finding.failures > 0, finding.verdict == .crash || finding.verdict == .timeout || !finding.splats.isEmpty {
        return true
      }
      return parts[id]?.contains { $0.word.urgency <= finding.word.urgency } != true
    }
  }
}
