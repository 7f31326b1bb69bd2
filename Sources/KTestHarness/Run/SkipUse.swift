import KTestValues

/// Which entries under `skips` a run needed. An entry that explains nothing any more hides what is skipped next.
struct SkipUse {
  private struct Entry: Hashable {
    var suite: String
    var test: String
    var skip: KnownSkip
  }

  private var order: [Entry] = []
  private var used: Set<Entry> = []

  /// Notes the result of a case, which is as it was on its kernel.
  ///
  /// - Parameter suite: the name without the cell; an entry that one cell needs is needed.
  mutating func note(_ result: CaseResult, of test: Case, in suite: String) {
    guard result.verdict == .pass || result.verdict == .skip || result.verdict == .fail, result.subtests.total > 0
    else { return }
    for skip in test.skips {
      let entry = Entry(suite: suite, test: test.name, skip: skip)
      if !order.contains(entry) { order.append(entry) }
      let isNeeded = result.notes.contains { $0.verdict == .skip && skip.explains($0.id, saying: $0.detail) }
      if isNeeded { used.insert(entry) }
    }
  }

  /// A sentence about each entry that no skipped subtest needed.
  var notes: [String] {
    order.filter { !used.contains($0) }.map { entry in
      "\(entry.suite)/\(entry.test): nothing was skipped for the known reason '\(entry.skip.reason)' (skips: "
        + "\(entry.skip.subtest))"
    }
  }
}
