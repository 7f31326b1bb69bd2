/// What one run of the good end shows: failures that are there without the bug are no news at the bad end.
public struct BisectBaseline: Codable, Sendable, Equatable {
  /// By case.
  public private(set) var tolerated: [String: ToleratedFailures] = [:]
  /// By case: how it ended.
  public private(set) var verdicts: [String: Verdict] = [:]
  /// Titles of splats, whichever case they fell into.
  public private(set) var splats: Set<String> = []

  /// Nothing is known of the good end.
  public init() {}

  public init(_ cases: [CaseResult], boots: [BootResult] = []) {
    for result in cases {
      verdicts[result.name] = result.verdict
      tolerated[result.name, default: ToleratedFailures()].add(result)
      splats.formUnion(result.splats.map(\.title))
    }
    for boot in boots { splats.formUnion(boot.splats.map(\.title)) }
  }

  /// What is no news of a case.
  public func tolerated(in test: String) -> ToleratedFailures {
    var failures = tolerated[test] ?? ToleratedFailures()
    failures.splats.formUnion(splats)
    return failures
  }

  /// The first case that has failed in a way the good end did not, and its most telling failure. A case that the good
  /// end could not run tells nothing: no run of that end could ever be clean.
  public func news(in cases: [CaseResult]) -> (testCase: String, target: BisectTarget)? {
    for result in cases {
      let before = verdicts[result.name]
      if before == .skip || before == .error { continue }
      let known = tolerated(in: result.name)
      var fresh = result
      fresh.splats.removeAll { known.splats.contains($0.title) }
      fresh.notes.removeAll { $0.verdict == .fail && known.subtests.contains($0.id) }
      // What is left of a verdict whose reasons are all old is old as well, as is one that the good end has too.
      let hasReasons = fresh.splats.count + fresh.notes.count { $0.verdict == .fail && !$0.known } > 0
      let isOld = before == result.verdict || (!hasReasons && fresh != result)
      guard hasReasons || !isOld, let target = BisectTarget(mostTellingOf: fresh) else { continue }
      return (result.name, target)
    }
    return nil
  }
}
