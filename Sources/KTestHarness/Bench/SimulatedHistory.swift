import KTestValues

/// A history with a bug, whose kernels behave like real ones.
struct SimulatedHistory: Sendable {
  /// The parameters of a history. Rates are in 0…1.
  struct Conditions: Sendable, Hashable {
    var commits: Int
    var hasMerges: Bool
    /// The rate at which the bug shows in a run on a commit that has it, in a boot that is susceptible.
    var rate: Double
    /// The share of boots that are susceptible.
    var between = 1.0
    /// Whether there are skips, other failures and false alarms.
    var isRough: Bool
  }

  /// The share of commits that do not build, in stretches of five on average.
  static let brokenShare = 0.05
  /// The rate of other failures anywhere.
  static let strayFailures = 0.03
  /// The rate of other failures in the tenth of the history that has another bug.
  static let otherBug = 0.3
  static let falseAlarms = 0.002

  let graph: CommitGraph
  let culprit: Int
  let conditions: Conditions
  private let broken: Set<Int>
  private let otherStretch: Range<Int>

  init(_ conditions: Conditions, seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    self.conditions = conditions
    let parents =
      conditions.hasMerges
      ? Self.merges(conditions.commits, &numbers) : [[]] + (0..<conditions.commits).map { [$0] }
    let nodes = parents.enumerated().map { CommitGraph.Node(commits: ["c\($0)"], parents: $1) }
    graph = try CommitGraph(nodes: nodes, goods: [0], bad: nodes.count - 1)
    culprit = 1 + numbers.below(nodes.count - 1)
    var broken: Set<Int> = []
    var otherStretch = 0..<0
    if conditions.isRough {
      var index = 1
      while index < nodes.count - 1 {
        let isStart = numbers.fraction() < Self.brokenShare / 5
        repeat {
          if isStart { broken.insert(index) }
          index += 1
        } while isStart && index < nodes.count - 1 && numbers.fraction() < 0.8
      }
      let length = max(1, nodes.count / 10)
      let start = 1 + numbers.below(max(1, nodes.count - 1 - length))
      otherStretch = start..<start + length
    }
    (self.broken, self.otherStretch) = (broken, otherStretch)
  }

  /// Branches start at one of the last few dozen commits and are merged back; about one commit in twelve is a merge.
  private static func merges(_ count: Int, _ numbers: inout SeededNumbers) -> [[Int]] {
    var parents: [[Int]] = [[]]
    var heads = [0]
    while parents.count < count + 1 - (heads.count - 1) {
      let head = numbers.below(heads.count)
      let chance = numbers.fraction()
      if chance < 0.08, heads.count < 6, parents.count > 1 {
        // A branch starts before the newest commit.
        parents.append([parents.count - 1 - numbers.below(min(parents.count, 40))])
        heads.append(parents.count - 1)
      } else if chance < 0.16, heads.count > 1 {
        let other = (head + 1) % heads.count
        parents.append([heads[head], heads[other]])
        heads[head] = parents.count - 1
        heads.remove(at: other)
      } else {
        parents.append([heads[head]])
        heads[head] = parents.count - 1
      }
    }
    while heads.count > 1 {
      parents.append([heads[0], heads.removeLast()])
      heads[0] = parents.count - 1
    }
    return parents
  }

  /// Does one run on a commit, in a boot of its own.
  package func run(_ node: Int, _ numbers: inout SeededNumbers) -> ProbeOutcome {
    run(node, isSusceptible: isSusceptible(node, &numbers), &numbers)
  }

  /// Boots a commit and runs it up to `clones` times, until a run is not clean.
  func boot(_ node: Int, clones: Int, _ numbers: inout SeededNumbers) -> (outcome: ProbeOutcome, clean: Int) {
    let isSusceptible = isSusceptible(node, &numbers)
    for clean in 0..<clones {
      let outcome = run(node, isSusceptible: isSusceptible, &numbers)
      if outcome != .clean { return (outcome, clean) }
    }
    return (.clean, clones - 1)
  }

  private func isSusceptible(_ node: Int, _ numbers: inout SeededNumbers) -> Bool {
    graph.hasBug(node, from: culprit) && (conditions.between == 1 || numbers.fraction() < conditions.between)
  }

  private func run(_ node: Int, isSusceptible: Bool, _ numbers: inout SeededNumbers) -> ProbeOutcome {
    if broken.contains(node) { return .unusable }
    if conditions.isRough {
      let others = otherStretch.contains(node) ? Self.otherBug : node == 0 ? 0 : Self.strayFailures
      if numbers.fraction() < others { return .otherFailure }
    }
    let alarms = conditions.isRough ? Self.falseAlarms : 0
    return numbers.fraction() < (isSusceptible ? conditions.rate : alarms) ? .targetSeen : .clean
  }
}

/// The result of a search, and its cost.
struct SimulatedSearch: Sendable, Equatable {
  /// The culprit; nil if none was named.
  var culprit: Int?
  /// The number of all runs of the case. `git bisect` does not test its ends, but the runs that would prove them are
  /// counted.
  var runs = 0
  /// The number of boots, if ktest counts them, and the seconds until the end.
  var boots = 0
  var seconds = 0.0
  /// The seconds of builds, boots and runs of all workers, and the number of probes that were ended before they had a result.
  var work = 0.0
  var ended = 0
  /// The number of runs that proved the ends.
  var ends = 0
  /// The number of runs from the first run of the first verification on, for any purpose; `git bisect` has none.
  var verification = 0
  /// The kernels that were tested; for ktest they include both ends.
  var kernels: Set<Int> = []
}
