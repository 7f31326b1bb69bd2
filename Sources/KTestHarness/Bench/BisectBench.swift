import Glibc
package import KTestValues

/// Searches for a culprit on generated histories, compared with `git bisect` with repeats and with syzkaller's rule.
package struct BisectBench: Sendable, Equatable {
  /// The results of one method, over all histories of a row.
  package struct Tally: Sendable, Equatable {
    package internal(set) var right = 0
    package internal(set) var wrong = 0
    package internal(set) var undecided = 0
    /// The number of all runs: ends, search, verification.
    package internal(set) var runs = 0
    package internal(set) var ends = 0
    package internal(set) var verification = 0
    package internal(set) var kernels = 0

    package var histories: Int { right + wrong + undecided }

    /// The number of runs between the proof of the ends and the first verification.
    package var search: Int { runs - ends - verification }

    mutating func add(_ search: SimulatedSearch, culprit: Int) {
      if search.culprit == culprit { right += 1 } else if search.culprit == nil { undecided += 1 } else { wrong += 1 }
      runs += search.runs
      ends += search.ends
      verification += search.verification
      kernels += search.kernels.count
    }

    /// The share of histories for which a wrong culprit was named.
    package var wrongShare: Double { share(wrong) }
    func share(_ count: Int) -> Double { Double(count) / Double(max(1, histories)) }
  }

  package struct Row: Sendable, Equatable {
    package var commits: Int
    package var rate: Double
    package var isRough: Bool
    package var ktest = Tally()
    /// ktest, told the rate, to show the cost of not knowing it.
    package var told = Tally()
    /// `git bisect`, told the rate.
    package var git = Tally()
    /// How often its script repeats a run.
    package var repeats = 1
    /// `git bisect` by a user who measures the rate at the bad end.
    package var measuring = Tally()
    /// The best number of sightings there.
    package var sightings = 1
    package var syzkaller = Tally()
  }

  package private(set) var rows: [Row] = []
  package let parameters: BisectionParameters
  package let seed: UInt64

  package init(parameters: BisectionParameters = BisectionParameters(), seed: UInt64 = 1) {
    (self.parameters, self.seed) = (parameters, seed)
  }

  /// Searches `histories` generated histories, every second one with merges. Checks for cancellation between them.
  package mutating func measure(commits: Int, rate: Double, isRough: Bool, histories: Int) throws {
    var row = Row(commits: commits, rate: rate, isRough: isRough)
    var generated: [SimulatedHistory] = []
    for index in 0..<histories {
      try Task.checkCancellation()
      let conditions = SimulatedHistory.Conditions(
        commits: commits, hasMerges: index % 2 == 1, rate: rate, isRough: isRough)
      let history = try SimulatedHistory(conditions, seed: number(index, 0))
      row.ktest.add(SimulatedSearch.bisection(history, parameters, seed: number(index, 1)), culprit: history.culprit)
      row.told.add(
        SimulatedSearch.bisection(history, parameters, told: rate, seed: number(index, 1)), culprit: history.culprit)
      row.syzkaller.add(SimulatedSearch.syzkaller(history, seed: number(index, 2)), culprit: history.culprit)
      generated.append(history)
    }
    (row.repeats, row.git) = try gitBisect(generated, rate)
    (row.sightings, row.measuring) = try measuringGitBisect(generated)
    rows.append(row)
  }

  /// Searches histories of each size, smooth ones and rough ones, with each rate; a tenth of them above 1000 commits.
  package mutating func measure(
    commits: [Int], rates: [Double], isSmooth: Bool, histories: Int, show: (String) -> Void
  ) throws {
    for isRough in isSmooth ? [false] : [false, true] {
      for (size, rate) in commits.flatMap({ size in rates.map { (size, $0) } }) {
        show("\(size) commits, \(BisectBench.percent(rate))\(isRough ? ", rough" : "")")
        let count = size > 1000 ? max(1, histories / 10) : histories
        try measure(commits: size, rate: rate, isRough: isRough, histories: count)
      }
    }
  }

  private func number(_ index: Int, _ use: UInt64) -> UInt64 {
    var numbers = SeededNumbers(seed: seed &* 1_000_003 &+ UInt64(index) &* 4 &+ use)
    return numbers.next()
  }

  /// Returns the allowed probability of a wrong step: about half of the steps are on kernels with the bug.
  private func errorOfStep(_ histories: [SimulatedHistory]) -> Double {
    2 * (1 - parameters.confidence) / log2(Double(histories.first?.graph.count ?? 1) + 1)
  }

  /// Runs `git bisect` that measures: of several numbers of sightings, the one with the fewest runs whose wrong
  /// culprits are within the limit, or else with the fewest wrong culprits.
  private func measuringGitBisect(_ histories: [SimulatedHistory]) throws -> (Int, Tally) {
    let error = errorOfStep(histories)
    var tallies: [(sightings: Int, tally: Tally)] = []
    for sightings in [1, 2, 3, 4, 6] {
      var tally = Tally()
      for (index, history) in histories.enumerated() {
        try Task.checkCancellation()
        let search = SimulatedSearch.measuringGitBisect(
          history, sightings: sightings, error: error, seed: number(index, 3))
        tally.add(search, culprit: history.culprit)
      }
      tallies.append((sightings, tally))
    }
    let allowed = tallies.filter { $0.tally.wrongShare <= 1 - parameters.confidence }
    let best = allowed.min { $0.tally.runs < $1.tally.runs } ?? tallies.min { $0.tally.wrong < $1.tally.wrong }
    return best.map { ($0.sightings, $0.tally) } ?? (1, Tally())
  }

  /// Runs `git bisect` with the fewest repeats whose wrong culprits are within the limit. It is told the rate, which
  /// nobody knows in reality; if no number of repeats is sufficient, the one with the fewest wrong culprits counts.
  private func gitBisect(_ histories: [SimulatedHistory], _ rate: Double) throws -> (Int, Tally) {
    let allowed = 1 - parameters.confidence
    func tally(_ repeats: Int) throws -> Tally {
      var tally = Tally()
      for (index, history) in histories.enumerated() {
        try Task.checkCancellation()
        tally.add(
          SimulatedSearch.gitBisect(history, repeats: repeats, seed: number(index, 3)), culprit: history.culprit)
      }
      return tally
    }
    guard rate < 1, !histories.isEmpty else { return (1, try tally(1)) }
    let guess = log(errorOfStep(histories)) / log(1 - rate)
    var repeats = max(1, Int(guess.rounded()))
    var best = (repeats, try tally(repeats))
    if best.1.wrongShare <= allowed {
      while repeats > 1 {
        repeats = min(repeats - 1, repeats * 19 / 20)
        let next = try tally(repeats)
        if next.wrongShare > allowed { break }
        best = (repeats, next)
      }
      return best
    }
    let most = 2 * repeats + 4
    while repeats < most {
      repeats = max(repeats + 1, repeats * 21 / 20)
      let next = try tally(repeats)
      if next.wrong < best.1.wrong { best = (repeats, next) }
      if next.wrongShare <= allowed { break }
    }
    return best
  }
}
