extension Issue {
  /// After so many days without a result that counts, a series is not tested any more.
  package static let untestedDays = 14

  /// Returns the issues that the series show, the most urgent first.
  ///
  /// - Parameters:
  ///   - histories: whole cases and subtests, in any order.
  ///   - now: the time of the newest run, in milliseconds since 1970.
  ///   - lately: what was seen at this time or later is news: the start of the night.
  ///   - excuses: excuses, of which those count that have not run out today.
  package static func gather(
    _ histories: [FailureHistory], now: Int64, lately: Int64, excuses: Excuses = Excuses(), today: CalendarDay
  ) -> [Issue] {
    let explained = Explained(histories)
    var order: [IssueKey] = []
    var gathered: [IssueKey: [Track]] = [:]
    for history in histories {
      for (key, track) in tracks(of: history, explained) {
        if gathered[key] == nil { order.append(key) }
        gathered[key, default: []].append(track)
      }
    }
    let issues = order.compactMap { key -> Issue? in
      guard let tracks = gathered[key] else { return nil }
      return issue(key, tracks, now: now, lately: lately) { part in
        excuses.answer(for: key, series: part.series, worst: part.worst, on: today)
      }
    }
    return issues.sorted(by: Issue.isMoreUrgent)
  }

  private static func tracks(of history: FailureHistory, _ explained: Explained) -> [(IssueKey, Track)] {
    let series = history.series
    let own = IssueKey.test(suite: series.suite, test: series.test, subtest: series.subtest)
    let flags = explained.flags[series]
    // Most failures have no splat, and there are many of them.
    var plain: Track?
    var order: [IssueKey] = []
    var tracks: [IssueKey: Track] = [:]
    var passes = 0
    for (place, failure) in history.failures.enumerated() {
      passes += failure.passesBefore
      if failure.splats.isEmpty {
        if failure.verdict == .fail, flags?[place] == true { continue }
        if plain == nil {
          plain = Track(history: history, place: place, passes: passes)
        } else {
          plain?.see(place, passes: passes)
        }
        continue
      }
      for key in IssueKey.keys(of: series, failure.verdict, splats: failure.splats, isExplained: false) {
        if tracks[key] == nil {
          order.append(key)
          tracks[key] = Track(history: history, place: place, passes: passes)
        } else {
          tracks[key]?.see(place, passes: passes)
        }
      }
    }
    return (plain.map { [(own, $0)] } ?? []) + order.compactMap { key in tracks[key].map { (key, $0) } }
  }

  private static func issue(
    _ key: IssueKey, _ tracks: [Track], now: Int64, lately: Int64, excuse: (Part) -> Excuses.Answer
  ) -> Issue? {
    let parts = tracks.map { $0.part(now: now) }.sorted { $0.series < $1.series }
    func least(_ sightings: [Sighting]) -> Sighting? { sightings.min { $0.started < $1.started } }
    let open = parts.filter { !$0.isClosed }
    guard let first = least(parts.map(\.first)), let last = parts.map(\.last).max(by: { $0.started < $1.started }),
      let since = least((open.isEmpty ? parts : open).map(\.since))
    else { return nil }
    let isSeen = open.contains { $0.untestedSince == nil && ($0.cleanRuns == 0 || $0.last.started >= lately) }
    let state: State =
      if open.isEmpty {
        .closed
      } else if since.started >= lately {
        // Each series that had shown it before has closed it.
        first.started < since.started ? .back : .opened
      } else {
        isSeen ? .still : .silent
      }
    var issue = Issue(
      key: key, id: key.id, state: state, parts: parts, first: first, since: since, last: last,
      kernels: kernels(of: tracks))
    issue.excuse = Excuses.together((open.isEmpty ? parts : open).map(excuse))
    return issue
  }

  private static func kernels(of tracks: [Track]) -> [String] {
    var latest: [String: Int64] = [:]
    for track in tracks {
      for (kernel, started) in track.kernels { latest[kernel] = max(latest[kernel] ?? started, started) }
    }
    return latest.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
  }
}

/// The failures of cases that failing subtests explain, because they failed in the same run on the same kernel.
private struct Explained {
  /// For each failure of a case.
  private(set) var flags: [SeriesKey: [Bool]] = [:]

  init(_ histories: [FailureHistory]) {
    let cases = Dictionary(
      histories.filter { $0.series.subtest.isEmpty }.map { ($0.series, $0) }, uniquingKeysWith: { first, _ in first })
    for history in histories where !history.series.subtest.isEmpty {
      guard let whole = cases[history.series.wholeCase] else { continue }
      var flags = flags[whole.series] ?? Array(repeating: false, count: whole.failures.count)
      // Both are in the order of their runs.
      var place = 0
      for failure in history.failures {
        while place < whole.failures.count, Explained.isBefore(whole.failures[place], failure) { place += 1 }
        guard place < whole.failures.count else { break }
        let other = whole.failures[place]
        if other.run == failure.run, other.kernel == failure.kernel { flags[place] = true }
      }
      self.flags[whole.series] = flags
    }
  }

  private static func isBefore(_ left: FailureHistory.Occurrence, _ right: FailureHistory.Occurrence) -> Bool {
    left.run == right.run ? left.kernel < right.kernel : left.run < right.run
  }
}

/// An issue in one series, followed from its first sighting on.
private struct Track {
  private let history: FailureHistory
  private let first: Int
  private var last: Int
  private var since: Int
  private var seen = 1
  private var returns = 0
  private var worst: Verdict
  /// The runs of the series that passed until the first sighting, and until the last.
  private let passesAtFirst: Int
  private var passesAtLast: Int
  /// When each kernel showed it last, but for the last kernel.
  private var former: [String: Int64] = [:]

  init(history: FailureHistory, place: Int, passes: Int) {
    self.history = history
    (first, last, since) = (place, place, place)
    (passesAtFirst, passesAtLast) = (passes, passes)
    worst = history.failures[place].verdict
  }

  mutating func see(_ place: Int, passes: Int) {
    let failure = history.failures[place]
    if isClosed(after: passes - passesAtLast, at: failure.started) {
      since = place
      returns += 1
      worst = failure.verdict
    }
    worst = max(worst, failure.verdict)
    seen += 1
    // A kernel comes many times in a row.
    let before = history.failures[last]
    if failure.kernel != before.kernel { former[before.kernel] = before.started }
    (last, passesAtLast) = (place, passes)
  }

  /// When each kernel showed it last.
  var kernels: [String: Int64] {
    former.merging([history.failures[last].kernel: history.failures[last].started]) { _, last in last }
  }

  /// The runs from the first sighting to the last. What came back was closed too soon, so that all of them tell its rate.
  private var tally: RunTally {
    RunTally(failures: Double(seen), runs: Double(seen + passesAtLast - passesAtFirst))
  }

  /// As in ``OpenFailure/neededRuns``, the rate is the least that is likely: few runs overstate it.
  private var neededRuns: Int? { Closing.cleanRuns(rate: tally.interval(0.8).lowerBound) }

  private func isClosed(after clean: Int, at time: Int64) -> Bool {
    guard clean > 0 else { return false }
    // The least likely rate needs more runs than the mean, which is cheaper.
    if let least = Closing.cleanRuns(rate: tally.rate), clean >= least, let needed = neededRuns, clean >= needed {
      return true
    }
    func days(_ start: Int64, _ end: Int64) -> Double { Double(end - start) / 86_400_000 }
    let (begin, end) = (history.failures[first].started, history.failures[last].started)
    guard let silent = Closing.silentDays(seen: seen, within: days(begin, end)) else { return false }
    return days(end, time) >= silent
  }

  private func sighting(_ place: Int) -> Issue.Sighting {
    let failure = history.failures[place]
    return Issue.Sighting(
      run: failure.run, started: failure.started, kernel: failure.kernel, release: failure.release,
      series: history.series, verdict: failure.verdict, reason: failure.reason)
  }

  func part(now: Int64) -> Issue.Part {
    let passes = history.failures.reduce(history.passesAfter) { $0 + $1.passesBefore }
    let clean = passes - passesAtLast
    let isOld = now - history.lastCounted > Int64(Issue.untestedDays) * 86_400_000
    return Issue.Part(
      series: history.series, first: sighting(first), last: sighting(last), since: sighting(since), seen: seen,
      runs: seen + passes - passesAtFirst, returns: returns, cleanRuns: clean, neededRuns: neededRuns,
      isClosed: isClosed(after: clean, at: now),
      untestedSince: history.endsUncounted || isOld ? history.lastCounted : nil, worst: worst)
  }
}
