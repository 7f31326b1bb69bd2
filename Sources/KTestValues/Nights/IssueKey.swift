/// What failures have in common that are one issue.
package enum IssueKey: Sendable, Hashable {
  /// The title of a splat, whatever test and kernel showed it.
  case splat(String)
  /// A failing case or subtest without a splat, in all cells and on all kernels. The subtest is empty for a whole case.
  case test(suite: String, test: String, subtest: String)

  /// The title, as people read it: that of the splat, or `SUITE:CASE[:SUBTEST]`.
  package var title: String {
    switch self {
    case .splat(let title): title
    case .test(let suite, let test, let subtest): "\(suite):\(test)" + (subtest.isEmpty ? "" : ":\(subtest)")
    }
  }

  /// Eight hexadecimal digits that are the same in every night and at every site.
  package var id: String {
    let words =
      switch self {
      case .splat(let title): ["splat", title]
      case .test(let suite, let test, let subtest): ["test", suite, test, subtest]
      }
    // Words are kept apart: "a", "bc" is not "ab", "c".
    return String(SHA256.hex(of: JSONValue.strings(words).line).prefix(8))
  }

  /// Returns the issues that one failing result shows: one for each splat; without a splat, that of its test.
  ///
  /// - Parameter isExplained: whether subtests of the failing case failed. Then it shows no issue of its own, unless it ended
  ///   otherwise than by a plain failure.
  package static func keys(
    of series: SeriesKey, _ verdict: Verdict, splats: [String], isExplained: Bool
  ) -> [IssueKey] {
    guard verdict.countsAsFailure == true else { return [] }
    if !splats.isEmpty {
      var seen: Set<String> = []
      return splats.filter { seen.insert($0).inserted }.map { .splat($0) }
    }
    if isExplained, verdict == .fail { return [] }
    return [.test(suite: series.suite, test: series.test, subtest: series.subtest)]
  }

  /// Returns the issues that the results of a case show, each with the subtest that shows it; nil for the whole case.
  package static func keys(of result: CaseResult, suite name: String) -> [(key: IssueKey, subtest: String?)] {
    var series = SeriesKey(suite: SeriesKey.parts(ofSuite: name).suite, test: result.name)
    let failing = result.notes.filter { !$0.id.isEmpty && !$0.known && $0.verdict.countsAsFailure == true }
    var found = keys(
      of: series, result.verdict, splats: result.splats.map(\.title), isExplained: !failing.isEmpty
    ).map { (key: $0, subtest: String?.none) }
    for note in failing {
      series.subtest = note.id
      found += keys(of: series, note.verdict, splats: [], isExplained: false).map { ($0, note.id) }
    }
    return found
  }
}
