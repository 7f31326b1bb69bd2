import Testing

@testable import KTestHarness
@testable import KTestValues

/// How many runs a boot gets.
@Suite struct ProbeCloneTests {
  private static let cost = CostModel(fullBuild: 0, incrementalBuild: 0, boot: 3, run: 0.5)

  private func search(_ commits: Int = 30, clones: Int? = BootRuns.most, cost: CostModel = cost) throws -> Bisection {
    var parameters = BisectionParameters()
    parameters.clones = clones
    return Bisection(try SmallHistory.line(commits), parameters, cost: cost)
  }

  private func played(
    _ bisection: inout Bisection, until purpose: Probe.Purpose, _ bad: (outcome: ProbeOutcome, clean: Int)...
  )
    -> Probe?
  {
    var bad = bad[...]
    for _ in 0..<200 {
      guard case .probe(let probe) = bisection.next() else { return nil }
      if probe.purpose == purpose { return probe }
      let isBad = probe.purpose == .proveBadEnd
      let next = isBad ? bad.popFirst() ?? (.targetSeen, 3) : (.clean, probe.clones - 1)
      let areClones = probe.clones > 1
      bisection.add(Evidence(.commit(probe.commit), next.0, clean: areClones ? next.1 : nil))
    }
    return nil
  }

  @Test func aBugThatAlwaysShowsIsNeverForked() throws {
    for culprit in [3, 17, 30] {
      var bisection = try search()
      while case .probe(let probe) = bisection.next(), probe.purpose != .verify {
        #expect(probe.clones == 1, "\(probe)")
        let hasBug = bisection.graph.hasBug(probe.node, from: culprit)
        bisection.add(Evidence(.commit(probe.commit), hasBug ? .targetSeen : .clean))
      }
    }
  }

  @Test func lateSightingsInABootAskForClones() throws {
    var bisection = try search()
    let probe = try #require(
      played(&bisection, until: .search, (.clean, 0), (.clean, 3), (.targetSeen, 2), (.targetSeen, 3), (.targetSeen, 1))
    )
    #expect(probe.clones >= 4, "\(probe)")
  }

  @Test func sightingsInFirstRunsOnlyAskForBoots() throws {
    let graph = try SmallHistory.line(30)
    var bisection = try search()
    let (bad, good) = (graph.commit(30), graph.commit(0))
    for clean in [15, 0, 15, 15, 0, 15, 0, 15, 0] {
      bisection.add(Evidence(.commit(bad), clean == 0 ? .targetSeen : .clean, clean: clean))
    }
    for _ in 0..<15 { bisection.add(Evidence(.commit(good), .clean)) }
    guard case .probe(let probe) = bisection.next() else {
      Issue.record("\(bisection.peek)")
      return
    }
    #expect(probe.purpose == .search && probe.clones == 1, "\(probe)")
  }

  @Test func whatIsNotAllowedIsNotAskedFor() throws {
    for clones in [nil, 1, 8] as [Int?] {
      var bisection = try search(clones: clones)
      let probe = try #require(
        played(&bisection, until: .search, (.clean, 0), (.clean, 3), (.targetSeen, 2), (.targetSeen, 3)))
      #expect(probe.clones <= clones ?? 1)
    }
  }

  @Test func clonesThatCostAsMuchAsBootsAreNotMade() throws {
    var bisection = try search()
    for _ in 0..<10 {  // A boot of 3 s, and clones of 20 s.
      bisection.add(
        Evidence(.commit(bisection.graph.commit(30)), .targetSeen, clean: 1, cost: .init(boot: 3, run: 40)))
    }
    guard case .probe(let probe) = bisection.next() else {
      Issue.record("\(bisection.peek)")
      return
    }
    #expect(probe.clones == 1)
    #expect(bisection.cost.seconds(boots: 1, runs: 4, areClones: true) == 83)
    #expect(bisection.cost.seconds(boots: 1, runs: 1, areClones: false) == 3.5)
  }

  @Test func cleanRunsBeforeAFailureOfTheHarnessCount() throws {
    var bisection = try search()
    for _ in 0..<4 { bisection.add(Evidence(.commit(bisection.graph.commit(30)), .infrastructure, clean: 3)) }
    #expect(bisection.runs == 12 && bisection.boots == 4)
    #expect(bisection.peek != .stop(.infrastructure), "each of these boots had runs")
    let sum = bisection.runs(of: .commit(bisection.graph.commit(30)))
    #expect(sum.seen == 0 && sum.clean == 12 && sum.boots == 4)
  }

  @Test func theRestIsForeseenInClones() throws {
    var bisection = try search()
    _ = played(
      &bisection, until: .search, (.clean, 0), (.clean, 3), (.targetSeen, 2), (.targetSeen, 3), (.targetSeen, 1))
    let rest = try #require(bisection.rest(plays: 3))
    #expect(rest.runs > 10 && rest.seconds < 3.5 * Double(rest.runs))
    #expect(bisection.rest(plays: 3) == rest)
  }
}
