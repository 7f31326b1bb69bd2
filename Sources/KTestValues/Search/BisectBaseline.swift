/// The results of one run of the good end: failures that exist without the bug are ignored at the bad end.
package struct BisectBaseline: Codable, Sendable, Equatable {
  /// The tolerated failures by case.
  package private(set) var tolerated: [String: ToleratedFailures] = [:]
  /// The verdicts by case.
  package private(set) var verdicts: [String: Verdict] = [:]
  /// The titles of splats, whichever case they occurred in.
  package private(set) var splats: Set<String> = []

  /// Creates an empty baseline, if nothing is known about the good end.
  package init() {}

  package init(_ cases: [CaseResult], boots: [BootResult] = []) {
    for result in cases {
      verdicts[result.name] = result.verdict
      tolerated[result.name, default: ToleratedFailures()].add(result)
      splats.formUnion(result.splats.map(\.title))
    }
    for boot in boots { splats.formUnion(boot.splats.map(\.title)) }
  }

  /// Returns the failures of a case to ignore.
  package func tolerated(in test: String) -> ToleratedFailures {
    var failures = tolerated[test] ?? ToleratedFailures()
    failures.splats.formUnion(splats)
    return failures
  }

  /// Returns the first case that failed in a way the good end did not, and its most significant failure. A case that
  /// the good end could not run is ignored, because no run of that end could ever be clean.
  package func news(in cases: [CaseResult]) -> (testCase: String, target: BisectTarget)? {
    for result in cases {
      let before = verdicts[result.name]
      if before == .skip || before == .error { continue }
      let known = tolerated(in: result.name)
      var fresh = result
      fresh.splats.removeAll { known.splats.contains($0.title) }
      fresh.notes.removeAll { $0.verdict == .fail && known.subtests.contains($0.id) }
      // If all reasons of a verdict are old, the verdict is old as well, as is one that the good end also has.
      let hasReasons = fresh.splats.count + fresh.notes.count { $0.verdict == .fail && !$0.known } > 0
      let isOld = before == result.verdict || (!hasReasons && fresh != result)
      guard hasReasons || !isOld, let target = BisectTarget(mostTellingOf: fresh) else { continue }
      return (result.name, target)
    }
    return nil
  }
}
