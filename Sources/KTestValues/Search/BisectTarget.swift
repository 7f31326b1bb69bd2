/// The failure that a search follows. All other failures are ignored.
package enum BisectTarget: Codable, Sendable, Equatable {
  /// A subtest by its id, outermost name first, joined by `/`.
  case subtest(String)
  case splat(Signature)
  /// A measured value on the wrong side of a threshold, in the metric's own unit.
  case metric(name: String, threshold: Double, isBadAbove: Bool)
  /// The case as a whole has this verdict (`fail`, `timeout` or `crash`) without a splat.
  case verdict(Verdict)

  /// Creates the target for the most significant failure of a run at the bad end: a splat whose title can be trusted,
  /// else a subtest, else the verdict. Returns nil for a run without a failure of the kernel.
  package init?(mostTellingOf result: CaseResult) {
    if let splat = result.splats.first(where: { !$0.title.hasSuffix(" in corrupted") }) {
      self = .splat(Signature(title: splat.title))
    } else if let note = result.notes.first(where: { $0.verdict == .fail && !$0.known }) {
      self = .subtest(note.id)
    } else if result.verdict.isBad, result.verdict != .error, !Self.isVacuous(result) {
      self = .verdict(result.verdict)
    } else {
      return nil
    }
  }

  /// One line for people.
  package var text: String {
    switch self {
    case .subtest(let id): "subtest '\(id)' fails"
    case .splat(let signature): "the kernel says '\(signature.title)'"
    case .metric(let name, let threshold, let isBadAbove):
      "metric '\(name)' is \(isBadAbove ? "above" : "below") \(threshold)"
    case .verdict(let verdict): "the case ends with \(verdict.rawValue)"
    }
  }

  /// Returns whether a run executed less than the suite requires (`Judge`) and nothing else is wrong with the test.
  static func isVacuous(_ result: CaseResult) -> Bool {
    let kinds = Set(result.findings.map(\.kind))
    return kinds.contains(.vacuous) && kinds.isDisjoint(with: [.program, .outputLimit, .incomplete, .subtest])
  }
}

/// Failures that occur with and without the bug, such as those of the good end, and are ignored.
package struct ToleratedFailures: Codable, Sendable, Equatable {
  package var subtests: Set<String>
  /// The titles of splats.
  package var splats: Set<String>

  package init(subtests: Set<String> = [], splats: Set<String> = []) {
    (self.subtests, self.splats) = (subtests, splats)
  }

  package mutating func add(_ result: CaseResult) {
    subtests.formUnion(result.notes.filter { $0.verdict == .fail && !$0.known }.map(\.id))
    splats.formUnion(result.splats.map(\.title))
  }
}

/// What a run says about the target.
package struct TargetReading: Codable, Sendable, Equatable {
  package var outcome: ProbeOutcome
  /// The reason in one sentence.
  package var note: String
  /// Another failure that could be searched for separately.
  package var other: BisectTarget?

  package init(_ outcome: ProbeOutcome, _ note: String, other: BisectTarget? = nil) {
    (self.outcome, self.note, self.other) = (outcome, note, other)
  }
}
