import Testing

@testable import KTestValues

@Suite("The rules of the night")
struct NightRuleTests {
  @Test("which verdicts count")
  func counted() {
    #expect(Verdict.allCases.map(\.countsAsFailure) == [false, nil, true, nil, true, true])
  }

  @Test("two pools: at least three failures, five points, and 95 %; open until 90 %")
  func pools() {
    func pools(_ f1: Double, _ n1: Double, _ f2: Double, _ n2: Double) -> TwoPools {
      TwoPools(base: RunTally(failures: f1, runs: n1), sample: RunTally(failures: f2, runs: n2))
    }
    // C(15,5)/C(30,5) and so on, by hand: all five failures on one side of 15 and 15.
    #expect(abs(pools(0, 15, 5, 15).chance - 3003.0 / 142_506) < 1e-9)
    #expect(pools(0, 15, 5, 15).isWorse())
    #expect(!pools(0, 100, 2, 5).isWorse())
    #expect(!pools(1000, 10_000, 1130, 10_000).isWorse() && pools(1000, 10_000, 1130, 10_000).chance < 0.01)
    let fading = pools(1, 30, 5, 30)
    #expect((0.05..<0.1).contains(fading.chance) || fading.chance >= 0.1)
    #expect(!fading.isWorse() && fading.isWorse(isOpen: true) == (fading.chance < 0.1))
    #expect(pools(0, 0, 0, 0).chance == 1 && !pools(0, 0, 3, 3).isWorse(isOpen: true))
    #expect(pools(.nan, .infinity, -1, 1e300).chance <= 1)
  }

  @Test("many series at once: as many as keep the mean doubt at 5 %")
  func falseAlarms() {
    var limit = FalseAlarmLimit()
    #expect(limit.choose([]) == [])
    #expect(limit.choose([0.8, 0.999, 0.96, 0.1, .nan]) == [1, 2])
    #expect(limit.reports == 2)
    // Sure ones leave room for a doubtful one, but for none that is more likely noise.
    #expect(limit.choose([1, 1, 1, 1, 0.8, 0.4]) == [0, 1, 2, 3, 4])
    #expect(limit.doubt <= 0.05 * Double(limit.reports))
    var many = FalseAlarmLimit()
    #expect(many.choose([Double](repeating: 0.96, count: 1_000_000)).count == 1_000_000)
    #expect(!FalseAlarmLimit.isFlood(failed: 10, former: []) && FalseAlarmLimit.isFlood(failed: 11, former: []))
    #expect(!FalseAlarmLimit.isFlood(failed: 90, former: [40, 900, 40]))
    #expect(FalseAlarmLimit.isFlood(failed: 91, former: [40, 900, 40]))
  }

  @Test("closed after n clean runs: the worked numbers", arguments: [(0.5, 7), (0.3, 13), (0.1, 44), (0.05, 90)])
  func closing(_ rate: Double, _ runs: Int) {
    #expect(Closing.cleanRuns(rate: rate) == runs)
  }

  @Test("closed after silence, as in syzbot: from ten sightings on")
  func silence() throws {
    #expect(Closing.silentDays(seen: 9, within: 30) == nil)
    // Nine gaps in 30 days: 0.3 a day, so 3 ln 100 / 0.3.
    #expect(abs(try #require(Closing.silentDays(seen: 10, within: 30)) - 46.0517) < 0.001)
    #expect(Closing.silentDays(seen: 10, within: 0) == nil && Closing.silentDays(seen: 10, within: .nan) == nil)
    #expect(Closing.cleanRuns(rate: 0) == nil && Closing.cleanRuns(rate: .nan) == nil)
    #expect(
      Closing.cleanRuns(rate: 1) == 1 && Closing.cleanRuns(rate: 7) == 1 && Closing.cleanRuns(rate: 1e-300) == nil)
  }

  private func wish(
    _ name: String, probability: Double = 0.99, rate: Double = 0.5, kernels: Int = 10, seconds: Double = 60,
    family: String = "x", splat: String = "", bad: String = "b"
  ) -> SearchWish {
    SearchWish(
      series: SeriesKey(suite: "s", test: name), probability: probability, rate: rate, good: "a", bad: bad,
      goodFamily: "x", badFamily: family, splat: splat, kernels: kernels, secondsPerRun: seconds)
  }

  @Test("a search starts by itself if it is sure, of one configuration, not rare, and not open")
  func searches() {
    #expect(wish("a").refusal() == nil)
    #expect(wish("a", probability: 0.94).refusal() == .notSure && wish("a", probability: .nan).refusal() == .notSure)
    #expect(wish("a", family: "y").refusal() == .otherConfiguration)
    #expect(wish("a", rate: 0.049).refusal() == .tooRare && wish("a", rate: .nan).refusal() == .tooRare)
    #expect(wish("a", bad: "a").refusal() == .noRange)
    #expect(wish("a", splat: "t").refusal(open: [.init(good: "a", bad: "b", splat: "t")]) == .openSearch)
    #expect(wish("a", splat: "u").refusal(open: [.init(good: "a", bad: "b", splat: "t")]) == nil)
  }

  @Test("the cheapest search first, within the budget; one range is one search")
  func plan() {
    let wishes = [
      wish("far", kernels: 1000, splat: "f"), wish("near", splat: "n"), wish("twin", rate: 0.4, splat: "n"),
      wish("rare", rate: 0.1, splat: "r"),
    ]
    #expect(wishes.map(\.cost) == [120_000, 1200, 1500, 6000])
    let plan = SearchWish.plan(wishes, seconds: 10_000, searches: 5)
    #expect(plan.chosen.map(\.series.test) == ["near", "rare"])
    #expect(
      plan.refused.map(\.wish.series.test) == ["twin", "far"] && plan.refused.map(\.why) == [.openSearch, .budget])
    #expect(SearchWish.plan(wishes, seconds: 10_000, searches: 1).chosen.map(\.series.test) == ["near"])
    #expect(SearchWish.plan(wishes, seconds: .nan, searches: 9).chosen.isEmpty)
  }

  @Test("what was reported stays until 0.9 of the limit, and is told once")
  func hysteresis() {
    var seen = Hysteresis()
    let segment = Hysteresis.Segment(series: SeriesKey(suite: "s", test: "c"), since: 20_000)
    #expect(!seen.see(segment, probability: 0.94) && !seen.isOpen(segment))
    #expect(seen.see(segment, probability: 0.95) && seen.isOpen(segment))
    #expect(!seen.see(segment, probability: 0.86) && seen.isOpen(segment))
    #expect(!seen.see(segment, probability: 0.85) && !seen.isOpen(segment))
    #expect(!seen.see(segment, probability: 0.99) && seen.isOpen(segment))
    #expect(!seen.see(segment, probability: .nan) && !seen.isOpen(segment))
  }

  @Test("an excuse needs two flakes in 1 % of the runs, a reason, a link and an end; a crash has none")
  func quarantine() {
    #expect(Quarantine.isFlaky(flakes: 2, runs: 200) && !Quarantine.isFlaky(flakes: 2, runs: 300))
    #expect(!Quarantine.isFlaky(flakes: 1, runs: 5) && !Quarantine.isFlaky(flakes: 0, runs: 0))
    let series = SeriesKey(suite: "s", test: "c")
    let entry = Quarantine(
      series: series, reason: "slow under TCG", link: "https://example.org/1", firstSeen: 10, expires: 40,
      splats: ["WARNING in gup"])
    #expect(entry.excuses(series, .fail, splats: [], on: 20) && entry.excuses(series, .timeout, splats: [], on: 20))
    #expect(entry.excuses(series, .fail, splats: ["WARNING in gup"], on: 20))
    #expect(!entry.excuses(series, .fail, splats: ["WARNING in gup", "KASAN: x"], on: 20))
    #expect(!entry.excuses(series, .crash, splats: [], on: 20) && !entry.excuses(series, .error, splats: [], on: 20))
    #expect(!entry.excuses(series, .fail, splats: [], on: 40) && !entry.excuses(series, .fail, splats: [], on: .nan))
    #expect(!entry.excuses(SeriesKey(suite: "s", test: "d"), .fail, splats: [], on: 20))
    let bad = Quarantine(series: series, reason: " ", link: "", firstSeen: 10, expires: .infinity)
    #expect(bad.complaints == [.noReason, .noLink, .noEnd] && !bad.excuses(series, .fail, splats: [], on: 20))
  }

  @Test("names of series")
  func names() {
    #expect(SeriesKey.parts(ofSuite: "hmm-tests[thp=madvise]") == ("hmm-tests", "thp=madvise"))
    #expect(SeriesKey.parts(ofSuite: "a]") == ("a]", "") && SeriesKey.parts(ofSuite: "[x]") == ("", "x"))
    #expect(SeriesKey(suite: "s", cell: "a=1", test: "c", subtest: "d/e").name == "s[a=1]:c:d/e")
  }
}
