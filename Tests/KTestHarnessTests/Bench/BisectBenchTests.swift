import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct BisectBenchTests {
  @Test func theSameSeedGivesTheSameTable() throws {
    func measured(_ seed: UInt64) throws -> BisectBench {
      var bench = BisectBench(seed: seed)
      try bench.measure(commits: 20, rate: 0.5, isRough: true, histories: 12)
      return bench
    }
    #expect(try measured(1) == measured(1))
    #expect(try measured(1).rows != measured(2).rows)
  }

  @Test func everyHistoryEndsOneWay() throws {
    var bench = BisectBench()
    try bench.measure(commits: 30, rate: 1, isRough: false, histories: 40)
    let row = try #require(bench.rows.first)
    for tally in [row.ktest, row.told, row.git, row.measuring, row.syzkaller] {
      #expect(tally.histories == 40 && tally.runs >= tally.ends + tally.verification)
    }
    #expect(row.ktest.right == 40 && row.git.right == 40 && row.repeats == 1)
    #expect(row.ktest.runs > row.ktest.kernels && row.ktest.verification >= 40)
    #expect(Double(row.ktest.kernels) <= 1.05 * Double(row.git.kernels + 80))
    // No more than git bisect and the proof of its ends; the verification is ktest's own.
    #expect(row.ktest.ends == 80 && row.ktest.ends + row.ktest.search <= row.git.runs)
    #expect(row.told.runs < row.ktest.runs && row.git.verification == 0)
    #expect(bench.text.contains("| 30 | 100 % | no | 100 % / 0 % / 0 % |"))
    #expect(bench.json.contains("\"right\":40"))
  }

  @Test func generatedHistoriesDescendFromTheGoodEndAndReachTheBadOne() throws {
    for seed in 0..<30 {
      let history = try SimulatedHistory(
        .init(commits: 60, hasMerges: seed % 2 == 0, rate: 0.5, isRough: true), seed: UInt64(seed))
      let graph = history.graph
      #expect(graph.candidates == graph.count - 1, "every commit may be the culprit")
      #expect((1..<graph.count).contains(history.culprit))
      #expect(graph.nodes.contains { $0.parents.count > 1 } == (seed % 2 == 0))
      var numbers = SeededNumbers(seed: 1)
      for end in [0, graph.bad] { #expect(history.run(end, &numbers) != .unusable) }
    }
  }

  @Test func whoMeasuresTheRateRepeatsMoreWhereItIsLow() throws {
    func ends(_ rate: Double, _ sightings: Int, error: Double) throws -> Int {
      let history = try SimulatedHistory(
        .init(commits: 16, hasMerges: false, rate: rate, isRough: false), seed: 7)
      return (0..<20).reduce(0) {
        $0 + SimulatedSearch.measuringGitBisect(history, sightings: sightings, error: error, seed: UInt64($1)).ends
      } / 20
    }
    // Four sightings in four runs: by Jeffreys' prior the chance of k clean runs is 0.1, 0.025, 0.009 for k = 1, 2, 3.
    #expect(try ends(1, 4, error: 0.03) == 4 + 2)
    #expect(try ends(1, 4, error: 0.01) == 4 + 3)
    // 40 runs for four sightings, and 51 or so to leave 3 %.
    #expect(try (70...120).contains(ends(0.1, 4, error: 0.03)))
    #expect(try ends(1, 1, error: 0.01) > 10, "one sighting tells little")
  }

  @Test func gitBisectHalvesAndGoesAroundSkippedCommits() throws {
    let graph = try SmallHistory.line(64)
    var numbers = SeededNumbers(seed: 1)
    for culprit in 1...64 {
      var steps = 0
      let found = SimulatedSearch.halving(graph, &numbers) { node, _ in
        steps += 1
        return graph.hasBug(node, from: culprit) ? .bad : .good
      }
      #expect(found == culprit && steps == 6)
    }
    let skipped: Set = [31, 32, 33]
    let found = SimulatedSearch.halving(graph, &numbers) { node, _ in
      skipped.contains(node) ? .skip : node >= 40 ? .bad : .good
    }
    #expect(found == 40)
    let among = SimulatedSearch.halving(graph, &numbers) { node, _ in
      skipped.contains(node) ? .skip : node >= 32 ? .bad : .good
    }
    #expect(among == nil, "only skipped commits are left")
  }
}
