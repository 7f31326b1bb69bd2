package import KTestValues

/// Searches generated histories with one worker and with several.
package struct WorkersBench: Sendable, Equatable {
  /// The results of so many workers, over all histories of a row.
  package struct Tally: Sendable, Equatable {
    package var workers: Int
    package internal(set) var right = 0
    package internal(set) var wrong = 0
    package internal(set) var undecided = 0
    package internal(set) var runs = 0
    package internal(set) var kernels = 0
    /// Probes that were ended because they did not matter any more.
    package internal(set) var ended = 0
    /// The seconds until the answer, and those of all workers that were not idle.
    package internal(set) var seconds = 0.0
    package internal(set) var work = 0.0

    package var histories: Int { right + wrong + undecided }
    /// The share of histories for which a wrong culprit was named.
    package var wrongShare: Double { share(Double(wrong)) }
    func share(_ sum: Double) -> Double { sum / Double(max(1, histories)) }

    init(workers: Int) { self.workers = workers }

    mutating func add(_ search: SimulatedSearch, culprit: Int) {
      if search.culprit == culprit { right += 1 } else if search.culprit == nil { undecided += 1 } else { wrong += 1 }
      runs += search.runs
      kernels += search.kernels.count
      ended += search.ended
      seconds += search.seconds
      work += search.work
    }
  }

  package struct Row: Sendable, Equatable {
    package var commits: Int
    package var rate: Double
    /// The seconds of a build.
    package var build: Double
    package var isRough: Bool
    package var tallies: [Tally]
  }

  package internal(set) var rows: [Row] = []
  package let workers: [Int]
  package let parameters: BisectionParameters
  package let seed: UInt64

  package static let builds = [0.0, 30]
  /// How far builds, boots and runs are from their means at most: results come one by one.
  static let spread = 0.2

  /// - Parameter workers: the numbers of workers, to which one is added if it is missing.
  package init(workers: [Int], parameters: BisectionParameters = BisectionParameters(), seed: UInt64 = 1) {
    self.workers = Set(workers + [1]).sorted()
    (self.parameters, self.seed) = (parameters, seed)
  }

  /// - Parameters:
  ///   - list: the numbers of workers, as in `1,4,16`.
  ///   - clones: whether runs may be clones of one boot's guest.
  package init(_ list: String, clones: Bool, parameters: BisectionParameters, seed: UInt64) throws {
    let words = list.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Int($0) }.filter { (1...1000).contains($0) }
    guard numbers.count == words.count else {
      throw Failure(.usage, "--workers \(list): give numbers from 1 to 1000, as in 1,4,16")
    }
    var parameters = parameters
    if clones { parameters.clones = BootRuns.most }
    self.init(workers: numbers, parameters: parameters, seed: seed)
  }

  /// Searches `histories` generated histories with each number of workers, every second one with merges. Checks for
  /// cancellation between them.
  package mutating func measure(
    commits: Int, rate: Double, build: Double, isRough: Bool = false, histories: Int
  ) throws {
    var row = Row(
      commits: commits, rate: rate, build: build, isRough: isRough, tallies: workers.map { Tally(workers: $0) })
    var costs = SimulatedSearch.Costs(build: build)
    costs.spread = Self.spread
    for index in 0..<histories {
      let conditions = SimulatedHistory.Conditions(
        commits: commits, hasMerges: index % 2 == 1, rate: rate, isRough: isRough)
      let history = try SimulatedHistory(conditions, seed: number(index, 0))
      for place in row.tallies.indices {
        try Task.checkCancellation()
        let search = SimulatedSearch.shared(
          history, parameters, costs, workers: row.tallies[place].workers, seed: number(index, 1))
        row.tallies[place].add(search, culprit: history.culprit)
      }
    }
    rows.append(row)
  }

  /// Searches histories of each size, smooth ones and rough ones, with each rate and each of ``builds``; a tenth of them above
  /// 1000 commits.
  package mutating func measure(
    commits: [Int], rates: [Double], isSmooth: Bool, histories: Int, show: (String) -> Void
  ) throws {
    for isRough in isSmooth ? [false] : [false, true] {
      for (size, rate) in commits.flatMap({ size in rates.map { (size, $0) } }) {
        for build in Self.builds {
          show(
            "\(size) commits, \(BisectBench.percent(rate)), builds of \(BisectBench.tenths(build)) s\(isRough ? ", rough" : "")"
          )
          let count = size > 1000 ? max(1, histories / 10) : histories
          try measure(commits: size, rate: rate, build: build, isRough: isRough, histories: count)
        }
      }
    }
  }

  private func number(_ index: Int, _ use: UInt64) -> UInt64 {
    var numbers = SeededNumbers(seed: seed &* 1_000_003 &+ UInt64(index) &* 4 &+ use)
    return numbers.next()
  }
}
