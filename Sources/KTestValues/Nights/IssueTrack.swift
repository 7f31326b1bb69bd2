/// An issue in one series, followed from its first sighting on. Its failures are told by their places in the series.
struct IssueTrack {
  private let series: Int
  private let first: Int
  private var last: Int
  private var since: Int
  private var seen = 1
  private var returns = 0
  private var worst: Verdict
  private let start: Int64
  private var end: Int64
  /// The runs of the series that passed until the first sighting, and until the last.
  private let passesAtFirst: Int
  private var passesAtLast: Int
  /// The kernels that showed it in turn, by label, and when each did it last before the next.
  private(set) var kernels: [(label: Int, started: Int64)]

  init(_ names: FailureNames, series: Int, failure place: Int, passes: Int) {
    self.series = series
    (first, last, since) = (place, place, place)
    (passesAtFirst, passesAtLast) = (passes, passes)
    let failure = names.table.series[series].failures[place]
    worst = failure.verdict
    start = names.table.runs[failure.run].started
    end = start
    kernels = [(names.labels[failure.kernel], start)]
  }

  mutating func see(_ failure: FailureTable.Occurrence, _ place: Int, passes: Int, _ names: FailureNames) {
    let time = names.table.runs[failure.run].started
    if isClosed(after: passes - passesAtLast, at: time) {
      since = place
      returns += 1
      worst = failure.verdict
    }
    worst = max(worst, failure.verdict)
    seen += 1
    let label = names.labels[failure.kernel]
    // A kernel comes many times in a row.
    if kernels[kernels.count - 1].label == label {
      kernels[kernels.count - 1].started = time
    } else {
      kernels.append((label, time))
    }
    (last, end, passesAtLast) = (place, time, passes)
  }

  /// The runs from the first sighting to the last. What came back was closed too soon, so that all of them tell its rate.
  private var tally: RunTally {
    RunTally(failures: Double(seen), runs: Double(seen + passesAtLast - passesAtFirst))
  }

  /// As in ``OpenFailure/neededRuns``, the rate is the least that is likely: few runs overstate it.
  private var neededRuns: Int? { Closing.cleanRuns(rate: tally.leastRate(0.8)) }

  private func isClosed(after clean: Int, at time: Int64) -> Bool {
    guard clean > 0 else { return false }
    // The least likely rate needs more runs than the mean, which is cheaper.
    let rate = tally.rate
    if !Closing.isTooEarly(clean: clean, rate: rate), let least = Closing.cleanRuns(rate: rate), clean >= least,
      let needed = neededRuns, clean >= needed
    {
      return true
    }
    func days(_ start: Int64, _ end: Int64) -> Double { Double(end - start) / 86_400_000 }
    guard let silent = Closing.silentDays(seen: seen, within: days(start, end)) else { return false }
    return days(end, time) >= silent
  }

  private func sighting(_ place: Int, _ names: FailureNames) -> Issue.Sighting {
    let own = names.table.series[series]
    let failure = own.failures[place]
    let (run, kernel) = (names.table.runs[failure.run], names.table.kernels[failure.kernel])
    return Issue.Sighting(
      run: run.name, started: run.started, kernel: kernel.label, release: kernel.release, series: own.key,
      verdict: failure.verdict, reason: names.table.reasons[failure.reason])
  }

  func part(_ names: FailureNames, now: Int64) -> Issue.Part {
    let own = names.table.series[series]
    let passes = own.failures.reduce(own.passesAfter) { $0 + $1.passesBefore }
    let clean = passes - passesAtLast
    let isOld = now - own.lastCounted > Int64(Issue.untestedDays) * 86_400_000
    return Issue.Part(
      series: own.key, first: sighting(first, names), last: sighting(last, names), since: sighting(since, names),
      seen: seen, runs: seen + passes - passesAtFirst, returns: returns, cleanRuns: clean, neededRuns: neededRuns,
      isClosed: isClosed(after: clean, at: now),
      untestedSince: own.endsUncounted || isOld ? own.lastCounted : nil, worst: worst)
  }
}
