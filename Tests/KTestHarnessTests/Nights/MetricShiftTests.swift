import Testing

@testable import KTestValues

@Suite("Did a metric change?")
struct MetricShiftTests {
  /// Values around a level, with a spread of ±`spread`.
  private func values(_ level: Double, _ count: Int, spread: Double = 1, seed: UInt64 = 1) -> [Double] {
    var numbers = SeededNumbers(seed: seed)
    return (0..<count).map { _ in level + spread * (2 * numbers.fraction() - 1) }
  }

  @Test("a shift is found where it is; noise and small changes are none")
  func shifts() throws {
    let shift = try #require(MetricShifts(values(100, 30) + values(110, 10, seed: 2))?.shifts.first)
    #expect(shift.first == 30 && abs(shift.share - 0.1) < 0.02 && shift.chance < 0.001)
    #expect(MetricShifts(values(100, 200))?.shifts == [])
    // 1.5 %, however certain; and less than three deviations.
    #expect(MetricShifts(values(100, 50, spread: 0.1) + values(101.5, 50, spread: 0.1, seed: 2))?.shifts == [])
    #expect(MetricShifts(values(100, 50, spread: 10) + values(108, 50, spread: 10, seed: 2))?.shifts == [])
    let two = MetricShifts(values(100, 30) + values(120, 30, seed: 2) + values(90, 30, seed: 3))?.shifts.map(\.first)
    #expect(two == [30, 60])
  }

  @Test("nothing, few, equal, huge and impossible values")
  func hostile() {
    #expect(MetricShifts([])?.shifts == [] && MetricShifts([1, 2, 3])?.shifts == [])
    #expect(MetricShifts([Double](repeating: 5, count: 100))?.shifts == [])
    #expect(MetricShifts([1, 2, .nan]) == nil && MetricShifts([1, .infinity]) == nil && MetricShifts([1e308]) == nil)
    // From one constant to another: no spread at all.
    let step = MetricShifts([0, 0, 0, 0, 0, 7, 7, 7, 7, 7])?.shifts
    #expect(step?.map(\.first) == [5] && step?.first?.share == 1 && step?.first?.chance == 0)
    let long = MetricShifts(values(100, 10_000) + values(130, 100, seed: 2))
    #expect(long?.skipped == 9600 && long?.shifts.map(\.first) == [10_000])
  }

  @Test("three boots a side confirm, fewer are weak at best")
  func confirmation() {
    #expect(MetricConfirmation(base: [1, 2, 3], sample: [4, 5, 6]).finding == .confirmed(chance: 0.05))
    #expect(MetricConfirmation(base: [1, 2, 4], sample: [3, 5, 6]).finding == .refuted)
    #expect(MetricConfirmation(base: [10, 11], sample: [20, 21]).finding == .weak)
    #expect(MetricConfirmation(base: [10, 19], sample: [20, 29]).finding == .refuted)
    #expect(MetricConfirmation(base: [], sample: [1]).finding == .refuted)
    #expect(MetricConfirmation(base: [.nan, 1, 1], sample: [2, .infinity, 2, 2]).finding == .weak)
  }

  @Test("Mann and Whitney's probabilities: exact, with ties, and of many values")
  func ranks() {
    #expect(rankChance([1, 2, 3, 4], [5, 6, 7, 8]) == 1.0 / 70)
    #expect(rankChance([1, 1, 1], [1, 1, 1]) == 1)
    #expect(abs(rankChance([1, 2, 2], [2, 3, 3]) - 0.15) < 1e-12)
    let (low, high) = (values(100, 60), values(101, 60, seed: 2))
    #expect(rankChance(low, high) < 1e-6 && rankChance(low, values(100, 60, seed: 3)) > 0.01)
    #expect(rankChance([Double](repeating: 1, count: 30), [Double](repeating: 1, count: 30)) == 1)
  }

  @Test("the functions below, against tables")
  func functions() {
    // I_0.3(2, 5) = 1 − 0.7⁶ − 6·0.3·0.7⁵, by the binomial sum.
    #expect(abs(betaProbability(0.3, 2, 5) - 0.579825) < 1e-9)
    #expect(abs(betaProbability(0.9, 20, 3) - 0.6200) < 0.001)
    #expect(betaProbability(0, 1, 1) == 0 && betaProbability(1, 1, 1) == 1 && betaProbability(.nan, 1, 1) == 0)
    // Student's 95 % point for ten degrees is 2.228.
    #expect(abs(studentTails(2.228, degrees: 10) - 0.05) < 1e-4)
    #expect(studentTails(.nan, degrees: 10) == 1 && studentTails(.infinity, degrees: 10) == 0)
    let interval = RunTally(failures: 3, runs: 40).interval()
    #expect(abs(interval.lowerBound - 0.0216) < 0.001 && abs(interval.upperBound - 0.1868) < 0.001)
    #expect(RunTally().interval() == 0...1 && RunTally(failures: 5, runs: 5).interval().upperBound == 1)
    for value in [Double.nan, .infinity, -1, 0, 1e308] {
      #expect(logBeta(value, 1).isFinite && logBeta(1, value).isFinite && logBeta(value, value).isFinite)
    }
  }
}
