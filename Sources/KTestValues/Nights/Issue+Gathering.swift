extension Issue {
  /// After so many days without a result that counts, a series is not tested any more.
  package static let untestedDays = 14

  /// Returns the issues that the series show, the most urgent first.
  ///
  /// - Parameters:
  ///   - table: whole cases and subtests, in any order.
  ///   - now: the time of the newest run, in milliseconds since 1970.
  ///   - lately: what was seen at this time or later is news: the start of the night.
  ///   - excuses: excuses, of which those count that have not run out today.
  package static func gather(
    _ table: FailureTable, now: Int64, lately: Int64, excuses: Excuses = Excuses(), today: CalendarDay
  ) -> [Issue] {
    let names = FailureNames(table)
    let explained = ExplainedFailures(names)
    var order: [IssueKey] = []
    var gathered: [IssueKey: [IssueTrack]] = [:]
    for place in table.series.indices {
      for (key, track) in tracks(of: place, names, explained) {
        if gathered[key] == nil { order.append(key) }
        gathered[key, default: []].append(track)
      }
    }
    var sightings = KernelSightings(names)
    let issues = order.compactMap { key -> Issue? in
      guard let tracks = gathered[key] else { return nil }
      return issue(key, tracks, names, &sightings, now: now, lately: lately) { part in
        excuses.answer(for: key, series: part.series, worst: part.worst, on: today)
      }
    }
    return issues.sorted(by: Issue.isMoreUrgent)
  }

  /// The same for histories.
  package static func gather(
    _ histories: [FailureHistory], now: Int64, lately: Int64, excuses: Excuses = Excuses(), today: CalendarDay
  ) -> [Issue] {
    gather(FailureTable(histories), now: now, lately: lately, excuses: excuses, today: today)
  }

  private static func tracks(
    of place: Int, _ names: FailureNames, _ explained: ExplainedFailures
  ) -> [(IssueKey, IssueTrack)] {
    let series = names.table.series[place]
    let flags = explained.flags[place]
    // Most failures have no splat, and there are many of them.
    var plain: IssueTrack?
    var found: [(key: IssueKey, track: IssueTrack?)] = []
    var places: [IssueKey: Int] = [:]
    // For splats that came together, their places among those.
    var known: [Int: [Int]] = [:]
    var passes = 0
    for (number, failure) in series.failures.enumerated() {
      passes += failure.passesBefore
      func see(_ track: inout IssueTrack?) {
        if track == nil {
          track = IssueTrack(names, series: place, failure: number, passes: passes)
        } else {
          track?.see(failure, number, passes: passes, names)
        }
      }
      if failure.splats == 0 {
        if failure.verdict == .fail, let flags, flags[number] { continue }
        see(&plain)
        continue
      }
      if known[failure.splats] == nil {
        let splats = names.table.splats[failure.splats]
        known[failure.splats] = IssueKey.keys(of: series.key, failure.verdict, splats: splats, isExplained: false).map {
          if let place = places[$0] { return place }
          places[$0] = found.count
          found.append(($0, nil))
          return found.count - 1
        }
      }
      for index in known[failure.splats] ?? [] { see(&found[index].track) }
    }
    let own = IssueKey.test(suite: series.key.suite, test: series.key.test, subtest: series.key.subtest)
    return (plain.map { [(own, $0)] } ?? []) + found.compactMap { one in one.track.map { (one.key, $0) } }
  }

  private static func issue(
    _ key: IssueKey, _ tracks: [IssueTrack], _ names: FailureNames, _ sightings: inout KernelSightings, now: Int64,
    lately: Int64, excuse: (Part) -> Excuses.Answer
  ) -> Issue? {
    let parts = tracks.map { $0.part(names, now: now) }.sorted { $0.series < $1.series }
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
      kernels: sightings.kernels(of: tracks))
    issue.excuse = Excuses.together((open.isEmpty ? parts : open).map(excuse))
    return issue
  }
}
