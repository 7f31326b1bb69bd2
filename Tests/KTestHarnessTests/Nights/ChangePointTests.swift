import Testing

@testable import KTestValues

@Suite("Where did the rate change?")
struct ChangePointTests {
  private func points(_ outcomes: [Bool]) -> [SeriesPoint] {
    outcomes.enumerated().map { SeriesPoint(day: Double($0), passes: $1 ? 0 : 1, failures: $1 ? 1 : 0) }
  }

  private func clean(_ count: Int) -> [Bool] { [Bool](repeating: false, count: count) }
  private func bad(_ count: Int) -> [Bool] { [Bool](repeating: true, count: count) }

  @Test(
    "the worked numbers: failures needed after clean runs",
    arguments: [(5, 13), (10, 6), (20, 4), (50, 3), (200, 2)])
  func needed(_ passes: Int, _ failures: Int) {
    #expect(ChangePoints(points(clean(passes) + bad(failures - 1))).changes.isEmpty)
    let changes = ChangePoints(points(clean(passes) + bad(failures))).changes
    #expect(changes.map(\.first) == [passes] && changes.allSatisfy(\.isWorse))
  }

  @Test("a change has a range of 99 %, and the runs of both sides")
  func range() throws {
    let sharp = try #require(ChangePoints(points(clean(100) + bad(10))).changes.first)
    #expect(sharp.first == 100 && sharp.range == 98...100 && sharp.probability > 0.999)
    #expect(sharp.before == RunTally(failures: 0, runs: 100) && sharp.after == RunTally(failures: 10, runs: 10))
    // It shows in one run of three: the first bad one may have passed some times.
    let rare = try #require(
      ChangePoints(points(clean(60) + (0..<30).map { $0 % 3 == 2 })).changes.first)
    #expect(rare.first == 62 && rare.range.contains(60) && rare.range.lowerBound > 40, "\(rare.range)")
  }

  @Test("worse, then better; and several runs of one kernel are one point")
  func twice() {
    let there = ChangePoints(points(clean(50) + bad(20) + clean(50)))
    #expect(there.changes.map(\.first) == [50, 70] && there.changes.map(\.isWorse) == [true, false])
    #expect(there.segmentStart == 70)
    let kernels = (0..<20).map { SeriesPoint(day: Double($0), passes: $0 < 10 ? 10 : 5, failures: $0 < 10 ? 0 : 5) }
    #expect(ChangePoints(kernels).changes.map(\.first) == [10])
  }

  @Test("no history, one entry, no runs, a million entries, a million runs in one entry")
  func hostile() {
    #expect(ChangePoints([]).changes.isEmpty && ChangePoints([]).segmentStart == 0)
    #expect(ChangePoints(points([true])).changes.isEmpty)
    #expect(ChangePoints((0..<50).map { SeriesPoint(day: Double($0)) }).changes.isEmpty)
    let million = ChangePoints(points(clean(999_990) + bad(10)))
    #expect(million.skipped == 998_000 && million.changes.map(\.first) == [999_990])
    // As many changes as there can be.
    let restless = ChangePoints(points((0..<100_000).map { $0 / 40 % 2 == 0 }))
    #expect(restless.changes.count > 20)
    let huge = [SeriesPoint(day: 0, passes: .max, failures: 0), SeriesPoint(day: 1, passes: .min, failures: .max)]
    let change = ChangePoints(huge).changes.first
    #expect(change?.first == 1 && change?.probability == 1)
  }

  @Test("the same times and a clock that was set back change nothing but the weights")
  func clocks() {
    let back = [
      SeriesPoint(day: 100, passes: 4), SeriesPoint(day: 100, passes: 4), SeriesPoint(day: 500, passes: 4),
      SeriesPoint(day: .nan, passes: 4), SeriesPoint(day: -.infinity, passes: 4),
    ]
    // Two of now, one of the future and one of no time count in full; one of ever ago not at all.
    #expect(back.decayed(at: 100) == RunTally(failures: 0, runs: 16))
    #expect(back.prefix(1).decayed(at: 130) == RunTally(failures: 0, runs: 2))
    #expect(back.prefix(1).decayed(at: 160) == RunTally(failures: 0, runs: 1))
  }
}
