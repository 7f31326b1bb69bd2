/// A history with a bug in it, whose kernels answer as a real one's might.
struct SimulatedHistory: Sendable {
  /// What is generated. Rates are in 0…1.
  struct Conditions: Sendable, Hashable {
    var commits: Int
    var hasMerges: Bool
    /// How often the bug shows in a run on a commit that has it.
    var rate: Double
    /// Skips, other failures and false alarms.
    var isRough: Bool
  }

  /// The share of commits that do not build, in stretches of five on average.
  static let brokenShare = 0.05
  /// How often a run ends with another failure, anywhere.
  static let strayFailures = 0.03
  /// How often it does in the stretch of a tenth of the history that has another bug.
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

  /// Branches start at commits of the last few dozen and are merged back, about one commit in twelve being a merge.
  private static func merges(_ count: Int, _ numbers: inout SeededNumbers) -> [[Int]] {
    var parents: [[Int]] = [[]]
    var heads = [0]
    while parents.count < count + 1 - (heads.count - 1) {
      let head = numbers.below(heads.count)
      let chance = numbers.fraction()
      if chance < 0.08, heads.count < 6, parents.count > 1 {
        // A branch starts behind the newest commit.
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

  /// One run on a commit.
  func run(_ node: Int, _ numbers: inout SeededNumbers) -> ProbeOutcome {
    if broken.contains(node) { return .unusable }
    if conditions.isRough {
      let others = otherStretch.contains(node) ? Self.otherBug : node == 0 ? 0 : Self.strayFailures
      if numbers.fraction() < others { return .otherFailure }
    }
    let alarms = conditions.isRough ? Self.falseAlarms : 0
    return numbers.fraction() < (graph.hasBug(node, from: culprit) ? conditions.rate : alarms) ? .targetSeen : .clean
  }
}

/// What a search came to, and what it used.
struct SimulatedSearch: Sendable, Equatable {
  /// nil where none was named.
  var culprit: Int?
  /// All runs of the case. `git bisect` takes its ends as told; what would prove them is counted here nevertheless.
  var runs = 0
  /// Those that proved the ends.
  var ends = 0
  /// Those from the first run of the first verification on, whatever they were for; `git bisect` has none.
  var verification = 0
  /// Different kernels that were tried; with ktest both ends are among them.
  var kernels: Set<Int> = []
}
