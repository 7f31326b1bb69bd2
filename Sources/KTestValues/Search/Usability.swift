/// The probability that a commit's kernel gives an answer at all.
///
/// Breakage comes in stretches: commits next to one that does not build often do not build either. The length of such a
/// stretch is unknown, so the probability of breakage falls with distance without a scale: at `d` edges it is
/// `2/(d+2)`.
struct Usability: Sendable, Equatable {
  private static let usual = 0.95
  private static let reach = 40
  /// The number of other failures without a clear answer that are equivalent to a kernel that does not run.
  private static let tolerance = 3

  private var nearby: [Double]
  private(set) var broken: Set<Int> = []
  private var spoke: [Int: Int] = [:]
  private var other: [Int: Int] = [:]

  init(count: Int) { nearby = [Double](repeating: 1, count: count) }

  /// Whether nothing is known to be broken.
  var isClear: Bool { broken.isEmpty && other.isEmpty }

  func chance(_ node: Int) -> Double {
    if broken.contains(node) { return 0 }
    let (spoke, other) = (spoke[node] ?? 0, other[node] ?? 0)
    if spoke > 0 { return Double(spoke + 1) / Double(spoke + other + 1) }
    return Self.usual * nearby[node] / Double(1 + other)
  }

  mutating func learn(_ node: Int, _ outcome: ProbeOutcome, in graph: CommitGraph) {
    switch outcome {
    case .targetSeen, .clean: spoke[node, default: 0] += 1
    case .otherFailure:
      other[node, default: 0] += 1
      if spoke[node] == nil, other[node] == Self.tolerance { spread(from: node, in: graph) }
    case .unusable:
      if spoke[node] != nil {
        other[node, default: 0] += 1
      } else if broken.insert(node).inserted {
        spread(from: node, in: graph)
      }
    case .infrastructure: break
    }
  }

  private mutating func spread(from node: Int, in graph: CommitGraph) {
    for (neighbour, distance) in graph.neighbours(of: node, upTo: Self.reach) where distance > 0 {
      nearby[neighbour] *= Double(distance) / Double(distance + 2)
    }
  }
}
