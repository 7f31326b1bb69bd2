import KTestValues

/// A simulated year of nights, judged by ktest's rules and, on the same results, by a single retry as in NIPA and by
/// KernelCI's rule of one change in the last five.
package struct NightsBench: Sendable, Equatable {
  package struct Conditions: Sendable, Equatable {
    package var series = 1000
    package var nights = 365
    /// The share of series that fail by themselves, at rates evenly from 0 to 30 %.
    package var flakyShare = 0.25
    /// The rates of the planted regressions.
    package var rates = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1]
    /// How many regressions of each rate.
    package var perRate = 28
    /// The nights until a regression is fixed, whether it was found or not.
    package var lifetime = 60
    /// The nights before the first regression.
    package var warmUp = 30
    /// Nights on which the host fails: every run of every kernel fails with ``NightsBench/sickRate``.
    package var sickNights = 0
    package init() {}

    /// What is wrong with the values of options; nil if nothing is.
    package var problem: String? {
      guard (1...20_000).contains(series) else { return "--series must be a number from 1 to 20000" }
      guard (1...3650).contains(nights) else { return "--nights must be a number from 1 to 3650" }
      guard flakyShare >= 0, flakyShare <= 1 else { return "--flaky must be a number from 0 to 100" }
      guard (0...20_000).contains(perRate) else { return "--regressions must be a number from 0 to 20000" }
      return (0...nights).contains(sickNights)
        ? nil : "--sick-nights must be a number from 0 to the number of nights"
    }
  }

  static let sickRate = 0.3
  /// The good kernel that runs beside tonight's is this many nights old: a regression that shows now and then passes some
  /// nights, so that the newest kernel that passed is no good one.
  static let goodKernelAge = 7

  package struct Found: Sendable, Equatable {
    package var rate: Double
    package var planted = 0
    /// The nights until each one was reported; 1 is the first night.
    package internal(set) var nights: [Int] = []

    package var missed: Int { planted - nights.count }
    package func share(within limit: Int) -> Double {
      Double(nights.count { $0 <= limit }) / Double(max(1, planted))
    }
    /// The median over all that were planted, where a miss counts as later than any; nil if more than half were missed.
    package var median: Int? {
      let middle = (planted - 1) / 2
      return planted > 0 && middle < nights.count ? nights.sorted()[middle] : nil
    }
    package var mean: Double { Double(nights.reduce(0, +)) / Double(max(1, nights.count)) }
  }

  /// What one method said in the year.
  package struct Tally: Sendable, Equatable {
    package var name: String
    package internal(set) var falseAlarms = 0
    /// Reports of a regression that had been reported before.
    package internal(set) var repeats = 0
    package internal(set) var reruns = 0
    package internal(set) var found: [Found]
    /// The regressions in series that do not fail by themselves.
    package internal(set) var foundInSteady: [Found]

    package var hits: Int { found.reduce(0) { $0 + $1.nights.count } }
    package var reports: Int { hits + repeats + falseAlarms }
    package var falseShare: Double { Double(falseAlarms) / Double(max(1, reports)) }
  }

  package let conditions: Conditions
  package let seed: UInt64
  package private(set) var tallies: [Tally] = []
  /// The odds that ktest had learned at the end.
  package internal(set) var odds = PriorOdds.start
  package internal(set) var steadyShare = 0.0
  /// How often ktest said that the last good kernel fails as well.
  package internal(set) var elsewhere = 0
  /// Nights on which so much failed at once that no series was blamed.
  package internal(set) var floods = 0

  package init(_ conditions: Conditions = Conditions(), seed: UInt64 = 1) throws {
    (self.conditions, self.seed) = (conditions, seed)
    let year = SimulatedYear(conditions, seed: seed)
    tallies = [try ktest(year), try retryOnce(year), try lastFive(year)]
  }

  /// Counts the reports of one method.
  struct Count {
    let year: SimulatedYear
    var tally: Tally
    private var known: Set<Int> = []

    init(_ name: String, _ year: SimulatedYear) {
      self.year = year
      func empty(_ counts: (SimulatedYear.Regression) -> Bool) -> [Found] {
        year.conditions.rates.map { rate in
          Found(rate: rate, planted: year.regressions.count { $0.rate == rate && counts($0) })
        }
      }
      tally = Tally(name: name, found: empty { _ in true }, foundInSteady: empty { year.flakes[$0.series] == 0 })
    }

    mutating func report(_ series: Int, _ night: Int) {
      guard let regression = year.regression(of: series, on: night) else {
        tally.falseAlarms += 1
        return
      }
      guard known.insert(series).inserted else {
        tally.repeats += 1
        return
      }
      guard let place = year.conditions.rates.firstIndex(of: regression.rate) else { return }
      tally.found[place].nights.append(night - regression.night + 1)
      if year.flakes[series] == 0 { tally.foundInSteady[place].nights.append(night - regression.night + 1) }
    }
  }

  /// ktest's rules, through the same values as a real night.
  private mutating func ktest(_ year: SimulatedYear) throws -> Tally {
    var count = Count("ktest", year)
    var priors = NightPriors()
    var limit = FalseAlarmLimit()
    var histories = [[SeriesPoint]](repeating: [], count: conditions.series)
    var standings = [SeriesStanding](repeating: .quiet, count: conditions.series)
    var failed: [Int] = []
    for night in 0..<conditions.nights {
      try Task.checkCancellation()
      let looked = standings.count { if case .open = $0 { false } else { true } }
      let first = (0..<conditions.series).map { year.fails($0, night: night, run: 0, kernelOf: night) }
      let isFlood = night > 0 && FalseAlarmLimit.isFlood(failed: first.count { $0 }, former: failed)
      if isFlood { floods += 1 } else { failed.append(first.count { $0 }) }
      var doubtful: [(series: Int, judge: SeriesNight, ending: SeriesNight.Ending)] = []
      for series in 0..<conditions.series {
        var judge = SeriesNight(
          history: histories[series], standing: standings[series], day: Double(night), priors: priors,
          hasGoodKernel: night >= NightsBench.goodKernelAge)
        judge.add(failed: first[series])
        if !isFlood { count.tally.reruns += NightsBench.runAgain(&judge, series, night, year) }
        var ending = judge.ending()
        if isFlood, first[series] { ending = judge.withdrawing(ending) }
        switch ending.outcome {
        case .newFailure, .undecided: doubtful.append((series, judge, ending))
        case .elsewhere: elsewhere += isFlood ? 0 : 1
        default: break
        }
        (histories[series], standings[series]) = (ending.history, ending.standing)
      }
      let reported = limit.choose(doubtful.map(\.ending.probability))
      for place in reported {
        let (series, judge, ending) = doubtful[place]
        count.report(series, night)
        let after = judge.reporting(ending)
        (histories[series], standings[series]) = (after.history, after.standing)
      }
      priors.learn(looked: looked, broken: reported.count)
      if night % 7 == 0 { priors.count(histories.map { $0.filter { !$0.isReported }.tally }) }
    }
    (odds, steadyShare) = (priors.odds, priors.steadyShare)
    return count.tally
  }

  /// Runs a series until its night is over. Returns how many more runs that took, of either kernel.
  private static func runAgain(_ judge: inout SeriesNight, _ series: Int, _ night: Int, _ year: SimulatedYear) -> Int {
    var (runs, controls) = (1, 0)
    while judge.step != .done {
      if judge.step == .run {
        judge.add(failed: year.fails(series, night: night, run: runs, kernelOf: night))
        runs += 1
      } else {
        judge.addGoodKernel(
          failed: year.fails(series, night: night, run: controls, kernelOf: night - goodKernelAge))
        controls += 1
      }
    }
    return runs - 1 + controls
  }

  /// A failure is run once more; failing again is a failure, and the first night of it is reported.
  private func retryOnce(_ year: SimulatedYear) throws -> Tally {
    var count = Count("retry once (NIPA)", year)
    var failed = [Bool](repeating: false, count: conditions.series)
    for night in 0..<conditions.nights {
      try Task.checkCancellation()
      for series in 0..<conditions.series {
        var fails = year.fails(series, night: night, run: 0, kernelOf: night)
        if fails {
          count.tally.reruns += 1
          fails = year.fails(series, night: night, run: 1, kernelOf: night)
        }
        if fails, !failed[series] { count.report(series, night) }
        failed[series] = fails
      }
    }
    return count.tally
  }

  /// A series that passed, then failed, with one change in its last five results, is a regression.
  private func lastFive(_ year: SimulatedYear) throws -> Tally {
    var count = Count("one change in five (KernelCI)", year)
    var last = [[Bool]](repeating: [], count: conditions.series)
    var flagged = [Bool](repeating: false, count: conditions.series)
    for night in 0..<conditions.nights {
      try Task.checkCancellation()
      for series in 0..<conditions.series {
        last[series] = last[series].suffix(4) + [year.fails(series, night: night, run: 0, kernelOf: night)]
        let five = last[series]
        let changes = zip(five, five.dropFirst()).count { $0 != $1 }
        let isRegression = five.count == 5 && changes == 1 && five[0] == false
        if isRegression, !flagged[series] { count.report(series, night) }
        flagged[series] = isRegression
      }
    }
    return count.tally
  }
}
