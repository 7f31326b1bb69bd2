import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

/// What is believed of runs that share their boots.
@Suite struct BootPriorTests {
  private func counts(_ boots: [(seen: Int, clean: Int)]) -> BootCounts {
    var counts = BootCounts()
    for boot in boots { counts.add(BootRuns(seen: boot.seen, clean: boot.clean)) }
    return counts
  }

  @Test func withOneRunABootOnlyTheProductMatters() throws {
    let prior = BootPrior.showing(certainty: 0.1)
    for boots in [[(1, 0)], [(0, 1), (0, 1), (1, 0)], [(Int, Int)](repeating: (0, 1), count: 30) + [(1, 0), (1, 0)]] {
      let counts = counts(boots)
      #expect(counts.isSingle)
      #expect(prior.logEvidence(counts) == prior.product.logEvidence(seen: counts.seen, clean: counts.clean))
      // The whole grid says the same.
      let whole = try #require(prior.posterior(counts))
      let plain = try #require(prior.product.posterior(seen: counts.seen, clean: counts.clean))
      for (rate, weight) in zip(prior.product.rates, plain) {
        let sum = zip(prior.points, whole).filter { $0.0.product == rate }.reduce(0) { $0 + $1.1 }
        #expect(abs(sum - weight) < 1e-9)
      }
    }
  }

  @Test func theLikelihoodOfABootAddsUp() {
    for point in BootPrior.showing(certainty: 0.1).points {
      // Until the first sighting, or all of eight runs are clean.
      let ends = (0..<8).map { BootRuns(seen: 1, clean: $0) } + [BootRuns(seen: 0, clean: 8)]
      let sum = ends.reduce(0) { $0 + exp(point.logLikelihood($1)) }
      #expect(abs(sum - 1) < 1e-9, "\(point)")
      #expect(abs(exp(point.logLikelihood(ends[8])) + point.chance(runs: 8) - 1) < 1e-9)
      let runs = (0..<8).reduce(8 * exp(point.logLikelihood(ends[8]))) {
        $0 + Double($1 + 1) * exp(point.logLikelihood(ends[$1]))
      }
      #expect(abs(runs - point.expectedRuns(atMost: 8)) < 1e-9)
      #expect(abs(point.between * point.within - point.product) < 1e-12)
    }
  }

  /// Sixteen clean clones of one boot say little if the bug may be decided at boot; sixteen boots say much.
  @Test func cleanClonesAreNotCleanBoots() {
    let prior = BootPrior.showing(certainty: 0.1)
    func doubt(_ before: [(Int, Int)], _ clean: [(Int, Int)]) -> Double {
      exp(prior.logEvidence(counts(before + clean)) - prior.logEvidence(counts(before)))
    }
    let unknown = [(1, 0), (0, 1), (0, 1)]
    let boots = [(Int, Int)](repeating: (0, 1), count: 16)
    #expect(doubt(unknown, [(0, 16)]) > 3 * doubt(unknown, boots))
    // Once it has shown late in its boots, clones are nearly as good. Once only first runs showed it, more of them add little.
    let within = [(1, 5), (1, 9), (1, 2), (1, 12), (0, 16)]
    let atBoot = [(1, 0), (0, 16), (0, 16), (1, 0), (0, 16), (1, 0), (1, 0)]
    #expect(doubt(within, [(0, 32)]) < 0.2)
    #expect(doubt(atBoot, [(0, 32)]) > 0.8 * doubt(atBoot, [(0, 1)]))
  }

  @Test func aBootCountsOnceForFalseAlarms() {
    let clean = counts([(0, 64), (0, 64)])
    let none = counts([])
    let alarms = RatePrior.falseAlarm
    #expect(alarms.logEvidence(clean, without: none) == alarms.logEvidence(seen: 0, clean: 2))
    #expect(alarms.logEvidence(counts([(1, 20), (0, 9)]), without: none) == alarms.logEvidence(seen: 1, clean: 1))
  }

  @Test func theOrderOfBootsDoesNotMatterInTheLastBit() throws {
    var numbers = SeededNumbers(seed: 11)
    for _ in 0..<20 {
      let graph = try SmallHistory.random(30, &numbers)
      var items = (0..<40).map { _ -> Evidence in
        let outcome: ProbeOutcome = [.clean, .targetSeen, .otherFailure, .infrastructure][numbers.below(4)]
        return Evidence(.commit(graph.commit(numbers.below(graph.count))), outcome, clean: numbers.below(40))
      }
      var first = Bisection(graph)
      for item in items { first.add(item) }
      items.shuffle(using: &numbers)
      var second = Bisection(graph)
      for item in items { second.add(item) }
      #expect(first.probabilities == second.probabilities && abs(first.probabilities.reduce(0, +) - 1) < 1e-9)
    }
  }

  /// The same formula, hypothesis by hypothesis, without classes and tables.
  @Test func chancesAreThoseOfThePlainSum() throws {
    var numbers = SeededNumbers(seed: 12)
    let graph = try SmallHistory.random(15, &numbers)
    var bisection = Bisection(graph)
    var boots: [(node: Int, seen: Bool, clean: Int)] = []
    for _ in 0..<15 {
      let boot = (node: numbers.below(graph.count), seen: numbers.below(3) == 0, clean: 1 + numbers.below(20))
      boots.append(boot)
      let outcome: ProbeOutcome = boot.seen ? .targetSeen : .clean
      bisection.add(
        Evidence(.commit(graph.commit(boot.node)), outcome, clean: boot.seen ? boot.clean : boot.clean - 1))
    }
    let (prior, alarms) = (bisection.sceptical, RatePrior.falseAlarm)
    let empty = try #require(prior.posterior(BootCounts()))
    var weights = (0...graph.count).map { hypothesis -> Double in
      let isNowhere = hypothesis == graph.count
      func hasBug(_ node: Int) -> Bool { !isNowhere && graph.hasBug(node, from: hypothesis) }
      let showing = zip(prior.points, empty).reduce(0.0) { sum, item in
        sum
          + boots.filter { hasBug($0.node) }.reduce(item.1) { product, boot in
            let misses = pow(1 - item.0.within, Double(boot.clean))
            return product
              * (boot.seen ? item.0.between * item.0.within * misses : item.0.between * misses + 1 - item.0.between)
          }
      }
      let others = boots.filter { !hasBug($0.node) }
      let alarm = zip(alarms.rates, alarms.logWeights).reduce(0.0) { sum, item in
        sum + others.reduce(exp(item.1)) { $0 * ($1.seen ? item.0 : 1 - item.0) }
      }
      return (isNowhere ? 0.02 : hypothesis == 0 ? 0.03 : 0.95 / 15) * showing * alarm
    }
    let total = weights.reduce(0, +)
    weights = weights.map { $0 / total }
    #expect(zip(weights, bisection.probabilities).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test func aJournalWithoutBootsIsReadAsOneBootARun() throws {
    let old = """
      {"subject":{"commit":{"_0":"c1"}},"outcome":"clean","source":"run","note":""}
      """
    let item = try JSONDecoder().decode(Evidence.self, from: Data(old.utf8))
    #expect(item.clean == nil && item.boot == BootRuns(seen: 0, clean: 1) && item.runs == 1)
    let parameters = try JSONEncoder().encode(BisectionParameters())
    #expect(try JSONDecoder().decode(BisectionParameters.self, from: parameters).clones == nil)
    // What a damaged one says of a boot stays within bounds.
    for clean in [Int.min, -1, Int.max] {
      let damaged = Evidence(.commit("c1"), .clean, clean: clean)
      #expect((1...1_000_001).contains(damaged.runs))
    }
    let lost = Evidence(.commit("c1"), .infrastructure, clean: 5)
    #expect(lost.boot == BootRuns(seen: 0, clean: 5) && lost.runs == 6 && lost.speaks)
    #expect(!Evidence(.commit("c1"), .otherFailure, clean: 0).speaks)
  }
}
