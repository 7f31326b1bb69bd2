import Testing

@testable import KTestValues

@Suite("Is a failure new?")
struct FailureTestTests {
  /// Returns the probabilities after each failure in a row.
  private func failing(_ failures: Double, of runs: Double, times: Int) -> [Double] {
    var test = FailureTest(history: RunTally(failures: failures, runs: runs))
    return (0..<times).map { _ in
      test.add(failed: true)
      return (test.probability * 100).rounded() / 100
    }
  }

  @Test("the worked numbers: history 0/10, 0/30, 0/100, 1/30, 3/30")
  func failuresInARow() {
    #expect(failing(0, of: 10, times: 5) == [0.10, 0.40, 0.74, 0.91, 0.97])
    #expect(failing(0, of: 30, times: 3) == [0.24, 0.83, 0.98])
    #expect(failing(0, of: 100, times: 2) == [0.50, 0.98])
    #expect(failing(1, of: 30, times: 4) == [0.09, 0.50, 0.89, 0.98])
    #expect(failing(3, of: 30, times: 5) == [0.04, 0.19, 0.54, 0.84, 0.96])
  }

  @Test("the worked numbers: one failure, then passes, history 0/30")
  func failureThenPasses() {
    var test = FailureTest(history: RunTally(failures: 0, runs: 30))
    test.add(failed: true)
    #expect(test.decision == .runAgain)
    test.add(failed: false)
    #expect((test.probability * 100).rounded() == 8 && test.decision == .runAgain)
    test.add(failed: false)
    #expect((test.probability * 100).rounded() == 4 && test.decision == .flake)
  }

  @Test("it runs again until 0.95, until 0.05, or eight times")
  func decisions() {
    func decision(_ history: RunTally, _ outcomes: [Bool]) -> FailureTest.Decision {
      var test = FailureTest(history: history)
      for failed in outcomes { test.add(failed: failed) }
      return test.decision
    }
    let clean = RunTally(failures: 0, runs: 100)
    #expect(decision(clean, []) == .runAgain)
    #expect(decision(clean, [true]) == .runAgain)
    #expect(decision(clean, [true, true]) == .newFailure)
    #expect(decision(RunTally(failures: 3, runs: 30), [true]) == .flake)
    #expect(decision(RunTally(failures: 0, runs: 3), [Bool](repeating: true, count: 7)) == .runAgain)
    #expect(decision(RunTally(failures: 0, runs: 3), [Bool](repeating: true, count: 8)) == .undecided)
  }

  @Test("where the last good kernel fails as well, the kernel is not to blame")
  func goodKernel() {
    var test = FailureTest(history: RunTally(failures: 0, runs: 100), hasGoodKernel: true)
    var (tonight, good) = (0, 0)
    while test.decision == .runAgain || test.decision == .runGoodKernel {
      if test.decision == .runAgain {
        test.add(failed: true)
        tonight += 1
      } else {
        test.addGoodKernel(failed: true)
        good += 1
      }
    }
    #expect(test.decision == .elsewhere && tonight == 2 && good == 2)

    test = FailureTest(history: RunTally(failures: 0, runs: 100), hasGoodKernel: true)
    test.add(failed: true)
    test.add(failed: true)
    #expect(test.decision == .runGoodKernel)
    test.addGoodKernel(failed: false)
    #expect(test.decision == .runGoodKernel)
    test.addGoodKernel(failed: false)
    #expect(test.decision == .newFailure)
  }

  @Test("numbers that no history has give no number that is none", arguments: [0, 1, .nan, .infinity, -1, 1e300])
  func hostile(_ number: Double) {
    for other in [0, 1, .nan, .infinity, -1, 1e300] as [Double] {
      var test = FailureTest(history: RunTally(failures: number, runs: other), odds: number)
      test.carried = RunTally(failures: other, runs: number)
      test.past = RunTally(failures: other, runs: number)
      test.steadyShare = number
      for failed in [true, false, true] {
        test.add(failed: failed)
        #expect((0...1).contains(test.probability))
        _ = test.decision
      }
    }
  }

  @Test("the odds begin at 0.01, are learned, and stay within their bounds")
  func odds() {
    var priors = NightPriors()
    #expect(priors.odds == 0.01 && priors.steadyShare == 0)
    priors.learn(looked: 100_000, broken: 50)
    #expect((0.0013...0.0014).contains(priors.odds))
    priors.learn(looked: 10_000_000, broken: 0)
    #expect(priors.odds == 1e-4)
    priors.learn(looked: -5, broken: -5)
    priors.learn(looked: Int(Int32.max), broken: Int(Int32.max))
    #expect(priors.odds == 0.05)
    priors.count((0..<100).map { RunTally(failures: $0 < 19 ? 1 : 0, runs: 40) })
    #expect((0.78...0.79).contains(priors.steadyShare))
    priors.count((0..<100).map { _ in RunTally(failures: 0, runs: 29) })
    #expect(priors.steadyShare == 0)
  }

  @Test("one failure of a series that is steady weighs more where most series are")
  func steady() {
    var test = FailureTest(history: RunTally(failures: 0, runs: 40))
    test.past = RunTally(failures: 0, runs: 200)
    test.add(failed: true)
    let unknown = test.probability
    test.steadyShare = 0.7
    #expect(unknown < 0.35 && test.probability > 0.9)
    // It failed before: no share of steady series makes it one.
    test.past = RunTally(failures: 8, runs: 200)
    test.history = RunTally(failures: 2, runs: 40)
    #expect(test.probability < 0.1)
  }
}
