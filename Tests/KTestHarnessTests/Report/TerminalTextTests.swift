import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct TerminalTextTests {
  @Test func aLineCommandsNothing() {
    #expect(TerminalText.line("plain text") == "plain text")
    #expect(TerminalText.line("a\tb\r\nc\u{1b}[2J\u{0}\u{9b}\u{202e}é") == "a b c<0><9b><202e>é")
    #expect(
      TerminalText.line("\u{1b}[1;31mred\u{1b}[0m \u{1b}[never\u{1b}]0;t\u{7}\u{1b}[12;")
        == "red ever<1b>]0;t<7><1b>[12;")
    #expect(TerminalText.line(String(decoding: [0xff, 0x41] as [UInt8], as: UTF8.self)) == "\u{fffd}A")
    #expect(TerminalText.line(String(repeating: "x", count: 1_000_000), limit: 10) == "xxxxxxxxxx…")
  }

  @Test func widthCountsColumns() {
    #expect(TerminalText.width("abc") == 3)
    #expect(TerminalText.width("日本") == 4)
    #expect(TerminalText.width("e\u{301}") == 1)
    #expect(TerminalText.clipped("日本語", to: 5) == "日本…")
    #expect(TerminalText.clipped("abc", to: 3) == "abc")
    #expect(TerminalText.clipped("abcd", to: 3) == "ab…")
    #expect(TerminalText.clipped("abcd", to: 0) == "")
  }

  @Test func wrapsBetweenWords() {
    let text = "the quick brown fox jumps over the lazy dog"
    #expect(
      TerminalText.wrapped(text, columns: 20) == ["the quick brown fox", "jumps over the lazy", "dog"])
    #expect(TerminalText.wrapped(text, columns: nil) == [text])
    #expect(
      TerminalText.wrapped(String(repeating: "x", count: 99), columns: 20).map(TerminalText.width) == [
        20, 20, 20, 20, 19,
      ])
  }

  @Test(arguments: [
    (0, "0.0 s"), (0.04, "0.0 s"), (3.14, "3.1 s"), (99.94, "99.9 s"), (99.96, "1 min 40 s"), (125, "2 min 05 s"),
    (3600, "1 h 00 min"), (3725, "1 h 02 min"), (-1, "0.0 s"), (.nan, "0.0 s"), (.infinity, "0.0 s"),
  ])
  func durations(seconds: Double, text: String) {
    #expect(TerminalText.duration(seconds) == text)
  }

  @Test func lastLinesLeaveOutACutOne() {
    let bytes = Array("one\ntwo\nthree\n".utf8)
    #expect(TerminalText.lastLines(of: bytes, count: 2, columns: nil) == ["two", "three"])
    #expect(TerminalText.lastLines(of: bytes, count: 8, columns: nil) == ["one", "two", "three"])
    let cut = [UInt8](repeating: 0x78, count: ByteTail.capacity - 4) + Array("\nend".utf8)
    #expect(TerminalText.lastLines(of: cut, count: 8, columns: nil) == ["end"])
    let endless = [UInt8](repeating: 0x78, count: ByteTail.capacity)
    #expect(TerminalText.lastLines(of: endless, count: 8, columns: 10) == ["xxxxxxxxx…"])
  }
  /// A library that logs must not push a program's own word out of what is shown.
  @Test func aLogIsOneOfTheLastLines() {
    let log = (1...30).map { "libndctl: namespace\($0) enabled\n" }.joined()
    let bytes = Array(("mapping 4096\nverify loop took too long usecs: 31718\n" + log + "bye\nx: 1\nx: 2\n").utf8)
    #expect(
      TerminalText.lastLines(of: bytes, count: 8, columns: nil) == [
        "mapping 4096", "verify loop took too long usecs: 31718", "… 29 lines that begin with 'libndctl:'",
        "libndctl: namespace30 enabled", "bye", "x: 1", "x: 2",
      ])
  }
}
