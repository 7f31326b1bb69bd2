import GuestProtocol
import Testing

/// What the agent asks of a pattern; the rest is in `TextPatternTests`.
@Suite struct WildcardTests {
  @Test(
    "artefacts are named by the same patterns as everything else",
    arguments: [
      ("*.log", "a.log", true), ("*.log", "a.log.1", false), ("report.txt", "report.txt", true), ("\\*", "*", true),
      ("\\*", "x", false), ("a\\\\*", "a\\b", true), ("/tmp/*.log", "/tmp/x.log", true), ("*", "", true),
    ])
  func whole(_ pattern: String, _ name: String, _ isMatch: Bool) throws {
    #expect(try Wildcard(pattern).matches(whole: name) == isMatch)
  }

  @Test func whatIsNoPattern() {
    #expect(throws: Wildcard.Problem.empty) { try Wildcard("") }
    #expect(throws: Wildcard.Problem.escapesNothing) { try Wildcard("a\\b") }
    #expect(throws: Wildcard.Problem.endsWithBackslash) { try Wildcard("a\\") }
  }
}
