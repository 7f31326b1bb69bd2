import Testing

@testable import KTestValues

@Suite struct YAMLReaderTests {
  private func read(_ text: String, limits: YAMLLimits = .standard) -> (node: YAMLNode?, diagnostics: [Diagnostic]) {
    YAMLReader.read(bytes: Array(text.utf8), file: "t.yaml", limits: limits)
  }

  /// The one error of a text as `line:column message`.
  private func error(_ text: String, limits: YAMLLimits = .standard) -> String {
    let (_, diagnostics) = read(text, limits: limits)
    guard diagnostics.count == 1, let only = diagnostics.first else { return "\(diagnostics.count) diagnostics" }
    return "\(only.line ?? 0):\(only.column ?? 0) \(only.message)"
  }

  @Test func nodesKnowTheirPlace() throws {
    let root = try #require(read("a: 1\nb:\n  - x\n  - 'y z'\n").node)
    guard case .mapping(let entries) = root.content, entries.count == 2 else {
      Issue.record("not two keys: \(root)")
      return
    }
    #expect(root.mark == Mark(line: 1, column: 1))
    #expect(entries[0].key == "a" && entries[0].mark == Mark(line: 1, column: 1))
    #expect(entries[0].value == YAMLNode(.scalar(YAMLScalar("1", isPlain: true)), at: Mark(line: 1, column: 4)))
    #expect(entries[1].mark == Mark(line: 2, column: 1))
    guard case .sequence(let items) = entries[1].value.content else {
      Issue.record("no list: \(entries[1])")
      return
    }
    #expect(items.map(\.mark) == [Mark(line: 3, column: 5), Mark(line: 4, column: 5)])
    #expect(items[1].content == .scalar(YAMLScalar("y z", isPlain: false)))
  }

  @Test func columnsCountCharactersAndByteOrderMarkIsNone() throws {
    let root = try #require(read("\u{FEFF}äö: [é, x]\n").node)
    guard case .mapping(let entries) = root.content, case .sequence(let items) = entries.first?.value.content else {
      Issue.record("unexpected: \(root)")
      return
    }
    #expect(entries.first?.mark == Mark(line: 1, column: 1))
    #expect(items.map(\.mark.column) == [6, 9])
  }

  @Test(arguments: ["a: 1\r\nb: 2\r\n", "a: 1\rb: 2\r", "a: 1\nb: 2"]) func lineBreaksOfAllKinds(text: String) throws {
    let (node, diagnostics) = read(text)
    #expect(diagnostics.isEmpty)
    guard case .mapping(let entries) = node?.content else {
      Issue.record("no mapping")
      return
    }
    #expect(entries.map(\.mark) == [Mark(line: 1, column: 1), Mark(line: 2, column: 1)])
  }

  @Test(arguments: ["", "\n\n", "# only a comment\n", "\u{FEFF}", "   "]) func emptyFile(text: String) {
    #expect(error(text) == "1:1 the file is empty")
    #expect(read(text).node == nil)
  }

  @Test func duplicateKeysAreAllReported() {
    let (node, diagnostics) = read("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    #expect(node != nil)
    #expect(diagnostics.map(\.mark) == [Mark(line: 2, column: 11), Mark(line: 3, column: 1)])
    #expect(diagnostics.last?.message == "the key 'a' is duplicated")
    #expect(diagnostics.last?.note == "the first one is in line 1")
  }

  @Test func tabsAreNamed() {
    #expect(error("a:\n\tb: 1\n") == "2:1 a tab indents this line; YAML allows spaces only")
    #expect(error("a:\n  - b: 1\n  \tc: 2\n") == "3:3 a tab indents this line; YAML allows spaces only")
    #expect(read("a: |\n  all:\n  \techo\nb: 1\t# comment\n").diagnostics.isEmpty)
  }

  @Test func secondDocument() {
    #expect(error("a: 1\n---\nb: 2\n") == "2:1 a second document starts here; a file has only one")
    #expect(read("---\na: 1\n...\n").diagnostics.isEmpty)
  }

  @Test func anchorsAliasesAndTagsAreRefused() {
    #expect(error("a: *x\n") == "1:4 the alias '*x' is not supported")
    #expect(error("a: &x 1\n") == "1:4 the anchor '&x' is not supported")
    #expect(error("a: !!binary aGk=\n") == "1:4 the tag 'tag:yaml.org,2002:binary' is not supported")
    #expect(read("a: &x [*x]\n").diagnostics.count == 2, "a cycle is an anchor and an alias")
    let glob = read("a: [**.txt]\n").diagnostics
    #expect(glob.first?.note == "a text that starts with '*' or '&' must be quoted")
  }

  @Test func aliasBombCostsNothing() {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...40 {
      text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    let (_, diagnostics) = read(text)
    #expect(diagnostics.count == Diagnostics.limit + 1)
    #expect(diagnostics.last?.message == "341 more problems are not shown")
  }

  @Test func keysAreText() {
    #expect(error("[a, b]: 1\n") == "1:1 a key must be text, found a list")
    #expect(error("? {a: 1}\n: 2\n") == "1:3 a key must be text, found a mapping")
  }

  @Test func depthAndCountAreLimited() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(error(deep) == "1:33 nested more than 32 levels deep")
    let block = (0..<200).map { String(repeating: "  ", count: $0) + "a:\n" }.joined()
    #expect(error(block) == "33:65 nested more than 32 levels deep")
    #expect(read(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)).diagnostics.isEmpty)
    let wide = "[" + String(repeating: "a,", count: 400_000) + "]"
    #expect(error(wide) == "1:100000 more than 50000 keys and values in one file")
  }

  @Test func hundredMegabytesAreRefusedUnread() {
    let bytes = [UInt8](repeating: UInt8(ascii: "["), count: 100_000_000)
    let (node, diagnostics) = YAMLReader.read(bytes: bytes, file: "t.yaml")
    #expect(node == nil)
    #expect(diagnostics.map(\.message) == ["the file has 100000000 bytes; the limit is 1048576"])
    #expect(!DiagnosticRenderer(source: bytes).render(diagnostics).contains("[["))
  }

  /// A full mebibyte of what parsers like least.
  @Test(
    arguments: [
      "a: [", "? ", "- ", "{", "a: {b: ", "'", "\"\\", "&a ", "*a ", "|\n", "# \n", "!a ", "%A b\n", " ", "a\n:",
    ])
  func largestFileOfRepetitions(piece: String) {
    let text = String(repeating: piece, count: (1 << 20) / piece.utf8.count)
    let (node, diagnostics) = read(text)
    #expect(node != nil || !diagnostics.isEmpty)
    #expect(DiagnosticRenderer(source: Array(text.utf8)).render(diagnostics).utf8.count < 200_000)
  }

  @Test func bytesThatAreNoText() {
    func first(_ bytes: [UInt8]) -> Diagnostic? { YAMLReader.read(bytes: bytes, file: "t").diagnostics.first }
    let invalid = first(Array("a: b\nü: ".utf8) + [0xC3, 0x28])
    #expect(invalid?.mark == Mark(line: 2, column: 4))
    #expect(invalid?.message == "byte 0xC3 at offset 9 is not UTF-8")
    let cut = first(Array("a: ".utf8) + [0xE2, 0x82])
    #expect(cut?.mark == Mark(line: 1, column: 4))
    let wide = first([0xFF, 0xFE, 0x61, 0x00])
    #expect(wide?.note == "this looks like UTF-16; save the file as UTF-8")
    let nul = first(Array("a: b\r\n  \0".utf8))
    #expect(nul?.mark == Mark(line: 2, column: 3))
    #expect(nul?.message == "the character U+0000 is not allowed in YAML")
    #expect(first(Array("a: \u{1b}[31m".utf8))?.message == "the character U+001B is not allowed in YAML")
    #expect(first(Array("a: \u{FEFF}b".utf8))?.mark == Mark(line: 1, column: 4))
  }

  @Test func syntaxErrorsSayWhatToDo() {
    func note(_ text: String) -> String? { read(text).diagnostics.first?.note }
    #expect(note("a: b: c\n")?.contains("quote") == true)
    #expect(note("a: [b\nc: d\n")?.contains("']' or a comma") == true)
    #expect(note("a: @b\n") == "a text that starts with '@' must be quoted")
    #expect(note("a: 'b\n") == "is the closing quote missing?")
    #expect(note("a: \"\\q\"\n")?.contains("backslash") == true)
    #expect(note("a: 1\n b: 2\n") != nil)
  }
}
