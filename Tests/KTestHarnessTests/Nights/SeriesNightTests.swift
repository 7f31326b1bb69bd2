import Testing

@testable import KTestValues

@Suite("A series in a night")
struct SeriesNightTests {
  private func clean(_ nights: Int) -> [SeriesPoint] { (0..<nights).map { SeriesPoint(day: Double($0), passes: 1) } }

  /// Plays a night with the outcomes of tonight's runs, as many as it wants; the last one is repeated.
  private func night(
    _ outcomes: [Bool], after history: [SeriesPoint], standing: SeriesStanding = .quiet, day: Double? = nil,
    good: [Bool]? = nil
  ) -> SeriesNight.Ending {
    var night = SeriesNight(
      history: history, standing: standing, day: day ?? Double(history.count), hasGoodKernel: good != nil)
    var (runs, controls) = (0, 0)
    while night.step != .done {
      if night.step == .run {
        night.add(failed: outcomes[min(runs, outcomes.count - 1)])
        runs += 1
      } else {
        night.addGoodKernel(failed: good?[min(controls, (good?.count ?? 1) - 1)] ?? false)
        controls += 1
      }
    }
    return night.ending()
  }

  @Test("a pass is one run")
  func passing() {
    let ending = night([false], after: clean(50))
    #expect(ending.outcome == .passing && ending.history.last?.runs == 1 && ending.standing == .quiet)
  }

  @Test("a new failure is found in its first night, stays, falls silent, and is closed")
  func life() throws {
    var ending = night([true], after: clean(100), good: [false])
    guard case .newFailure(let alarm) = ending.outcome else { throw Unexpected("\(ending.outcome)") }
    #expect(alarm.probability >= 0.95 && alarm.source == .tonight && ending.history.last?.isReported == true)
    let since = 100.0
    ending = night([true], after: ending.history, standing: ending.standing)
    #expect(ending.outcome == .stillFailing(since: since) && ending.history.last?.runs == 1)
    var silent = 0
    repeat {
      ending = night([false], after: ending.history, standing: ending.standing)
      silent += 1
      if case .silent(let runs, let needed) = ending.outcome { #expect(runs == silent && needed > silent) }
    } while ending.standing != .quiet && silent < 100
    #expect(ending.outcome == .fixed(notSeenIn: silent) && (3...10).contains(silent))
    // What happened in between says nothing about the series: it can be found again.
    ending = night([true], after: ending.history, standing: ending.standing, good: [false])
    guard case .newFailure = ending.outcome else { throw Unexpected("\(ending.outcome)") }
  }

  @Test("a flake is one, and a series that cannot be decided is suspected and run again")
  func flakes() throws {
    let flaky = (0..<60).map { day -> SeriesPoint in
      let fails = day % 5 == 0
      return SeriesPoint(day: Double(day), passes: fails ? 0 : 1, failures: fails ? 1 : 0)
    }
    guard case .flaky(let rate) = night([true], after: flaky).outcome else { throw Unexpected("not flaky") }
    #expect((0.15...0.3).contains(rate))
    var ending = night([true], after: clean(5))
    guard case .undecided = ending.outcome, case .suspected(1, let runs) = ending.standing else {
      throw Unexpected("\(ending)")
    }
    #expect(runs == RunTally(failures: 8, runs: 8))
    ending = night([false, true], after: ending.history, standing: ending.standing)
    #expect((ending.history.last?.runs ?? 0) > 1)
  }

  @Test("rates that no night alone shows are found over several")
  func slow() throws {
    var (history, standing) = (clean(200), SeriesStanding.quiet)
    for night in 0..<60 {
      // One failure every fourth night, and its reruns pass.
      let ending = self.night(night % 4 == 0 ? [true, false] : [false], after: history, standing: standing)
      (history, standing) = (ending.history, ending.standing)
      if case .newFailure(let alarm) = ending.outcome {
        guard case .change(let change) = alarm.source else { return }
        #expect(change.isWorse && change.first >= 195)
        return
      }
    }
    throw Unexpected("not found")
  }

  @Test("not tested any more, and a new test")
  func untested() {
    let night = SeriesNight(history: clean(5), day: 5)
    #expect(night.step == .run)
    #expect(night.ending(notTested: .skipped).outcome == .notTested(.skipped))
    #expect(night.ending().history.count == 5)
    #expect(SeriesNight(history: [], day: 5).ending().outcome == .passing)
    #expect(self.night([false], after: [], day: 0).outcome == .newTest(failed: false))
    #expect(self.night([true], after: [], day: 0).outcome == .newTest(failed: true))
  }

  @Test("elsewhere: the good kernel fails as well, and a flood blames no series")
  func elsewhere() {
    let ending = night([true], after: clean(100), good: [true])
    #expect(ending.outcome == .elsewhere && ending.standing == .quiet && ending.history.last?.isReported == true)
    var one = SeriesNight(history: clean(100), day: 100)
    one.add(failed: true)
    one.add(failed: true)
    let back = one.withdrawing(one.ending())
    #expect(back.outcome == .elsewhere && back.standing == .quiet && back.history.count == 101)
    #expect(back.history.filter(\.isReported).count == 1)
  }

  @Test("what could not be decided is reported where there is room")
  func room() throws {
    var one = SeriesNight(history: clean(5), day: 5)
    while one.step == .run { one.add(failed: true) }
    let ending = one.reporting(one.ending())
    guard case .newFailure(let alarm) = ending.outcome, case .open(let failure) = ending.standing else {
      throw Unexpected("\(ending)")
    }
    #expect(alarm.probability > 0.5 && failure.points.count == 1)
  }

  @Test("the clock is set back, times are equal or none")
  func clocks() {
    for day in [-1e9, 0, .nan, .infinity, 1e18] as [Double] {
      let ending = night([true], after: clean(50), day: day)
      #expect((0...1).contains(ending.probability) && ending.history.count == 51)
    }
  }

  struct Unexpected: Error {
    let what: String
    init(_ what: String) { self.what = what }
  }
}
