import Testing

@testable import KTestValues

@Suite("What is said of a metric in one night")
struct MetricNightTests {
  private func night(
    _ past: [Double], suspects: Int = 0, _ tonight: Double, isCount: Bool = false, hasGoodKernel: Bool = true
  ) -> MetricNight {
    MetricNight(past: past, suspects: suspects, tonight: tonight, isCount: isCount, hasGoodKernel: hasGoodKernel)
  }

  @Test("a value is suspected outside of the range, by 2 % and three deviations, after three nights")
  func suspicion() {
    let past = [100.0, 101, 99, 100, 102]
    #expect(night(past, 105).start == 5 && night(past, 95).start == 5)
    // In the range; outside by less than 2 %; outside by less than three deviations.
    #expect(night(past, 101.5).start == nil && night([100, 100, 100], 101.9).start == nil)
    #expect(night([100, 110, 90, 95, 105], 111).start == nil)
    #expect(night([100, 100], 200).start == nil && night(past, .nan).start == nil)
    // Counts do not vary.
    #expect(night([6_409_812, 6_409_812, 6_409_812], 6_420_000, isCount: true).start == 3)
    #expect(night([6_409_812, 6_409_812, 6_409_812], 6_410_000, isCount: true).start == nil)
    #expect(night([0, 0, 0], 1).start == 3 && night([0, 0, 0], 0).start == nil)
  }

  @Test("a drift that no single night shows is found where it began")
  func drift() {
    // The fifth value widened the range, so that those after it are in it.
    let past = [100.0, 101, 99, 100, 101, 99, 100, 110, 110.5, 109.5, 110]
    #expect(night(past, 110).start == 7)
    // A night that could not be confirmed is not what the next one is compared with.
    #expect(night([100, 101, 99, 110], suspects: 1, 109).start == 3)
    #expect(night([100, 101, 99, 110], 109).start == nil)
  }

  @Test("three boots a side, apart and in its direction, confirm it; an overlap ends it at once")
  func confirmation() {
    var one = night([100, 101, 99], 120)
    #expect(one.isWanted && one.outcome == .suspected(before: 100, after: 120))
    for (good, bad) in [(100.0, 119.0), (102, 121)] {
      one.addGoodKernel(good)
      one.add(bad)
      #expect(one.isWanted)
    }
    #expect(one.outcome == .suspected(before: 101, after: 120))
    one.addGoodKernel(99)
    one.add(120)
    #expect(!one.isWanted && one.outcome == .moved(before: 100, after: 120, chance: 0.05))
    var other = night([100, 101, 99], 120)
    other.addGoodKernel(120)
    other.add(119)
    #expect(!other.isWanted && other.outcome == .refuted)
    // Apart, but the other way round.
    var reverse = night([100, 101, 99], 80)
    reverse.addGoodKernel(80)
    reverse.add(90)
    #expect(!reverse.isWanted && reverse.outcome == .refuted)
    // Apart by less than 2 %.
    var small = night([100, 100, 100], 103)
    for _ in 0..<3 {
      small.addGoodKernel(102)
      small.add(103)
    }
    #expect(small.outcome == .refuted)
  }

  @Test("without the kernel before it, nothing is confirmed")
  func alone() {
    let one = night([100, 101, 99], 120, hasGoodKernel: false)
    #expect(!one.isWanted && one.outcome == .suspected(before: 100, after: 120))
    #expect(night([100, 101, 99], 100, hasGoodKernel: false).outcome == .steady)
  }

  @Test("what is kept for the next night")
  func memory() {
    let id = MetricID(kernel: "k", series: SeriesKey(suite: "s", test: "a"), name: "m", unit: "us", better: .lower)
    func point(_ value: Double) -> NightMemory.MetricPast.Point {
      NightMemory.MetricPast.Point(
        night: "n", day: value, build: NightRecord.Build(label: "k", identity: "k"), value: value)
    }
    func past(_ values: [Double], suspects: Int = 0) -> NightMemory.MetricPast {
      var past = NightMemory.MetricPast(id)
      (past.points, past.suspects) = (values.map(point), suspects)
      return past
    }
    func after(_ outcome: MetricNight.Outcome, _ start: Int?, suspects: Int = 0) -> (values: [Double], suspects: Int) {
      var past = past([1, 2, 3], suspects: suspects)
      past.add(point(9), outcome, start: start)
      return (past.points.map(\.value), past.suspects)
    }
    #expect(after(.steady, nil) == ([1, 2, 3, 9], 0))
    #expect(after(.moved(before: 2, after: 9, chance: 0.05), 3) == ([9], 0))
    #expect(after(.moved(before: 1, after: 9, chance: 0.05), 1) == ([2, 3, 9], 0))
    // One odd night stays among the others; what stays odd becomes the measure.
    #expect(after(.refuted, 3) == ([1, 2, 3, 9], 0) && after(.refuted, 2) == ([3, 9], 0))
    #expect(after(.suspected(before: 2, after: 9), 3, suspects: 0) == ([1, 2, 3, 9], 1))
    var long = past((0..<10).map(Double.init), suspects: SeriesNight.suspectedNights)
    long.add(point(10), .suspected(before: 1, after: 9), start: 3)
    #expect(long.points.map(\.value) == [3, 4, 5, 6, 7, 8, 9, 10] && long.suspects == 0)
    var many = past((0..<200).map(Double.init))
    many.add(point(200), .steady, start: nil)
    #expect(many.points.count == 60 && many.points.last?.value == 200)
  }
}
