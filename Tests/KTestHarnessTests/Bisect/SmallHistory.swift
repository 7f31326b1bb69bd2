@testable import KTestValues

/// Histories for tests, drawn from a seed.
enum SmallHistory {
  /// A commit's name: forty hexadecimal digits.
  static func hash(_ index: Int) -> String {
    let digits = String(index, radix: 16)
    return String(repeating: "0", count: 40 - digits.count) + digits
  }

  /// `count` commits after the good end 0, in a line.
  static func line(_ count: Int) throws -> CommitGraph {
    try graph([[]] + (0..<count).map { [$0] })
  }

  static func graph(_ parents: [[Int]]) throws -> CommitGraph {
    let nodes = parents.enumerated().map { CommitGraph.Node(commits: [hash($0)], parents: $1) }
    return try CommitGraph(nodes: nodes, goods: [0], bad: nodes.count - 1)
  }

  /// Any acyclic graph in which everything descends from 0 and the last descends from everything.
  static func random(_ count: Int, _ numbers: inout SeededNumbers) throws -> CommitGraph {
    var parents: [[Int]] = [[]]
    for index in 1...count {
      var some: Set = [numbers.below(index)]
      if numbers.fraction() < 0.4 { some.insert(numbers.below(index)) }
      if index == count { some.formUnion(0..<index) }
      parents.append(some.sorted())
    }
    return try graph(parents)
  }

  /// Plays a search in which the bug always shows, except that `skips` do not build. Kernels: all, and those that were
  /// run before the verification began.
  static func play(_ bisection: inout Bisection, culprit: Int, skips: Set<Int> = []) -> (
    end: Conclusion, nodes: Set<Int>, beforeVerification: Set<Int>
  ) {
    var nodes: Set<Int> = []
    var before: Set<Int>?
    for _ in 0..<10_000 {
      switch bisection.next() {
      case .stop(let end): return (end, nodes, before ?? nodes)
      case .probe(let probe):
        if probe.purpose == .verify, before == nil { before = nodes }
        nodes.insert(probe.node)
        let hasBug = bisection.graph.hasBug(probe.node, from: culprit)
        let outcome: ProbeOutcome = skips.contains(probe.node) ? .unusable : hasBug ? .targetSeen : .clean
        bisection.add(Evidence(.commit(probe.commit), outcome))
      }
    }
    return (.infrastructure, nodes, before ?? nodes)
  }
}

extension Bisection {
  /// The next step, without taking it.
  var peek: BisectionStep {
    var copy = self
    return copy.next()
  }
}
