import Testing

@testable import KTestValues

@Suite struct DiagnosticTests {
  private func render(_ source: String, _ mark: Mark?, _ message: String = "wrong", note: String? = nil) -> String {
    DiagnosticRenderer(source: Array(source.utf8))
      .render(Diagnostic(file: "s.yaml", mark: mark, message: message, note: note))
  }

  @Test func lineAndCaret() {
    #expect(
      render("a: 1\n  modles: []\nb: 2\n", Mark(line: 2, column: 3), note: "did you mean?")
        == "s.yaml:2:3: error: wrong\n    modles: []\n    ^\n  note: did you mean?")
    #expect(render("a: 1\r\nb: 2\r\n", Mark(line: 2, column: 4)) == "s.yaml:2:4: error: wrong\n  b: 2\n     ^")
    #expect(render("\u{FEFF}ä: ü\n", Mark(line: 1, column: 4)) == "s.yaml:1:4: error: wrong\n  ä: ü\n     ^")
  }

  @Test func placesOutsideOfTheFile() {
    #expect(render("a", nil) == "s.yaml: error: wrong")
    #expect(render("a", Mark(line: 9, column: 1)) == "s.yaml:9:1: error: wrong")
    #expect(render("a", Mark(line: 1, column: 99)) == "s.yaml:1:99: error: wrong\n  a\n   ^")
    #expect(render("", Mark(line: 1, column: 1)) == "s.yaml:1:1: error: wrong\n  \n  ^")
  }

  @Test func nothingReachesTheTerminalAsControl() {
    let text = render(
      "a:\t\u{1b}[31mred\u{202E}\0\u{85}x", Mark(line: 1, column: 4), "bad \u{1b}[0m \u{7}", note: "\r\n")
    #expect(text == "s.yaml:1:4: error: bad ·[0m ·\n  a: ·[31mred··\n     ^\n  note: ··")
  }

  @Test func longLinesAreCutAroundTheCaret() {
    let line = String(repeating: "x", count: 500) + "!" + String(repeating: "y", count: 5_000)
    let parts = render(line, Mark(line: 1, column: 501)).split(separator: "\n")
    #expect(parts.count == 3)
    #expect(parts[1].count <= 104 && parts[1].hasPrefix("  …x") && parts[1].hasSuffix("y…"))
    let caret = parts[2].count - 1
    #expect(Array(parts[1])[caret] == "!")
    let end = render(line, Mark(line: 1, column: line.count + 1)).split(separator: "\n")
    #expect(end[1].hasSuffix("y") && end[2].count == end[1].count + 1)
  }

  @Test func sourceMayBeAnything() {
    let renderer = DiagnosticRenderer(source: [0xFF, 0x0A, 0xC3, 0x28, 0x00])
    let diagnostic = Diagnostic(file: "x", mark: Mark(line: 2, column: 2), severity: .warning, message: "m")
    #expect(renderer.render(diagnostic) == "x:2:2: warning: m\n  \u{FFFD}(·\n   ^")
  }

  @Test func orderIsTheFilesAndTheListIsBounded() {
    let diagnostics = Diagnostics(file: "f")
    diagnostics.warning(at: Mark(line: 3, column: 1), "third")
    #expect(!diagnostics.hasErrors)
    diagnostics.error(at: Mark(line: 1, column: 9), "second")
    diagnostics.error(at: Mark(line: 1, column: 2), "first")
    #expect(diagnostics.hasErrors)
    #expect(diagnostics.all.map(\.message) == ["first", "second", "third"])
    for _ in 0..<200 { diagnostics.error(at: nil, "x") }
    #expect(diagnostics.all.count == Diagnostics.limit + 1)
    #expect(diagnostics.all.last?.message == "103 more problems are not shown")
  }

  @Test func suggestions() {
    let keys = ["memory", "cpus", "cmdline", "memory-limit", "modules"]
    #expect(Suggestion.nearest(to: "memroy", in: keys) == "memory")
    #expect(Suggestion.nearest(to: "memoryLimit", in: keys) == "memory-limit")
    #expect(Suggestion.nearest(to: "memory_limit", in: keys) == "memory-limit")
    #expect(Suggestion.nearest(to: "cmd-line", in: keys) == "cmdline")
    #expect(Suggestion.nearest(to: "modles", in: keys) == "modules")
    #expect(Suggestion.nearest(to: "banana", in: keys) == nil)
    #expect(Suggestion.nearest(to: "", in: keys) == nil)
    #expect(Suggestion.nearest(to: String(repeating: "memory", count: 10_000), in: keys) == nil)
    #expect(Suggestion.distance(Array("ab"), Array("ba")) == 1)
    #expect(Suggestion.distance(Array("kitten"), Array("sitting")) == 3)
  }
}
