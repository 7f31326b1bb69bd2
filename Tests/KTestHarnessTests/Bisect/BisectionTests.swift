import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct BisectionTests {
  @Test func aBugThatAlwaysShowsIsFoundInEveryGraph() throws {
    var numbers = SeededNumbers(seed: 4)
    for _ in 0..<25 {
      let graph = try SmallHistory.random(1 + numbers.below(60), &numbers)
      for culprit in 1..<graph.count {
        var bisection = Bisection(graph)
        guard case .culprit(culprit, let probability) = SmallHistory.play(&bisection, culprit: culprit).end else {
          Issue.record("\(culprit) was not found in \(graph.nodes.map(\.parents)): \(bisection.peek)")
          continue
        }
        #expect(probability >= 0.95)
      }
    }
  }

  @Test func noMoreKernelsThanGitBisectAndBothEnds() throws {
    for commits in [16, 100, 1000] {
      var (ours, dear, all, theirs) = (0, 0, 0, 0)
      for culprit in stride(from: 1, through: commits, by: max(1, commits / 60)) {
        let graph = try SmallHistory.line(commits)
        var bisection = Bisection(graph, cost: CostModel(fullBuild: 1, incrementalBuild: 1, boot: 0, run: 1))
        let played = SmallHistory.play(&bisection, culprit: culprit)
        ours += played.beforeVerification.count
        all += played.nodes.count
        var other = Bisection(graph)
        dear += SmallHistory.play(&other, culprit: culprit).nodes.count
        var numbers = SeededNumbers(seed: 1)
        var tested: Set<Int> = []
        let found = SimulatedSearch.halving(graph, &numbers) { node, _ in
          tested.insert(node)
          return graph.hasBug(node, from: culprit) ? .bad : .good
        }
        #expect(found == culprit)
        theirs += tested.count + 2
      }
      #expect(Double(ours) <= 1.005 * Double(theirs), "\(commits) commits")
      // The verification wants hardly any other kernel.
      #expect(Double(all) <= 1.02 * Double(theirs), "\(commits) commits")
      // Where a build costs the more the further away it is, a kernel near by is preferred to the exact half.
      #expect(Double(dear) <= 1.03 * Double(theirs), "\(commits) commits")
    }
  }

  @Test func anExactCountNeedsOneRunAStep() throws {
    var exact = BisectionParameters()
    exact.assumeExactness()
    for culprit in 1...50 {
      var bisection = Bisection(try SmallHistory.line(50), exact)
      let end = SmallHistory.play(&bisection, culprit: culprit).end
      guard case .culprit(culprit, let probability) = end else {
        Issue.record("\(culprit): \(end)")
        continue
      }
      // Both ends, six halvings, and the verification of the culprit and of its parent.
      #expect(bisection.runs <= 10 && probability >= 0.95, "\(culprit): \(bisection.runs) runs")
    }
  }

  @Test func theEndsComeFirst() throws {
    let graph = try SmallHistory.line(30)
    var bisection = Bisection(graph)
    #expect(bisection.peek == .probe(Probe(purpose: .proveBadEnd, node: 30, commit: graph.commit(30), boots: 60)))
    bisection.add(Evidence(.commit(graph.commit(30)), .targetSeen))
    #expect(bisection.peek == .probe(Probe(purpose: .proveGoodEnd, node: 0, commit: graph.commit(0), boots: 1)))
    bisection.add(Evidence(.commit(graph.commit(0)), .clean))
    guard case .probe(let probe) = bisection.next() else {
      Issue.record("another step")
      return
    }
    #expect(probe.purpose == .search && (13...17).contains(probe.node))
  }

  @Test func aFlakyEndIsProvedByMoreRuns() throws {
    let graph = try SmallHistory.line(30)
    var bisection = Bisection(graph)
    for outcome in [ProbeOutcome](repeating: .clean, count: 12) + [.targetSeen] {
      bisection.add(Evidence(.commit(graph.commit(30)), outcome))
    }
    var runs = 0
    while case .probe(let probe) = bisection.next(), probe.purpose != .search, runs < 200 {
      bisection.add(Evidence(.commit(probe.commit), probe.node == 0 ? .clean : .targetSeen))
      runs += 1
    }
    #expect((3..<200).contains(runs))
  }

  @Test func theVerificationTakesTurns() throws {
    let graph = try SmallHistory.line(12)
    var parameters = BisectionParameters()
    parameters.verificationRuns = 3
    var bisection = Bisection(graph, parameters)
    var verified: [Int] = []
    while case .probe(let probe) = bisection.next() {
      if probe.purpose == .verify { verified.append(probe.node) }
      bisection.add(
        Evidence(.commit(probe.commit), graph.hasBug(probe.node, from: 7) ? .targetSeen : .clean))
    }
    #expect(verified == [6, 7, 6, 7, 6, 7])
  }

  @Test func theVerificationHasItsRunsBeforeItIsDoubted() throws {
    for commits in [4, 30, 300] {
      let graph = try SmallHistory.line(commits)
      for culprit in stride(from: 1, through: commits, by: max(1, commits / 20)) {
        var bisection = Bisection(graph)
        var purposes: [Probe.Purpose] = []
        while case .probe(let probe) = bisection.next() {
          purposes.append(probe.purpose)
          bisection.add(
            Evidence(.commit(probe.commit), graph.hasBug(probe.node, from: culprit) ? .targetSeen : .clean))
        }
        let first = try #require(purposes.firstIndex(of: .verify))
        #expect(purposes[first...].prefix(2) == [.verify, .verify])
      }
    }
  }

  @Test func aParentThatShowsTheTargetEndsTheVerification() throws {
    let graph = try SmallHistory.line(30)
    var bisection = Bisection(graph)
    var verified = 0
    for _ in 0..<200 {
      guard case .probe(let probe) = bisection.next() else { break }
      let isParent = probe.purpose == .verify && probe.node == 16
      let hasBug = graph.hasBug(probe.node, from: verified > 0 ? 9 : 17)
      if isParent { verified += 1 }
      bisection.add(Evidence(.commit(probe.commit), isParent || hasBug ? .targetSeen : .clean))
    }
    #expect(verified >= 1)
    guard case .stop(.culprit(let node, _)) = bisection.next() else {
      Issue.record("\(bisection.peek)")
      return
    }
    #expect(node == 9, "the search went on below the parent")
  }

  @Test func everyFlakySearchEndsAndAsksTheSameTwice() throws {
    for seed in 0..<24 {
      let rate = [0.2, 0.5, 0.8][seed % 3]
      let history = try SimulatedHistory(
        .init(commits: 25, hasMerges: seed % 2 == 0, rate: rate, isRough: true), seed: UInt64(seed))
      var numbers = SeededNumbers(seed: UInt64(seed + 50))
      var bisection = Bisection(history.graph)
      while case .probe(let probe) = bisection.next() {
        let (step, phase) = (bisection.next(), bisection.phase)
        #expect(step == .probe(probe) && bisection.next() == step && bisection.phase == phase)
        bisection.add(Evidence(.commit(probe.commit), history.run(probe.node, &numbers)))
      }
      #expect(bisection.peek != .stop(.contradiction))
      var again = bisection.record.bisection
      #expect(again.next() == bisection.next() && again.phase == bisection.phase)
    }
  }

  @Test func commitsThatDoNotBuildLeaveASet() throws {
    let graph = try SmallHistory.line(40)
    var bisection = Bisection(graph)
    guard
      case .remaining(let nodes, let probability) = SmallHistory.play(&bisection, culprit: 20, skips: [18, 19, 20]).end
    else {
      Issue.record("\(bisection.peek)")
      return
    }
    #expect(Set(nodes) == [18, 19, 20, 21])
    #expect(probability >= 0.95)
  }

  @Test func nextToABrokenCommitIsNotTriedBeforeOthers() throws {
    let graph = try SmallHistory.line(100)
    var bisection = Bisection(graph)
    for (node, outcome) in [(100, ProbeOutcome.targetSeen), (0, .clean), (50, .unusable)] {
      bisection.add(Evidence(.commit(graph.commit(node)), outcome))
    }
    guard case .probe(let probe) = bisection.next() else {
      Issue.record("another step")
      return
    }
    #expect(abs(probe.node - 50) > 3 && (25...75).contains(probe.node))
  }

  @Test func anEndThatDoesNotRunIsSaid() throws {
    let graph = try SmallHistory.line(9)
    var bisection = Bisection(graph)
    bisection.add(Evidence(.commit(graph.commit(9)), .unusable))
    #expect(bisection.peek == .stop(.endIsUnusable(node: 9)))
  }

  @Test func theHarnessFailingThreeTimesStopsAndIsNoEvidence() throws {
    let graph = try SmallHistory.line(9)
    var bisection = Bisection(graph)
    let first = bisection.next()
    for _ in 0..<2 { bisection.add(Evidence(.commit(graph.commit(9)), .infrastructure)) }
    #expect(bisection.peek == first)
    bisection.add(Evidence(.commit(graph.commit(9)), .infrastructure))
    #expect(bisection.peek == .stop(.infrastructure))
    bisection.add(Evidence(.commit(graph.commit(9)), .targetSeen))
    #expect(bisection.peek != .stop(.infrastructure))
  }

  @Test func identicalEndsAreAContradiction() throws {
    let graph = try SmallHistory.line(5)
    var bisection = Bisection(graph)
    bisection.addIdentical(graph.commit(0), graph.commit(5))
    bisection.add(Evidence(.commit(graph.commit(5)), .targetSeen))
    bisection.add(Evidence(.commit(graph.commit(0)), .clean))
    while case .probe(let probe) = bisection.next() {
      bisection.add(Evidence(.commit(probe.commit), probe.node == 5 ? .targetSeen : .clean))
    }
    guard case .stop(let end) = bisection.next() else { return }
    if case .culprit = end { Issue.record("a culprit between two identical kernels") }
    if case .remaining = end { Issue.record("a set between two identical kernels") }
  }

  @Test func aSearchIsRebuiltFromItsRecord() throws {
    var numbers = SeededNumbers(seed: 5)
    let history = try SimulatedHistory(
      .init(commits: 80, hasMerges: true, rate: 0.4, isRough: true), seed: 12)
    var bisection = Bisection(history.graph)
    bisection.addIdentical(history.graph.commit(3), history.graph.commit(4))
    for _ in 0..<30 {
      guard case .probe(let probe) = bisection.next() else { break }
      let cost = Evidence.Cost(build: 12.5, isFullBuild: false, boot: 1.25, run: 3)
      bisection.add(Evidence(.commit(probe.commit), history.run(probe.node, &numbers), cost: cost, note: "r"))
    }
    let data = try JSONEncoder().encode(bisection.record)
    let again = try JSONDecoder().decode(BisectionRecord.self, from: data).bisection
    #expect(again.record == bisection.record)
    #expect(again.probabilities == bisection.probabilities)
    #expect(again.peek == bisection.peek)
    #expect(again.phase == bisection.phase && again.cost == bisection.cost)
  }

  @Test func buildsThatCostMuchAreUsedForSeveralRuns() throws {
    func kernels(_ cost: CostModel) throws -> (kernels: Int, runs: Int) {
      var (kernels, runs) = (0, 0)
      for seed in 0..<12 {
        let history = try SimulatedHistory(
          .init(commits: 60, hasMerges: false, rate: 0.3, isRough: false), seed: UInt64(seed))
        var numbers = SeededNumbers(seed: UInt64(seed + 100))
        var bisection = Bisection(history.graph, cost: cost)
        var nodes: Set<Int> = []
        while case .probe(let probe) = bisection.next() {
          nodes.insert(probe.node)
          bisection.add(Evidence(.commit(probe.commit), history.run(probe.node, &numbers)))
        }
        kernels += nodes.count
        runs += bisection.evidence.count
      }
      return (kernels, runs)
    }
    let dear = try kernels(CostModel(fullBuild: 600, incrementalBuild: 120, boot: 1, run: 4))
    let cheap = try kernels(CostModel(fullBuild: 0, incrementalBuild: 0, boot: 1, run: 4))
    #expect(Double(dear.kernels) < 0.8 * Double(cheap.kernels))
    #expect(dear.runs >= cheap.runs)
  }

  @Test func tenThousandCommitsAreDecidedAtOnce() throws {
    let history = try SimulatedHistory(
      .init(commits: 10_000, hasMerges: true, rate: 1, isRough: true), seed: 3)
    var bisection = Bisection(history.graph)
    var numbers = SeededNumbers(seed: 6)
    var steps = 0
    let start = processorSeconds()
    while case .probe(let probe) = bisection.next() {
      bisection.add(Evidence(.commit(probe.commit), history.run(probe.node, &numbers)))
      steps += 1
    }
    #expect(steps >= 14 && steps < 60)
    // Built for debugging: the release build takes milliseconds.
    #expect((processorSeconds() - start) / Double(steps) < 3)
  }
}

/// What this thread has computed, however busy the machine is.
private func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
