import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("A simulated year of nights")
struct NightsBenchTests {
  /// A small form of the year, with as many regressions for each series.
  private static let small: NightsBench.Conditions = {
    var small = NightsBench.Conditions()
    (small.series, small.nights, small.lifetime) = (150, 120, 40)
    (small.rates, small.perRate) = ([0.3, 1], 12)
    return small
  }()

  @Test("the same seed gives the same table, another seed another one")
  func seeds() throws {
    var tiny = Self.small
    (tiny.series, tiny.nights, tiny.perRate) = (40, 80, 4)
    let table = try NightsBench(tiny, seed: 7).text
    #expect(try NightsBench(tiny, seed: 7).text == table)
    #expect(try NightsBench(tiny, seed: 8).text != table)
  }

  @Test("few false alarms, always-failing regressions in the first night, fewer runs than a retry of everything")
  func goals() throws {
    let bench = try NightsBench(Self.small, seed: 1)
    let (ours, retry, five) = (bench.tallies[0], bench.tallies[1], bench.tallies[2])
    #expect(ours.falseShare <= 0.05 && ours.falseAlarms < retry.falseAlarms && ours.falseAlarms < five.falseAlarms)
    let always = ours.foundInSteady[1]
    #expect(always.planted > 3 && always.share(within: 1) == 1)
    #expect(ours.found[1].missed == 0 && ours.found[1].share(within: 4) == 1)
    #expect(ours.reruns < retry.reruns)
  }

  @Test("a night on which the host fails blames no series")
  func sick() throws {
    var sick = Self.small
    (sick.series, sick.nights, sick.sickNights, sick.perRate) = (200, 80, 3, 2)
    let bench = try NightsBench(sick, seed: 1)
    #expect(bench.floods > 0 && bench.tallies[0].falseAlarms <= 2)
    #expect(bench.tallies[1].falseAlarms > 10)
  }

  @Test("no series, no nights, nothing planted")
  func nothing() throws {
    var none = Self.small
    (none.series, none.nights) = (0, 0)
    #expect(try NightsBench(none).tallies.allSatisfy { $0.reports == 0 && $0.reruns == 0 })
    (none.series, none.nights, none.perRate, none.warmUp) = (3, 5, 9, 30)
    #expect(try NightsBench(none).tallies.count == 3)
  }
}
