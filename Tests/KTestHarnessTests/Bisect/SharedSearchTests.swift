import Testing

@testable import KTestHarness
@testable import KTestValues

/// A search by several workers at once.
@Suite struct SharedSearchTests {
  private static let cost = CostModel(fullBuild: 0, incrementalBuild: 0, boot: 3, run: 0.5)

  private func started(_ commits: Int, cost: CostModel = cost) throws -> Bisection {
    let graph = try SmallHistory.line(commits)
    var bisection = Bisection(graph, cost: cost)
    bisection.add(Evidence(.commit(graph.commit(graph.bad)), .targetSeen))
    bisection.add(Evidence(.commit(graph.commit(0)), .clean))
    return bisection
  }

  private func node(_ step: SharedStep, _ graph: CommitGraph) -> Int? {
    guard case .probe(let probe) = step, case .commit(let commit) = probe.subject else { return nil }
    return graph.node(of: commit)
  }

  private func underWay(_ nodes: [Int], _ graph: CommitGraph, elapsed: Double = 0) -> [ProbeUnderWay] {
    nodes.map { ProbeUnderWay(SharedProbe(.commit(graph.commit($0)), .search), elapsed: elapsed) }
  }

  @Test func withNothingUnderWayItIsTheSearchOfOne() throws {
    for seed in 0..<24 {
      let history = try SimulatedHistory(
        .init(commits: 30, hasMerges: seed % 2 == 0, rate: [0.1, 0.4, 1][seed % 3], isRough: seed % 4 < 2),
        seed: UInt64(seed))
      var parameters = BisectionParameters()
      parameters.clones = seed % 5 == 0 ? BootRuns.most : nil
      var numbers = SeededNumbers(seed: UInt64(seed + 70))
      var one = Bisection(history.graph, parameters, cost: Self.cost)
      var shared = one
      while case .probe(let probe) = one.next() {
        #expect(shared.next(besides: []) == .probe(SharedProbe(probe)))
        let (outcome, clean) = history.boot(probe.node, clones: probe.clones, &numbers)
        let item = Evidence(.commit(probe.commit), outcome, clean: probe.clones > 1 ? clean : nil)
        one.add(item)
        shared.add(item)
      }
      guard case .stop(let end) = one.next() else { continue }
      #expect(shared.next(besides: []) == .stop(end) && shared.phase == one.phase)
    }
  }

  /// A bug that always shows is asked for at different places, which divide what is left, and never twice at one.
  @Test func aBatchDividesTheHistory() throws {
    var bisection = try started(64)
    var nodes: [Int] = []
    for _ in 0..<7 {
      nodes.append(try #require(node(bisection.next(besides: underWay(nodes, bisection.graph)), bisection.graph)))
    }
    #expect((30...34).contains(nodes[0]))
    let places = [0] + nodes.sorted() + [64]
    #expect(zip(places, places.dropFirst()).allSatisfy { (5...11).contains($1 - $0) }, "\(nodes)")
  }

  /// Where the bug shows now and then, one more run of the best commit tells about as much as the first did.
  @Test func aRareBugIsAskedForAgainAtTheSamePlace() throws {
    var bisection = try started(8)
    let graph = bisection.graph
    for _ in 0..<40 { bisection.add(Evidence(.commit(graph.commit(8)), .clean)) }
    for _ in 0..<40 { bisection.add(Evidence(.commit(graph.commit(0)), .clean)) }
    for _ in 0..<3 { bisection.add(Evidence(.commit(graph.commit(8)), .targetSeen)) }
    var nodes: [Int] = []
    for _ in 0..<12 { nodes.append(try #require(node(bisection.next(besides: underWay(nodes, graph)), graph))) }
    #expect(Set(nodes).count <= 4 && nodes.allSatisfy { (1...7).contains($0) }, "\(nodes)")
  }

  @Test func bothEndsAndTheMiddleBeginTogether() throws {
    var bisection = Bisection(try SmallHistory.line(32), cost: Self.cost)
    let graph = bisection.graph
    var begun: [ProbeUnderWay] = []
    for _ in 0..<4 {
      guard case .probe(let probe) = bisection.next(besides: begun) else { break }
      begun.append(ProbeUnderWay(probe))
    }
    #expect(begun.map(\.probe.purpose) == [.proveBadEnd, .proveGoodEnd, .search, .search])
    let nodes = begun.compactMap { node(.probe($0.probe), graph) }
    #expect(nodes[0] == 32 && nodes[1] == 0 && (14...18).contains(nodes[2]) && abs(nodes[3] - nodes[2]) >= 6)
  }

  @Test func aBadEndThatWasCleanIsRunBySeveral() throws {
    var bisection = Bisection(try SmallHistory.line(32), cost: Self.cost)
    let graph = bisection.graph
    for _ in 0..<3 { bisection.add(Evidence(.commit(graph.commit(32)), .clean)) }
    var begun: [ProbeUnderWay] = []
    for _ in 0..<24 {
      guard case .probe(let probe) = bisection.next(besides: begun) else { break }
      begun.append(ProbeUnderWay(probe))
    }
    let atBadEnd = begun.count { $0.probe.purpose == .proveBadEnd }
    #expect((3...20).contains(atBadEnd), "\(atBadEnd)")
    #expect(begun.prefix(atBadEnd).allSatisfy { $0.probe.purpose == .proveBadEnd })
  }

  @Test func theVerificationAndTheRevertBeginTogether() throws {
    var bisection = try started(16)
    let graph = bisection.graph
    while case .probe(let probe) = bisection.next(), probe.purpose != .verify {
      bisection.add(Evidence(.commit(probe.commit), probe.node >= 6 ? .targetSeen : .clean))
    }
    var begun: [ProbeUnderWay] = []
    for _ in 0..<5 {
      guard case .probe(let probe) = bisection.next(besides: begun, revertRuns: 2) else { break }
      begun.append(ProbeUnderWay(probe))
    }
    let subjects = begun.prefix(4).map(\.probe.subject)
    let revert = Evidence.Subject.reverted(graph.commit(6))
    #expect(subjects == [.commit(graph.commit(5)), .commit(graph.commit(6)), revert, revert])
    #expect(begun.count < 5 || begun[4].probe.subject != revert, "no more of them than are wanted")
    #expect(bisection.needless(begun, revertRuns: 2).allSatisfy { $0 >= 4 }, "they are wanted")
  }

  @Test func theRevertsOfASettledCulpritAreAwaited() throws {
    var bisection = try started(6)
    while case .probe(let probe) = bisection.next() {
      bisection.add(Evidence(.commit(probe.commit), probe.node >= 3 ? .targetSeen : .clean))
    }
    let graph = bisection.graph
    let reverts = [SharedProbe(.reverted(graph.commit(3)), .verify, boots: 1)].map { ProbeUnderWay($0) }
    #expect(bisection.next(besides: reverts, revertRuns: 1) == .wait)
    let others = underWay([1, 3], graph)
    #expect(bisection.needless(others + reverts, revertRuns: 1) == [0, 1])
    #expect(bisection.needless(others + reverts) == [0, 1, 2])
    guard case .stop(.culprit(3, _)) = bisection.next(besides: []) else {
      Issue.record("\(bisection.next(besides: []))")
      return
    }
  }

  @Test func whatAnotherResultHasRuledOutIsNeedless() throws {
    var bisection = try started(64)
    let graph = bisection.graph
    let begun = underWay([16, 32, 48], graph)
    #expect(bisection.needless(begun) == [])
    bisection.add(Evidence(.commit(graph.commit(16)), .targetSeen))
    #expect(bisection.needless(Array(begun.dropFirst())) == [0, 1])
    #expect(bisection.needless(underWay([8, 40], graph)) == [1])
  }

  @Test func aKernelThatIsBeingBuiltCostsAWait() throws {
    let dear = CostModel(fullBuild: 60, incrementalBuild: 60, boot: 3, run: 0.5)
    func next(elapsed: Double) throws -> Int? {
      // One of three commits; the bug shows in a third of the runs, and the ends are sure.
      var bisection = try started(3, cost: dear)
      let graph = bisection.graph
      for run in 0..<24 { bisection.add(Evidence(.commit(graph.commit(3)), run % 3 == 0 ? .targetSeen : .clean)) }
      for _ in 0..<80 { bisection.add(Evidence(.commit(graph.commit(0)), .clean)) }
      var begun = underWay([1], graph, elapsed: elapsed)
      begun[0].needsBuild = true
      return node(bisection.next(besides: begun), graph)
    }
    #expect(try next(elapsed: 59) == 1, "in a second it is there")
    #expect(try next(elapsed: 0) == 2, "the other one takes as long")
  }

  @Test func theOrderOfResultsDoesNotMatter() throws {
    var numbers = SeededNumbers(seed: 9)
    for seed in 0..<12 {
      let history = try SimulatedHistory(
        .init(commits: 24, hasMerges: seed % 2 == 0, rate: 0.4, isRough: false), seed: UInt64(seed))
      let graph = history.graph
      var begun: [ProbeUnderWay] = []
      let start = Bisection(graph, cost: Self.cost)
      var first = start
      for _ in 0..<8 {
        if case .probe(let probe) = first.next(besides: begun) { begun.append(ProbeUnderWay(probe)) }
      }
      var results = begun.map { one -> Evidence in
        let place = node(.probe(one.probe), graph) ?? 0
        return Evidence(one.probe.subject, history.run(place, &numbers))
      }
      for item in results { first.add(item) }
      results.shuffle(using: &numbers)
      var second = start
      for item in results { second.add(item) }
      #expect(first.probabilities == second.probabilities)
      #expect(first.next(besides: []) == second.next(besides: []))
    }
  }
}
