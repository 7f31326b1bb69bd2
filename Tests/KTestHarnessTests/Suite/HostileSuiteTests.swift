import Testing

@testable import KTestValues

/// Whatever the bytes: there is a suite, or there is an error, and neither crash nor hang.
struct HostileSuiteTests {
  private func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) {
    let (suite, diagnostics) = Suite.read(bytes: bytes, file: "t.yaml")
    let hasError = diagnostics.contains { $0.severity == .error }
    if (suite == nil) != hasError { Issue.record("\(what()): suite \(suite != nil), \(diagnostics)") }
    let text = DiagnosticRenderer(source: bytes).render(diagnostics)
    let isPlain = text.utf8.allSatisfy { $0 == 0x0A || $0 >= 0x20 && $0 != 0x7F }
    if !isPlain { Issue.record("\(what()): control characters in \(text.debugDescription)") }
    for diagnostic in diagnostics where diagnostic.message.isEmpty { Issue.record("\(what()): a message is empty") }
  }

  @Test(arguments: ["device-dax.yaml", "full.yaml", "selftest.yaml", "broken.yaml"])
  func truncatedAtEveryByte(name: String) throws {
    let bytes = try SuiteFixture.bytes(name)
    for length in 0...bytes.count { check(Array(bytes[..<length]), "\(name), first \(length) bytes") }
  }

  @Test(arguments: 1...4) func randomMutations(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let original = try SuiteFixture.bytes("full.yaml")
    let pieces: [[UInt8]] =
      [
        "\t", "\0", "*a", "&a ", "[", "]", "{", "}", ": ", "- ", "\r", "'", "\"", "|", ">", "?", "!!x ", "---\n",
        "\u{FEFF}",
        "99999999999999999999", "-1", "~", "\u{85}", "\u{2028}", "%", "@", "#", "\n", "   ", "\u{1F4A5}",
      ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]
    for round in 0..<1_500 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &random)))
        case 2: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: at)
        default:
          let length = Int.random(in: 1...200, using: &random)
          bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + length)], at: 0)
        }
        if bytes.isEmpty { break }
      }
      check(bytes, "seed \(seed), round \(round)")
    }
  }

  @Test(arguments: 1...4) func randomBytes(seed: UInt64) {
    var random = SplitMix(state: seed)
    for round in 0..<500 {
      let bytes = (0..<200).map { _ in UInt8.random(in: 0...127, using: &random) }
      check(bytes, "seed \(seed), round \(round)")
    }
  }

  @Test func oneClearMessageEach() {
    func only(_ text: String) -> String {
      let messages = SuiteFixture.messages(text)
      return messages.count == 1 ? messages[0] : "\(messages)"
    }
    let cases = "cases: [{name: a, run: [b]}]\n"
    #expect(only("suite: x\ncase: []\n" + cases) == "2:1 unknown key 'case' in a suite; did you mean 'cases'?")
    #expect(only("suite: x\nmatricks: {a: [1]}\n" + cases) == "2:1 unknown key 'matricks' in a suite")
    #expect(only("suite: x\ncases:\n\t- name: a\n") == "3:1 a tab indents this line; YAML allows spaces only")
    #expect(only("suite: x\n" + cases + "setup: &a [[x]]\n").contains("the anchor '&a' is not supported"))
    #expect(only("suite: [x]\n" + cases) == "1:8 expected a suite's name, found a list")
    #expect(only("suite: x\ncases: []\n") == "2:8 a suite needs at least one case")
    #expect(only("suite: x\0\n") == "1:9 the character U+0000 is not allowed in YAML")
    #expect(only("hello") == "1:1 expected a suite (a mapping), found 'hello'")
    #expect(only("suite: x\nsuite: y\n" + cases) == "2:1 the key 'suite' is duplicated")
    #expect(only("") == "1:1 the file is empty")
  }

  @Test func manyProblemsAreCut() {
    let text = "suite: x\ncases:\n" + String(repeating: "  - {nmae: a}\n", count: 10_000)
    let (suite, diagnostics) = Suite.read(bytes: Array(text.utf8), file: "t")
    #expect(suite == nil && diagnostics.count == Diagnostics.limit + 1)
    let keys =
      "suite: x\ncases: [{name: a, run: [b]}]\n"
      + (0..<15_000).map { "memory-limit-of-the-guest-that-is-far-too-long-\($0): 1\n" }.joined()
    #expect(Suite.read(bytes: Array(keys.utf8), file: "t").diagnostics.count == Diagnostics.limit + 1)
  }

  /// Deterministic, so that a failure can be repeated by its seed.
  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
