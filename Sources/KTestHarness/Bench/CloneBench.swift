package import KTestValues

/// Searches generated histories twice: with a boot for each run, and with runs that are clones of one boot's guest where that
/// tells more per second.
package struct CloneBench: Sendable, Equatable {
  package struct Tally: Sendable, Equatable {
    package internal(set) var right = 0
    package internal(set) var wrong = 0
    package internal(set) var undecided = 0
    package internal(set) var runs = 0
    package internal(set) var boots = 0
    package internal(set) var kernels = 0
    package internal(set) var seconds = 0.0

    package var histories: Int { right + wrong + undecided }
    /// The share of histories for which a wrong culprit was named.
    package var wrongShare: Double { share(Double(wrong)) }
    func share(_ sum: Double) -> Double { sum / Double(max(1, histories)) }

    mutating func add(_ search: SimulatedSearch, culprit: Int) {
      if search.culprit == culprit { right += 1 } else if search.culprit == nil { undecided += 1 } else { wrong += 1 }
      runs += search.runs
      boots += search.boots
      kernels += search.kernels.count
      seconds += search.seconds
    }
  }

  package struct Row: Sendable, Equatable {
    package var commits: Int
    /// The share of boots that are susceptible, and the rate within.
    package var between: Double
    package var within: Double
    /// The seconds of a build.
    package var build: Double
    package var isRough: Bool
    package var booting = Tally()
    package var cloning = Tally()

    /// The seconds with clones as a share of those without.
    package var share: Double { cloning.seconds / max(booting.seconds, 0.001) }
  }

  package private(set) var rows: [Row] = []
  package let parameters: BisectionParameters
  package let seed: UInt64

  /// Bugs that show always, within any boot, only at boot, and both.
  package static let rates: [(between: Double, within: Double)] = [
    (1, 1), (1, 0.3), (1, 0.1), (1, 0.05), (0.33, 1), (0.33, 0.3), (0.1, 1),
  ]
  package static let builds = [0.0, 30]

  package init(parameters: BisectionParameters = BisectionParameters(), seed: UInt64 = 1) {
    (self.parameters, self.seed) = (parameters, seed)
  }

  /// Searches `histories` generated histories, every second one with merges. Checks for cancellation between them.
  package mutating func measure(
    commits: Int, between: Double, within: Double, build: Double, isRough: Bool = false, histories: Int
  ) throws {
    var row = Row(commits: commits, between: between, within: within, build: build, isRough: isRough)
    let costs = SimulatedSearch.Costs(build: build)
    var (booting, cloning) = (parameters, parameters)
    (booting.clones, cloning.clones) = (nil, BootRuns.most)
    for index in 0..<histories {
      try Task.checkCancellation()
      var conditions = SimulatedHistory.Conditions(
        commits: commits, hasMerges: index % 2 == 1, rate: within, isRough: isRough)
      conditions.between = between
      let history = try SimulatedHistory(conditions, seed: number(index, 0))
      row.booting.add(.cloning(history, booting, costs, seed: number(index, 1)), culprit: history.culprit)
      row.cloning.add(.cloning(history, cloning, costs, seed: number(index, 2)), culprit: history.culprit)
    }
    rows.append(row)
  }

  /// Searches histories of each size, with each of ``rates`` and ``builds``, smooth ones and rough ones.
  package mutating func measure(commits: [Int], isSmooth: Bool, histories: Int) throws {
    for isRough in isSmooth ? [false] : [false, true] {
      for (size, build) in commits.flatMap({ size in Self.builds.map { (size, $0) } }) {
        for rate in Self.rates {
          try measure(
            commits: size, between: rate.between, within: rate.within, build: build, isRough: isRough,
            histories: histories)
        }
      }
    }
  }

  private func number(_ index: Int, _ use: UInt64) -> UInt64 {
    var numbers = SeededNumbers(seed: seed &* 1_000_003 &+ UInt64(index) &* 4 &+ use)
    return numbers.next()
  }

  /// A table in Markdown.
  package var text: String {
    var lines = [
      "| commits | rough | boots | within | build | a boot for each run: wrong / undecided | boots | seconds "
        + "| clones: wrong / undecided | boots | runs | seconds | share |",
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows {
      func percent(_ share: Double) -> String { "\(Self.tenths(share * 100)) %" }
      func failures(_ tally: Tally) -> String {
        "\(percent(tally.wrongShare)) / \(percent(tally.share(Double(tally.undecided))))"
      }
      func mean(_ sum: Double, _ tally: Tally) -> String { Self.tenths(tally.share(sum)) }
      let (booting, cloning) = (row.booting, row.cloning)
      let cells = [
        "\(row.commits)", row.isRough ? "yes" : "no", percent(row.between), percent(row.within),
        "\(Self.tenths(row.build)) s", failures(booting), mean(Double(booting.boots), booting),
        mean(booting.seconds, booting), failures(cloning), mean(Double(cloning.boots), cloning),
        mean(Double(cloning.runs), cloning), mean(cloning.seconds, cloning), percent(row.share),
      ]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    let histories = rows.reduce(0) { $0 + $1.cloning.histories }
    lines.append("")
    lines.append("\(histories) histories, seed \(seed)")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
  }
}
