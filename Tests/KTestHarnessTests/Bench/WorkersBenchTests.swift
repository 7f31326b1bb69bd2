import TestGate
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct WorkersBenchTests {
  @Test func oneWorkerTakesWhatASearchTakes() throws {
    for (seed, build) in [(1, 0.0), (2, 30), (3, 30), (4, 0)] as [(UInt64, Double)] {
      let history = try SimulatedHistory(
        .init(commits: 40, hasMerges: seed % 2 == 0, rate: 0.3, isRough: seed > 2), seed: seed)
      var parameters = BisectionParameters()
      parameters.clones = seed == 4 ? BootRuns.most : nil
      let one = SimulatedSearch.cloning(history, parameters, .init(build: build), seed: seed)
      let shared = SimulatedSearch.shared(history, parameters, .init(build: build), workers: 1, seed: seed)
      #expect(shared.culprit == one.culprit && shared.runs == one.runs && shared.kernels == one.kernels)
      #expect(abs(shared.seconds - one.seconds) < 1e-6 && abs(shared.work - one.seconds) < 1e-6 && shared.ended == 0)
    }
  }

  @Test func fourWorkersAreFasterThanOneAndNameTheSame() throws {
    var bench = WorkersBench(workers: [4])
    try bench.measure(commits: 100, rate: 1, build: 30, histories: 6)
    try bench.measure(commits: 100, rate: 0.3, build: 0, histories: 2)
    for row in bench.rows {
      let (one, four) = (row.tallies[0], row.tallies[1])
      #expect(one.workers == 1 && four.workers == 4 && four.histories == one.histories)
      #expect(one.wrong + four.wrong <= 1, "\(bench.text)")
      #expect(four.seconds < 0.75 * one.seconds && four.work < 4 * four.seconds + 1e-6, "\(bench.text)")
      #expect(abs(one.work - one.seconds) < 1e-6 && one.ended == 0)
    }
    #expect(bench.rows[0].tallies[1].ended > 0, "some of what was begun was ruled out")
  }

  @Test func theSameSeedGivesTheSameTable() throws {
    func measured(_ seed: UInt64) throws -> WorkersBench {
      var bench = WorkersBench(workers: [3, 1], seed: seed)
      try bench.measure(commits: 12, rate: 0.5, build: 30, isRough: true, histories: 4)
      return bench
    }
    let bench = try measured(1)
    #expect(try bench == measured(1))
    #expect(try bench.rows != measured(2).rows)
    #expect(bench.workers == [1, 3] && bench.rows[0].tallies.map(\.histories) == [4, 4])
    #expect(bench.text.contains("| 12 | 50 % | yes | 30 s | 3 |") && bench.json.contains("\"workers\":3"))
  }

  @Test func theListOfWorkersIsRead() throws {
    func workers(_ list: String) throws -> [Int] {
      try WorkersBench(list, clones: false, parameters: BisectionParameters(), seed: 1).workers
    }
    #expect(try workers("16,4") == [1, 4, 16] && workers("1") == [1])
    for list in ["", "0", "4,", "4;8", "1001"] { #expect(throws: Failure.self) { try workers(list) } }
  }

  /// A share of 5 % exceeds 8 of 80 twice in a hundred rows; the seed is fixed.
  @Test(.long, arguments: [1, 0.3, 0.1], WorkersBench.builds)
  func wrongCulpritsAreRareWithManyWorkers(_ rate: Double, _ build: Double) throws {
    var bench = WorkersBench(workers: [4, 16])
    try bench.measure(commits: 32, rate: rate, build: build, histories: 80)
    #expect(bench.rows[0].tallies.allSatisfy { $0.wrong <= 8 }, "\(bench.text)")
  }
}
