import KTestValues

/// Made-up runs, one every night: a quarter of the series fail now and then, and some fail always from a night on.
struct SimulatedRuns {
  private var numbers = SeededNumbers(seed: 1)
  private let series: [(key: SeriesKey, rate: Double, brokenFrom: Int)]

  /// The cases of a suite, and the subtests of a case.
  static let (cases, subtests) = (10, 9)
  static let (test, subtest) = ("case-1", "subtest-1")
  static func suite(_ number: Int) -> String { "suite-\(number)" }

  init(series count: Int) {
    var numbers = SeededNumbers(seed: 2)
    var series: [(SeriesKey, Double, Int)] = []
    for place in 0..<count {
      let (test, part) = (place / (SimulatedRuns.subtests + 1), place % (SimulatedRuns.subtests + 1))
      let key = SeriesKey(
        suite: SimulatedRuns.suite(test / SimulatedRuns.cases), test: "case-\(test % SimulatedRuns.cases)",
        subtest: part == 0 ? "" : "subtest-\(part)", family: "built, defconfig", accelerator: "kvm",
        host: "2 CPUs, 24 GiB")
      let rate = numbers.fraction() < 0.25 ? numbers.fraction() * 0.3 : 0
      series.append((key, rate, numbers.fraction() < 0.03 ? numbers.below(10_000) : .max))
    }
    self.series = series
  }

  mutating func run(_ night: Int) -> IndexedRun {
    let start = WallTime(milliseconds: 1_600_000_000_000 + Int64(night) * 86_400_000)
    var run = IndexedRun(name: RunID.make(at: start), started: start.milliseconds)
    let kernel = IndexedRun.Kernel(
      label: "linux@\(night / 4)", release: "6.\(night / 400)", identity: "\(night / 4)", commit: "c0ffee\(night / 4)")
    for one in series {
      let failed = night >= one.brokenFrom || one.rate > 0 && numbers.fraction() < one.rate
      run.results.append(
        IndexedRun.Result(
          series: one.key, kernel: kernel, verdict: failed ? .fail : .pass, executed: one.key.subtest.isEmpty ? 9 : 0,
          reason: failed ? "exited with \(numbers.below(250)) in night \(night)" : "", splats: []))
    }
    return run
  }
}
