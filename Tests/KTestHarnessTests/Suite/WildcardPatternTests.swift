import Testing

@testable import KTestValues

struct TextPatternTests {
  @Test(
    arguments: [
      ("SIGBUS", "Sending SIGBUS to x", true), ("SIGBUS", "sending sigbus", false), ("a*c", "xxabbbcxx", true),
      ("a*c", "c a", false), ("*a*", "a", true), ("a**b", "ab", true), ("\\*", "a*b", true), ("\\*", "ab", false),
      ("a\\\\b", "a\\b", true), ("*", "", true), ("a", "", false), ("ab*ab", "ab", false), ("ab*ab", "xabab", true),
      ("…", "x…y", true), ("aab", "aaab", true),
    ]) func found(pattern: String, line: String, isFound: Bool) throws
  {
    #expect(try WildcardPattern(parsing: pattern).isFound(in: line) == isFound)
  }

  @Test(
    arguments: [
      ("hmm.migrate", "hmm.migrate", true), ("hmm.migrate", "hmm.migrate_multiple", false),
      ("hmm.migrate*", "hmm.migrate_multiple", true), ("*migrate", "hmm.migrate", true), ("a*a", "a", false),
      ("a*a", "aa", true), ("a*b*c", "axbxc", true), ("a*b*c", "axcxb", false), ("*", "", true), ("ab*b", "ab", false),
      ("a*bc*c", "abc", false), ("a*bc*c", "abcc", true),
    ]) func whole(pattern: String, name: String, isMatch: Bool) throws
  {
    #expect(try WildcardPattern(parsing: pattern).matches(whole: name) == isMatch)
  }

  @Test(arguments: ["", "a\\", "\\d+", "a\nb", "\u{7f}", String(repeating: "x", count: 501)])
  func refuses(pattern: String) {
    #expect(throws: ValueProblem.self) { try WildcardPattern(parsing: pattern) }
  }

  @Test func bytesThatAreNoText() throws {
    #expect(try WildcardPattern(parsing: "b*d").isFound(in: [0xFF, 0x62, 0x00, 0xC3, 0x64]))
  }

  @Test func aMegabyteLine() throws {
    let pattern = try WildcardPattern(parsing: "aaaaaaaa*aaaaaaab")
    #expect(!pattern.isFound(in: [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)))
  }

  @Test func everything() throws {
    #expect(try WildcardPattern(parsing: "**").matchesEverything)
    #expect(try !WildcardPattern(parsing: "*a").matchesEverything)
  }
}

struct RequirementTests {
  @Test func configSymbols() throws {
    #expect(try ConfigRequirement(parsing: "DEV_DAX") == ConfigRequirement("DEV_DAX"))
    #expect(try ConfigRequirement(parsing: "DEV_DAX=m").description == "DEV_DAX=m")
    for text in ["", "=m", "DEV_DAX=", "DEV_DAX=n", "DEV_DAX=enabled", "dev_dax", "CONFIG_DEV_DAX", "A B", "A=m=y"] {
      #expect(throws: ValueProblem.self, "\(text)") { try ConfigRequirement(parsing: text) }
    }
  }

  @Test func mergingKeepsOrderAndDropsRepetition() {
    let first = Requirements(config: [ConfigRequirement("A")], cpu: ["x"], parameters: ["p"])
    let second = Requirements(config: [ConfigRequirement("B"), ConfigRequirement("A")], modules: ["m"], cpu: ["x"])
    #expect(
      first.merging(second)
        == Requirements(
          config: [ConfigRequirement("A"), ConfigRequirement("B")], modules: ["m"], cpu: ["x"], parameters: ["p"]))
  }

  @Test func counts() {
    #expect(CountRange.exactly(3).contains(3) && !CountRange.exactly(3).contains(4))
    #expect(CountRange.atLeast(3).contains(99) && !CountRange.atLeast(3).contains(2))
    #expect(CountRange.atMost(3).contains(0) && !CountRange.atMost(3).contains(4))
    #expect(
      [CountRange.exactly(3), .atLeast(3), .atMost(3), CountRange(min: 1, max: 3)].map(\.description)
        == ["3", "at least 3", "at most 3", "1 to 3"])
  }

  @Test func names() throws {
    #expect(try NameRule.suite.check("device-dax") == "device-dax")
    #expect(NameRule.suite.pattern == "^[a-z0-9][a-z0-9-]{0,63}$")
    for text in ["", "-a", "A", "a b", "a/b", "ä", "a\u{0}", "a\u{301}", String(repeating: "a", count: 65)] {
      #expect(throws: ValueProblem.self, "\(text)") { try NameRule.suite.check(text) }
    }
    #expect(throws: ValueProblem.self) { try NameRule.testCase.check("..") }
  }
}
