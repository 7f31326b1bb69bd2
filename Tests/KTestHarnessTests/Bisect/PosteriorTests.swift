import Testing

@testable import KTestValues

@Suite struct PosteriorTests {
  private func evidence(_ graph: CommitGraph, _ count: Int, _ numbers: inout SeededNumbers) -> [Evidence] {
    (0..<count).map { _ in
      let node = numbers.below(graph.count)
      let outcome = ProbeOutcome.allCases[numbers.below(ProbeOutcome.allCases.count)]
      let source: Evidence.Source = numbers.below(8) == 0 ? .statement : .run
      let subject: Evidence.Subject =
        numbers.below(10) == 0 ? .reverted(graph.commit(node)) : .commit(graph.commit(node))
      return Evidence(subject, outcome, source: source)
    }
  }

  @Test func chancesSumToOneWhateverWasSeen() throws {
    var numbers = SeededNumbers(seed: 1)
    for _ in 0..<60 {
      let graph = try SmallHistory.random(1 + numbers.below(80), &numbers)
      var bisection = Bisection(graph)
      for item in evidence(graph, numbers.below(60), &numbers) { bisection.add(item) }
      let chances = bisection.probabilities
      #expect(abs(chances.reduce(0, +) - 1) < 1e-9)
      #expect(chances.allSatisfy { $0 >= 0 && $0 <= 1 })
    }
  }

  @Test func theOrderOfEvidenceDoesNotMatterInTheLastBit() throws {
    var numbers = SeededNumbers(seed: 2)
    for _ in 0..<30 {
      let graph = try SmallHistory.random(50, &numbers)
      var items = evidence(graph, 40, &numbers)
      var first = Bisection(graph)
      for item in items { first.add(item) }
      items.shuffle(using: &numbers)
      var second = Bisection(graph)
      for item in items { second.add(item) }
      #expect(first.probabilities == second.probabilities)
    }
  }

  /// The same formula, hypothesis by hypothesis and rate by rate, without classes.
  @Test func chancesAreThoseOfThePlainSum() throws {
    var numbers = SeededNumbers(seed: 3)
    let graph = try SmallHistory.random(25, &numbers)
    var bisection = Bisection(graph)
    let items = evidence(graph, 30, &numbers).filter {
      if case .commit = $0.subject { return $0.source == .run }
      return false
    }
    for item in items { bisection.add(item) }
    func product(_ prior: RatePrior, _ outcomes: [ProbeOutcome]) -> Double {
      let plain = RatePrior(zip(prior.rates, prior.logWeights).map { ($0, exponential($1)) })
      return plain.rates.indices.reduce(0) { sum, index in
        sum
          + outcomes.filter(\.speaks).reduce(exponential(plain.logWeights[index])) {
            $0 * ($1 == .targetSeen ? plain.rates[index] : 1 - plain.rates[index])
          }
      }
    }
    var weights = (0...graph.count).map { hypothesis -> Double in
      let isNowhere = hypothesis == graph.count
      let hasBug = items.map { item -> Bool in
        guard case .commit(let commit) = item.subject, let node = graph.node(of: commit), !isNowhere else {
          return false
        }
        return graph.hasBug(node, from: hypothesis)
      }
      let prior = isNowhere ? 0.02 : hypothesis == 0 ? 0.03 : 0.95 / 25
      return prior * product(bisection.sceptical.product, zip(items, hasBug).filter(\.1).map(\.0.outcome))
        * product(.falseAlarm, zip(items, hasBug).filter { !$0.1 }.map(\.0.outcome))
    }
    let total = weights.reduce(0, +)
    weights = weights.map { $0 / total }
    #expect(zip(weights, bisection.probabilities).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test func theRateIsBelievedAsJeffreysSays() {
    let prior = RatePrior.showing(certainty: 0.1)
    #expect(prior.rates.last == 1 && prior.rates.dropLast().allSatisfy { (0.01..<1).contains($0) })
    // Even in arcsin √p between 1 % and 1: below one half lie (π/4 − 0.1)/(π/2 − 0.1) of it.
    let low = zip(prior.rates, prior.logWeights).filter { $0.0 < 0.5 }.reduce(0) { $0 + exponential($1.1) }
    #expect(abs(low - 0.9 * 0.466) < 0.02)
  }

  /// e to the power of x by its series, for numbers near zero and below.
  private func exponential(_ x: Double) -> Double {
    let small = x / 64
    var (sum, term) = (1.0, 1.0)
    for n in 1..<30 {
      term *= small / Double(n)
      sum += term
    }
    return (0..<6).reduce(sum) { value, _ in value * value }
  }

  @Test func aBadEndThatNeverShowsIsSaid() throws {
    var bisection = Bisection(try SmallHistory.line(20))
    while case .probe(let probe) = bisection.next() { bisection.add(Evidence(.commit(probe.commit), .clean)) }
    #expect(bisection.peek == .stop(.badEndIsClean(runs: 60)))
  }

  @Test func aGoodEndThatShowsTheTargetIsSaid() throws {
    var bisection = Bisection(try SmallHistory.line(20))
    while case .probe(let probe) = bisection.next() { bisection.add(Evidence(.commit(probe.commit), .targetSeen)) }
    guard case .stop(.goodEndHasTarget(0, let probability)) = bisection.next() else {
      Issue.record("\(bisection.peek)")
      return
    }
    #expect(probability > 0.95)
  }

  @Test func oneSightingTakesBackManyCleanRuns() throws {
    let graph = try SmallHistory.line(10)
    var bisection = Bisection(graph)
    for (node, outcome) in [(10, ProbeOutcome.targetSeen), (10, .clean), (10, .clean), (0, .clean)] {
      bisection.add(Evidence(.commit(graph.commit(node)), outcome))
    }
    for _ in 0..<6 { bisection.add(Evidence(.commit(graph.commit(5)), .clean)) }
    let before = bisection.probabilities[1...5].reduce(0, +)
    bisection.add(Evidence(.commit(graph.commit(5)), .targetSeen))
    let after = bisection.probabilities[1...5].reduce(0, +)
    #expect(before < 0.3 && after > 0.9)
  }

  @Test func infrastructureAndOtherFailuresSayNothingOfTheCulprit() throws {
    let graph = try SmallHistory.line(10)
    var bisection = Bisection(graph)
    let before = bisection.probabilities
    for outcome in [ProbeOutcome.infrastructure, .otherFailure, .unusable] {
      bisection.add(Evidence(.commit(graph.commit(5)), outcome))
    }
    #expect(bisection.probabilities == before)
  }

  @Test func identicalKernelsRuleOutWhatLiesBetween() throws {
    let graph = try SmallHistory.line(10)
    var bisection = Bisection(graph)
    let isKnown = bisection.addIdentical(graph.commit(3), graph.commit(6))
    #expect(isKnown)
    #expect(bisection.probabilities[4...6].allSatisfy { $0 == 0 })
    #expect(bisection.probabilities[3] > 0 && bisection.probabilities[7] > 0)
    bisection.addIdentical(graph.commit(0), graph.commit(10))
    let left = bisection.probabilities
    #expect(left[1...10].allSatisfy { $0 == 0 })
  }

  @Test func aRevertThatEndsTheTargetSpeaksForTheCulprit() throws {
    let graph = try SmallHistory.line(8)
    var bisection = Bisection(graph)
    for node in [8, 8, 8] { bisection.add(Evidence(.commit(graph.commit(node)), .targetSeen)) }
    let before = bisection.probabilities[4]
    for _ in 0..<3 { bisection.add(Evidence(.reverted(graph.commit(4)), .clean)) }
    #expect(bisection.probabilities[4] > 5 * before)
    #expect(!bisection.revertIsWorthwhile(of: 4) && bisection.revertIsWorthwhile(of: 5))
  }
}
