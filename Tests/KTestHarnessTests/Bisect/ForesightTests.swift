import Testing

@testable import KTestValues

/// What is under way is foreseen, and what a probe tells beside it.
@Suite struct ForesightTests {
  private static let cost = CostModel(fullBuild: 0, incrementalBuild: 0, boot: 3, run: 0.5)

  private func choice(_ bisection: Bisection, besides nodes: [Int], clones: Int = 1) throws -> SharedChoice {
    let distribution = try #require(bisection.posterior.distribution(bisection.optimistic))
    let counts = nodes.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    let groups = counts.sorted { $0.key < $1.key }.map { node, count in
      [Foresight.Group(members: bisection.members(of: node), clones: clones, boots: count)]
    }
    return SharedChoice(
      bisection.graph, distribution, bisection.optimistic, cost: Self.cost, clones: clones, besides: groups)
  }

  private func searched(_ seen: [(Int, Bool)], commits: Int = 12) throws -> Bisection {
    let graph = try SmallHistory.line(commits)
    var bisection = Bisection(graph, cost: Self.cost)
    for (node, isSeen) in seen { bisection.add(Evidence(.commit(graph.commit(node)), isSeen ? .targetSeen : .clean)) }
    return bisection
  }

  /// Asked of the search itself, with each outcome added in turn and weighted by its probability.
  @Test(arguments: [
    [(12, true), (0, false)], [(12, false), (12, true), (12, false), (0, false), (6, false), (9, true)],
  ])
  func itIsTheMeanOverWhatMayBeShown(_ seen: [(Int, Bool)]) throws {
    let bisection = try searched(seen)
    for (place, nodes) in [(8, [5]), (3, [5]), (7, [7]), (7, [4, 9])] {
      let members = bisection.members(of: place)
      let foreseen = try choice(bisection, besides: nodes).boot(members, clones: 1, then: true).information
      var mean = 0.0
      for outcome in 0..<1 << nodes.count {
        var (after, weight) = (bisection, 1.0)
        for (index, node) in nodes.enumerated() {
          let isSeen = outcome >> index & 1 == 1
          let chance = try chanceOfTarget(after, node)
          weight *= isSeen ? chance : 1 - chance
          after.add(Evidence(.commit(after.graph.commit(node)), isSeen ? .targetSeen : .clean))
        }
        mean += weight * (try choice(after, besides: []).boot(members, clones: 1, then: true).information)
      }
      let alone = try choice(bisection, besides: []).boot(members, clones: 1, then: true).information
      #expect(abs(foreseen - mean) < 0.02 * alone + 1e-4, "\(place) beside \(nodes): \(foreseen), \(mean), \(alone)")
    }
  }

  /// The probability by the plain grid of rates.
  private func chanceOfTarget(_ bisection: Bisection, _ node: Int) throws -> Double {
    let distribution = try #require(bisection.posterior.distribution(bisection.optimistic))
    var sum = 0.0
    for (hypothesis, probability) in distribution.probabilities.enumerated() {
      let tally = distribution.classes[Int(distribution.classOf[hypothesis])]
      let hasBug = hypothesis < bisection.graph.count && bisection.graph.hasBug(node, from: hypothesis)
      let total = distribution.total.boots
      let (prior, seen, clean) =
        hasBug
        ? (bisection.optimistic.product, tally.boots.seen, tally.boots.clean)
        : (RatePrior.falseAlarm, total.seen - tally.boots.seen, total.clean - tally.boots.clean)
      let weights = try #require(prior.posterior(seen: seen, clean: clean))
      sum += probability * zip(weights, prior.rates).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return sum
  }

  /// A bug that always shows: one more run of the same kernel tells next to nothing, one elsewhere as much as before.
  @Test func aRepeatIsWorthLittleWhereOneRunDecides() throws {
    let bisection = try searched([(12, true), (0, false)])
    let beside = try choice(bisection, besides: [6])
    let again = beside.boot(bisection.members(of: 6), clones: 1, then: true).information
    let elsewhere = beside.boot(bisection.members(of: 3), clones: 1, then: true).information
    #expect(again < 0.1 * elsewhere && elsewhere > 0.25)
  }

  @Test func asManyWorkersAsThereAreKeepTheirCost() throws {
    let bisection = try searched([(12, true), (0, false)], commits: 600)
    let distribution = try #require(bisection.posterior.distribution(bisection.optimistic))
    let forecast = ProbeChoice.Forecast(Self.cost, clones: 1)
    let weights = distribution.classes.map { forecast.posterior($0.boots, bisection.optimistic) ?? [] }
    let rates = RateGroups(forecast.points(bisection.optimistic), weights[0])
    for workers in [1, 4, 16, 64, 200] {
      let groups = (1...workers).map {
        [Foresight.Group(members: bisection.members(of: $0 * 2), clones: 1, boots: 1 + $0 % 3)]
      }
      let foresight = Foresight(distribution, rates, weights: weights, alarm: 0.001, groups)
      #expect(foresight.outcomes.count <= Foresight.most + 1)
      #expect(foresight.masses.count <= distribution.classes.count + min(workers, Foresight.mostKernels))
      let sum = foresight.outcomes.reduce(0) { $0 + $1.reduce(.zero, +).sum() }
      #expect(abs(sum - 1) < 1e-3, "\(workers): \(sum)")
    }
    let choice = try choice(bisection, besides: Array(1...64))
    #expect(choice.candidates([]).count <= 128 && choice.candidates([5, 7]).contains(7))
  }

  @Test func whatIsLeftOutIsStoodForByOthers() {
    var numbers = SeededNumbers(seed: 3)
    for count in [5, 32, 33, 100, 1000] {
      var masses = (0..<count).map { _ in numbers.fraction() * numbers.fraction() * numbers.fraction() }
      let sum = masses.reduce(0, +)
      masses = masses.map { $0 / sum }
      let factors = Foresight.kept(masses, most: 32)
      #expect(factors.count { $0 > 0 } <= 33)
      #expect(abs(zip(masses, factors).reduce(0) { $0 + $1.0 * $1.1 } - 1) < 0.04)
      #expect(
        zip(masses, factors).allSatisfy { $0.0 < 1.0 / 32 || abs($0.1 - 1) < 1e-12 }, "what is likely stays as it is")
    }
    #expect(Foresight.kept([0.5, 0.5], most: 1).count { $0 > 0 } == 1)
  }

  @Test func clonesUnderWayAreForeseenByBoots() throws {
    var bisection = try searched([(12, true), (0, false)])
    let graph = bisection.graph
    for clean in [3, 5, 2, 4] { bisection.add(Evidence(.commit(graph.commit(12)), .targetSeen, clean: clean)) }
    let members = bisection.members(of: 6)
    let alone = try choice(bisection, besides: [], clones: 16).boot(members, clones: 16, then: true).information
    let once = try choice(bisection, besides: [6], clones: 16).boot(members, clones: 16, then: true).information
    #expect(once < 0.6 * alone && once > 0)
  }
}
