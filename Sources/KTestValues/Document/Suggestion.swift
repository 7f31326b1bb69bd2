/// Suggests a correction ("did you mean …?") for a misspelt word.
package enum Suggestion {
  /// Returns the nearest candidate, or nil if none is near enough. The first of equally near candidates is chosen.
  package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let written = folded(word)
    // The word is longer than any key, so it is not a typo, and the distance costs the product of the lengths.
    guard !written.isEmpty, written.count <= 64 else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in candidates {
      let known = folded(candidate)
      let distance = distance(written, known)
      guard distance <= max(1, max(written.count, known.count) / 3), distance < best?.distance ?? .max else { continue }
      best = (candidate, distance)
    }
    return best?.word
  }

  /// Returns `; did you mean 'x'?` or an empty text, to append to a message.
  package static func ending(for word: String, in candidates: some Sequence<String>) -> String {
    nearest(to: word, in: candidates).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Folds a word so that `memory_limit`, `memoryLimit` and `memory-limit` are equal.
  private static func folded(_ word: String) -> [Character] {
    word.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
  }

  /// Returns the optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost
  /// one each.
  package static func distance(_ left: [Character], _ right: [Character]) -> Int {
    if left.isEmpty || right.isEmpty { return left.count + right.count }
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in 1...left.count {
      var current = [Int](repeating: row, count: right.count + 1)
      for column in 1...right.count {
        let change = left[row - 1] == right[column - 1] ? 0 : 1
        var cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + change)
        if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
          cost = min(cost, beforeLast[column - 2] + 1)
        }
        current[column] = cost
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
