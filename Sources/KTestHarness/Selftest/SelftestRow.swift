/// One case of a selftest: what was done, what had to be said of it, and what was said.
public struct SelftestRow: Codable, Sendable, Equatable {
  public var suite: String
  public var name: String
  /// What happens, in the suite's words; the fault's name where it has none.
  public var what: String
  public var fault: SelftestExpectation.Fault
  public var expected: SelftestExpectation.Outcome
  /// nil when the case never got a verdict.
  public var got: Verdict?
  public var reason: String?
  /// What is not as expected, one sentence each. Empty when all is.
  public var differences: [String]

  public var isAsExpected: Bool { differences.isEmpty }

  /// - Parameters:
  ///   - result: nil when the case never got a verdict.
  ///   - artefacts: sizes in bytes of the files that were brought back, by their names in the guest.
  ///   - expectation: the case's own.
  public init(
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
      differences.append("it got no verdict")
      return
    }
    // Before a boot, by its requirements; the matrix shows it as what it is.
    if expectation.optional, result.verdict == .skip, result.boot == nil { return }
    if result.verdict.rawValue != expected.rawValue {
      differences.append("the verdict is \(result.verdict.rawValue), not \(expected.rawValue)")
    }
    if let wanted = expectation.reason, !wanted.isFound(in: result.reason ?? "") {
      differences.append("the reason does not say '\(wanted)'")
    }
    if let wanted = expectation.evidence, !wanted.isFound(in: result.evidence?.summary ?? "") {
      let summary = result.evidence?.summary ?? "nothing"
      differences.append("what hangs is said to be '\(summary)', not '\(wanted)'")
    }
    // A pass for another reason than the known failure would prove nothing.
    if !test.known.isEmpty, result.subtests.known == 0 { differences.append("no failure was reported as known") }
    for text in test.artefacts where !SelftestRow.isThere(text, in: artefacts) {
      differences.append("the artefact \(text) was not brought back")
    }
  }

  private static func isThere(_ text: String, in artefacts: [String: Int]) -> Bool {
    guard let pattern = try? WildcardPattern(parsing: text) else { return false }
    return artefacts.contains { name, size in size > 0 && pattern.matches(whole: name) }
  }
}
