extension NightJudge {
  /// Returns what is said of a series that has results tonight; nil if there is no more to say than that it passes.
  func finding(_ one: Judged, _ ending: SeriesNight.Ending, isFirst: Bool) -> NightRecord.Finding? {
    let id = one.series.id
    func finding(_ word: NightRecord.Word, _ fill: (inout NightRecord.Finding) -> Void = { _ in })
      -> NightRecord.Finding
    {
      var finding = NightRecord.Finding(series: id.series, kernel: id.kernel, word: word)
      (finding.runs, finding.failures) = (one.series.counted.count, one.series.failures)
      let told = one.series.counted.last { $0.hasFailed == true } ?? one.series.last
      (finding.verdict, finding.reason) = (told?.verdict, told?.reason ?? "")
      finding.splats = one.series.outcomes.filter { !$0.isControl }.flatMap(\.splats)
        .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
      finding.runIDs = one.series.outcomes.map(\.run).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
      fill(&finding)
      return finding
    }
    func milliseconds(_ day: Double) -> Int64 { Int64((day * 86_400_000).rounded()) }
    if one.isFlooded { return nil }
    switch ending.outcome {
    case .passing: return nil
    case .newFailure(let alarm):
      return finding(.newFailure) {
        ($0.probability, $0.rate, $0.isNews, $0.since) = (alarm.probability, alarm.rate, true, situation.started)
      }
    case .stillFailing(let since):
      return finding(.stillFailing) { $0.since = milliseconds(since) }
    case .silent(let clean, let needed):
      return finding(.silent) {
        ($0.cleanRuns, $0.neededRuns) = (clean, needed)
        if case .open(let failure) = ending.standing {
          ($0.since, $0.rate) = (milliseconds(failure.since), failure.rate)
        }
      }
    case .fixed(let clean):
      return finding(.fixed) { ($0.cleanRuns, $0.isNews) = (clean, true) }
    case .flaky(let rate):
      // What has never passed is no flake.
      if let first = ending.history.first, ending.history.allSatisfy({ $0.passes == 0 }) {
        return finding(.stillFailing) { ($0.rate, $0.since) = (rate, milliseconds(first.day)) }
      }
      return finding(.flaky) { ($0.rate, $0.probability) = (rate, ending.probability) }
    case .undecided(let probability):
      return finding(.undecided) { ($0.probability, $0.isNews) = (probability, one.known?.word != .undecided) }
    case .elsewhere: return finding(.elsewhere) { $0.probability = ending.probability }
    case .notTested(let why): return finding(.notTested) { $0.notTested = why }
    case .newTest(let failed):
      // In its first night everything is new.
      guard failed || !isFirst else { return nil }
      return finding(.newTest) { ($0.isNews, $0.since) = (true, situation.started) }
    }
  }

  /// Adds what had results before and has none tonight.
  func addUntested(_ ending: inout Ending) {
    let results = Dictionary(situation.results.map { ($0.id, $0) }) { first, _ in first }
    let places = Dictionary(grouping: situation.results.map(\.id), by: \.kernel).mapValues {
      Set($0.map(\.series.kind))
    }
    var gone: Set<[String]> = []
    for var series in known.values.sorted(by: { ($0.id.kernel, $0.id.series) < ($1.id.kernel, $1.id.series) }) {
      let id = series.id
      if results[id]?.counted.isEmpty == false || situation.day - series.counted > NightMemory.forgottenAfter {
        continue
      }
      guard let coverage = situation.coverage[id.kernel]?[id.series.suite] else {
        let hasKernel = situation.coverage[id.kernel] != nil
        guard gone.insert(hasKernel ? [id.kernel, id.series.suite] : [id.kernel]).inserted else { continue }
        ending.untested.append(
          NightRecord.Untested(
            kind: hasKernel ? .suite : .kernel, kernel: id.kernel, name: hasKernel ? id.series.suite : id.kernel,
            reason: "the plan does not have it any more"))
        continue
      }
      // A known failure is a result, too.
      if let last = results[id]?.last, last.isKnown {
        (series.counted, series.untestedSince, series.untestedNights) = (situation.day, nil, 0)
      } else {
        let isOfAnotherKind = places[id.kernel].map { !$0.contains(id.series.kind) } ?? false
        if !isOfAnotherKind, let finding = untested(series, results[id], coverage) { ending.findings.append(finding) }
        series.untestedSince = series.untestedSince ?? situation.started
        series.untestedNights += 1
        series.word = .notTested
      }
      ending.memory.series.append(series)
    }
  }

  private func untested(
    _ series: NightMemory.Series, _ result: NightSeries?, _ coverage: Coverage
  ) -> NightRecord.Finding? {
    let last = result?.last
    let why: NightOutcome.NotTested
    switch (coverage, last?.verdict) {
    case (.absent, _): return nil
    case (_, .skip?): why = .skipped
    case (.partial, _): why = .outOfTime
    case (.whole, .error?): why = .error
    case (.whole, _): why = .vanished
    }
    // Subtests that passed are not named, so that only a skip shows that one was not executed.
    if !series.id.series.subtest.isEmpty, why != .skipped { return nil }
    if why == .vanished, series.untestedNights >= NightMemory.mentionedNights { return nil }
    var finding = NightRecord.Finding(series: series.id.series, kernel: series.id.kernel, word: .notTested)
    (finding.notTested, finding.verdict, finding.reason) = (why, last?.verdict, last?.reason ?? "")
    finding.since = series.untestedSince ?? situation.started
    finding.isNews = series.untestedNights == 0
    finding.runIDs = result.map { $0.outcomes.map(\.run) } ?? []
    return finding
  }
}

extension SeriesKey {
  /// What a change of the kernel's kind or of the host changes.
  fileprivate var kind: [String] { [family, accelerator, host] }
}
