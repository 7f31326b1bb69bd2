import Testing

@testable import KTestValues

@Suite struct YAMLMapReaderTests {
  private enum Colour: String, CaseIterable { case red, green, blue }

  private let keys = [
    "name", "count", "flag", "size", "wait", "colour", "words", "numbers", "inner", "table", "memory-limit",
  ]

  private func messages(_ text: String, _ body: (YAMLMapReader) -> Void) throws -> [String] {
    let diagnostics = Diagnostics(file: "t")
    let root = try #require(YAMLReader.read(bytes: Array(text.utf8), diagnostics: diagnostics))
    if let map = YAMLMapReader(root, of: "a thing", keys: keys, required: ["name"], diagnostics) { body(map) }
    return diagnostics.all.map { "\($0.line ?? 0):\($0.column ?? 0) \($0.message)" }
  }

  @Test func readsEveryKind() throws {
    let text = """
      name: 007
      count: 12
      flag: true
      size: 4GiB
      wait: 90s
      colour: green
      words: [a, 5, 0x10, "null", yes]
      numbers: [1, -2]
      inner: {name: x}
      table: {b: 1, a: 2}
      """
    let problems = try messages(text) { map in
      #expect(map.string("name") == "007")
      #expect(map.integer("count") == 12)
      #expect(map.boolean("flag") == true)
      #expect(map.size("size") == .gibibytes(4))
      #expect(map.duration("wait") == .seconds(90))
      #expect(map.choice("colour", Colour.self) == .green)
      #expect(map.strings("words") == ["a", "5", "0x10", "null", "yes"])
      #expect(map.integers("numbers", in: -5...5) == [1, -2])
      #expect(map.map("inner", of: "an inner thing", keys: ["name"])?.string("name") == "x")
      #expect(map.entries("table", "a table")?.map(\.key) == ["b", "a"])
      #expect(map.string("memory-limit") == nil && !map.has("memory-limit"))
      #expect(map.mark(of: "count") == Mark(line: 2, column: 1))
    }
    #expect(problems == [])
  }

  @Test func allProblemsAtOnce() throws {
    let text = """
      cuont: 1
      zzzzzzzz: 1
      memory_limit: 1
      flag: yes
      size: 4GB
      wait: 60
      colour: gren
      words: {a: 1}
      numbers: [1, x, [2]]
      inner: []
      table: ~
      count: 1.5
      """
    let problems = try messages(text) { map in
      #expect(map.string("name") == nil)
      #expect(map.integer("count") == nil)
      #expect(map.boolean("flag") == nil)
      #expect(map.size("size") == nil)
      #expect(map.duration("wait") == nil)
      #expect(map.choice("colour", Colour.self) == nil)
      #expect(map.strings("words") == nil)
      #expect(map.integers("numbers") == [1])
      #expect(map.map("inner", of: "an inner thing", keys: ["name"]) == nil)
      #expect(map.entries("table", "a table") == nil)
    }
    #expect(
      problems == [
        "1:1 unknown key 'cuont' in a thing; did you mean 'count'?",
        "1:1 a thing needs the key 'name'",
        "2:1 unknown key 'zzzzzzzz' in a thing",
        "3:1 unknown key 'memory_limit' in a thing; did you mean 'memory-limit'?",
        "4:7 expected true or false, found 'yes'",
        "5:7 the unit of '4GB' is unknown; did you mean '4GiB'?",
        "6:7 the duration '60' has no unit; did you mean '60s'?",
        "7:9 expected red, green or blue, found 'gren'; did you mean 'green'?",
        "8:8 expected a list of strings, found a mapping",
        "9:14 expected a whole number, found 'x'",
        "9:17 expected a whole number, found a list",
        "10:8 expected an inner thing (a mapping), found a list",
        "11:8 expected a table, found nothing",
        "12:8 expected a whole number, found '1.5'",
      ])
  }

  @Test func rootOfAnotherKind() throws {
    #expect(try messages("[a]") { _ in } == ["1:1 expected a thing (a mapping), found a list"])
    #expect(try messages("--- ~") { _ in } == ["1:5 expected a thing (a mapping), found nothing"])
  }

  @Test func whatWasRefusedIsReportedOnce() throws {
    let problems = try messages("name: *x\nwords: [&a b]\n") { map in
      #expect(map.string("name") == nil)
      #expect(map.strings("words") == [])
    }
    #expect(problems == ["1:7 the alias '*x' is not supported", "2:9 the anchor '&a' is not supported"])
  }

  @Test(arguments: ["010", "+5", "1e3", "0x10", "'5'", "--5", "5-", "99999999999999999999", "6", "-1", "٣"])
  func integersAreStrict(text: String) throws {
    let problems = try messages("name: x\ncount: \(text)\n") { map in
      #expect(map.integer("count", in: 0...5) == nil)
    }
    #expect(problems.count == 1)
  }

  @Test func controlCharactersInText() throws {
    let problems = try messages("name: \"a\\0b\"\nwords: [\"\\e[0m\", \"\\0\"]\n") { map in
      #expect(map.string("name") == nil)
      #expect(map.strings("words", raw: true) == ["\u{1b}[0m"])
    }
    #expect(problems.count == 2)
  }
}
