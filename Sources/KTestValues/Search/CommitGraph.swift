/// The commits between the good ends and the bad end, as a directed graph with merges.
///
/// The good ends are nodes without parents; a commit whose parents are outside of the range descends from all of them.
/// A node stands for one commit that may be the culprit, and for others that behave like it and cannot be the culprit.
package struct CommitGraph: Sendable, Equatable {
  package struct Node: Sendable, Equatable, Codable {
    /// The commit that may be the culprit, followed by those that were merged into it.
    package var commits: [String]
    /// The indices of the parents, all lower than the node's own.
    package var parents: [Int]

    package init(commits: [String], parents: [Int]) { (self.commits, self.parents) = (commits, parents) }
  }

  /// The nodes, parents before children.
  package let nodes: [Node]
  package let goods: [Int]
  package let bad: Int
  /// Row `v` contains `v` and the nodes from which it descends, which are the culprits with which `v` has the bug.
  package let ancestors: BitRows
  private let indices: [String: Int]
  /// The number of ancestors of each node, including itself.
  let depths: [Int]

  /// Throws if the bad end does not descend from a good end, or a parent comes after its child.
  package init(nodes: [Node], goods: [Int], bad: Int) throws(CommitGraphProblem) {
    guard nodes.indices.contains(bad), !goods.isEmpty, goods.allSatisfy(nodes.indices.contains) else {
      throw .noEnds
    }
    var rows = BitRows(count: nodes.count)
    var indices: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      rows.insert(index, index)
      for parent in node.parents {
        guard (0..<index).contains(parent) else { throw .notTopological(commit: node.commits.first ?? "") }
        rows.formUnion(index, with: parent)
      }
      for commit in node.commits {
        if indices.updateValue(index, forKey: commit) != nil { throw .repeated(commit: commit) }
      }
    }
    guard goods.contains(where: { $0 != bad && rows.contains(bad, $0) }) else { throw .goodIsNoAncestor }
    (self.nodes, self.goods, self.bad, ancestors, self.indices) = (nodes, goods, bad, rows, indices)
    depths = nodes.indices.map { rows.count($0) }
  }

  package var count: Int { nodes.count }

  /// Returns the commit's name for builds and reports.
  package func commit(_ node: Int) -> String { nodes[node].commits.first ?? "" }

  /// Returns the node of a commit, given by its full hash or by a unique prefix of at least seven characters.
  package func node(of commit: String) -> Int? {
    if let exact = indices[commit] { return exact }
    guard commit.utf8.count >= 7 else { return nil }
    let found = Set(indices.filter { $0.key.hasPrefix(commit) }.values)
    return found.count == 1 ? found.first : nil
  }

  /// Returns whether `node` has the bug if `culprit` introduced it: it descends from the culprit, or is it.
  package func hasBug(_ node: Int, from culprit: Int) -> Bool { ancestors.contains(node, culprit) }

  /// The number of candidates if the ends are known: ancestors of the bad end that are not good ends.
  package var candidates: Int { ancestors.count(bad) - goods.filter { ancestors.contains(bad, $0) }.count }

  /// Returns for each node the sum over the culprits with which it has the bug, in one pass: a node's sum is that of its main
  /// parent plus its own share, and at a merge what the other side adds.
  func sums<Share>(_ shares: [Share], zero: Share, add: (inout Share, Share) -> Void) -> [Share] {
    var sums = [Share](repeating: zero, count: count)
    for (index, node) in nodes.enumerated() {
      var sum = shares[index]
      if let main = node.parents.max(by: { depths[$0] < depths[$1] }) {
        add(&sum, sums[main])
        if node.parents.count > 1 {
          ancestors.forEach(index, without: main) { if $0 != index { add(&sum, shares[$0]) } }
        }
      }
      sums[index] = sum
    }
    return sums
  }

  /// Returns the nodes near `start` by their distance in edges, up to `limit`, over parents and children.
  func neighbours(of start: Int, upTo limit: Int) -> [(node: Int, distance: Int)] {
    var children: [Int: [Int]] = [:]
    for (index, node) in nodes.enumerated() {
      for parent in node.parents { children[parent, default: []].append(index) }
    }
    var seen: Set = [start]
    var found = [(node: start, distance: 0)]
    var next = 0
    while next < found.count, found[next].distance < limit {
      let (node, distance) = found[next]
      next += 1
      for neighbour in nodes[node].parents + (children[node] ?? []) where seen.insert(neighbour).inserted {
        found.append((neighbour, distance + 1))
      }
    }
    return found
  }
}

/// The reasons why a history cannot be searched.
package enum CommitGraphProblem: Error, Equatable, CustomStringConvertible {
  case badLine(number: Int, text: String)
  case notTopological(commit: String)
  case repeated(commit: String)
  case noEnds
  case badIsMissing(String)
  case goodIsNoAncestor

  package var description: String {
    switch self {
    case .badLine(let number, let text):
      "line \(number) of the list of commits is not a commit: '\(text.prefix(80))'; expected the output of "
        + "'git rev-list --parents --topo-order BAD ^GOOD'"
    case .notTopological(let commit): "commit \(commit) comes before one of its parents; list with --topo-order"
    case .repeated(let commit): "commit \(commit) is listed twice"
    case .noEnds: "a search needs a bad and at least one good commit"
    case .badIsMissing(let commit):
      "every good commit already contains the bad commit \(commit); are the ends swapped?"
    case .goodIsNoAncestor: "the bad commit does not descend from a good commit"
    }
  }
}

extension CommitGraph: Codable {
  private enum CodingKeys: CodingKey { case nodes, goods, bad }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      nodes: try container.decode([Node].self, forKey: .nodes), goods: try container.decode([Int].self, forKey: .goods),
      bad: try container.decode(Int.self, forKey: .bad))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(nodes, forKey: .nodes)
    try container.encode(goods, forKey: .goods)
    try container.encode(bad, forKey: .bad)
  }
}
