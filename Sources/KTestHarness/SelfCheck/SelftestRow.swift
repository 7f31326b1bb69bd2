package import KTestValues

/// A case of a selftest: what was done, the expected result, and the actual result.
package struct SelftestRow: Codable, Sendable, Equatable {
  package var suite: String
  package var name: String
  /// The suite's description of what happens, or the fault's name if there is none.
  package var what: String
  package var fault: SelftestExpectation.Fault
  package var expected: SelftestExpectation.Outcome
  /// The verdict; nil if the case never got one.
  package var got: Verdict?
  package var reason: String?
  /// The differences from the expectation, one sentence each; empty if there are none.
  package var differences: [String]

  /// Whether it was skipped because the kernel does not meet its requirements, as it may be.
  package var isSkipped = false

  package var isAsExpected: Bool { differences.isEmpty }

  /// - Parameters:
  ///   - result: nil if the case never got a verdict.
  ///   - artefacts: sizes in bytes of the fetched files, by their names in the guest.
  ///   - expectation: that of the case.
  package init(
    _ test: Case, expecting expectation: SelftestExpectation, suite: String, result: CaseResult?,
    artefacts: [String: Int] = [:]
  ) {
    self.suite = suite
    name = test.name
    fault = expectation.fault
    what = test.description.isEmpty ? expectation.fault.rawValue : test.description
    expected = expectation.verdict
    got = result?.verdict
    reason = result?.reason
    differences = []
    guard let result else {
      differences.append("it has no verdict")
      return
    }
    // It was skipped before boot because of its requirements, which the matrix shows.
    isSkipped = expectation.optional && result.verdict == .skip && result.boot == nil
    if isSkipped { return }
    if result.verdict.rawValue != expected.rawValue {
      differences.append("the verdict is \(result.verdict.rawValue), not \(expected.rawValue)")
    }
    if let wanted = expectation.reason, !wanted.isFound(in: result.reason ?? "") {
      differences.append("the reason does not contain '\(wanted)'")
    }
    if let wanted = expectation.evidence, !wanted.isFound(in: result.evidence?.summary ?? "") {
      let summary = result.evidence?.summary ?? "nothing"
      differences.append("the evidence is '\(summary)', not '\(wanted)'")
    }
    // A pass for a reason other than the known failure would prove nothing.
    if !test.known.isEmpty, result.subtests.known == 0 { differences.append("no failure was reported as known") }
    for text in test.artefacts where !SelftestRow.isThere(text, in: artefacts) {
      differences.append("the artefact \(text) is missing")
    }
  }

  private static func isThere(_ text: String, in artefacts: [String: Int]) -> Bool {
    guard let pattern = try? WildcardPattern(parsing: text) else { return false }
    return artefacts.contains { name, size in size > 0 && pattern.matches(whole: name) }
  }
}
