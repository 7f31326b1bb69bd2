extension CommitGraph {
  /// Parses the output of `git rev-list --parents --topo-order BAD ^GOOD…`: a commit and its parents per line, children
  /// before parents (git-rev-list(1)). Hashes are full; the good ends are not listed.
  package init(revList: String, bad: String, goods: [String]) throws(CommitGraphProblem) {
    guard !goods.isEmpty else { throw .noEnds }
    let ends = goods.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    var listed: [[String]] = []
    for (number, line) in revList.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\r" || $0 == "\t" }).map(String.init)
      if words.isEmpty { continue }
      guard words.allSatisfy(Self.isHash) else { throw .badLine(number: number + 1, text: String(line)) }
      listed.append(words)
    }
    var nodes = ends.map { Node(commits: [$0], parents: []) }
    let roots = Array(nodes.indices)
    let known = Set(listed.map { $0[0] })
    guard known.contains(bad) else { throw .badIsMissing(bad) }
    var indices = Dictionary(zip(ends, roots)) { first, _ in first }
    for words in listed.reversed() {
      var parents: [Int] = []
      for parent in words.dropFirst() {
        if let index = indices[parent] {
          parents.append(index)
        } else if known.contains(parent) {
          throw .notTopological(commit: words[0])
        } else {
          parents += roots
        }
      }
      guard indices.updateValue(nodes.count, forKey: words[0]) == nil else { throw .repeated(commit: words[0]) }
      let once = parents.reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
      nodes.append(Node(commits: [words[0]], parents: once))
    }
    try self.init(nodes: nodes, goods: roots, bad: indices[bad] ?? -1)
  }

  /// Returns whether the word is a SHA-1 or SHA-256.
  private static func isHash(_ word: String) -> Bool {
    (word.utf8.count == 40 || word.utf8.count == 64)
      && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Returns the same history with irrelevant commits merged into those they behave like: a commit for which
  /// `isRelevant` returns false (it touches no file that this configuration compiles) has the kernel of its parent.
  ///
  /// A merge of histories that differ in relevant commits stays a separate node: it may be the culprit, because two
  /// changes can each be correct but wrong together.
  package func merging(whereRelevant isRelevant: (String) -> Bool) throws(CommitGraphProblem) -> CommitGraph {
    var merged: [Node] = []
    var place = [Int](repeating: 0, count: nodes.count)
    // Row by row as above, to find parents that another parent already contains.
    var rows = BitRows(count: nodes.count)
    for (index, node) in nodes.enumerated() {
      var parents = node.parents.map { place[$0] }.reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
      parents = parents.filter { one in !parents.contains { $0 != one && rows.contains($0, one) } }
      let isEnd = goods.contains(index)
      if !isEnd, parents.count == 1, !node.commits.contains(where: isRelevant) {
        place[index] = parents[0]
        merged[parents[0]].commits += node.commits
        continue
      }
      place[index] = merged.count
      rows.insert(merged.count, merged.count)
      for parent in parents { rows.formUnion(merged.count, with: parent) }
      merged.append(Node(commits: node.commits, parents: parents))
    }
    return try CommitGraph(nodes: merged, goods: goods.map { place[$0] }, bad: place[bad])
  }
}
