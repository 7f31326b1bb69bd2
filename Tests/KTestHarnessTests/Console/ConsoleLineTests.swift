import Testing

@testable import KTestValues

@Suite struct ConsoleLineTests {
  struct Prefix: Sendable, CustomTestStringConvertible {
    let line: String
    var seconds: Double?
    var caller: PrintkCaller?
    var text = "BUG: it broke"
    var testDescription: String { line }
  }

  @Test(arguments: [
    Prefix(line: "BUG: it broke"),
    Prefix(line: "[   12.345678] BUG: it broke", seconds: 12.345678),
    Prefix(line: "[    1.200000][  T12] BUG: it broke", seconds: 1.2, caller: .task(12)),
    Prefix(line: "[    1.200000][    C1] BUG: it broke", seconds: 1.2, caller: .cpu(1)),
    Prefix(line: "[    1.200000] [    C1] BUG: it broke", seconds: 1.2, caller: .cpu(1)),
    Prefix(line: "<6>BUG: it broke"),
    Prefix(line: "<4>[   12.345678] BUG: it broke", seconds: 12.345678),
    Prefix(line: "[   12.345678] <4>BUG: it broke", seconds: 12.345678, text: "<4>BUG: it broke"),
    Prefix(line: "Jan  5 12:34:56 myhost kernel: BUG: it broke"),
    Prefix(line: "Jan 15 12:34:56 my-host kernel: [   12.345678] BUG: it broke", seconds: 12.345678),
    Prefix(line: "2024-01-05T12:34:56.123456+01:00 host kernel: [    7.000000] BUG: it broke", seconds: 7),
    Prefix(line: "[   12.345678] host kernel: BUG: it broke", seconds: 12.345678),
    Prefix(line: "[Fri Jan  5 12:34:56 2024] BUG: it broke"),
    Prefix(line: "2024-01-05T12:34:56,123456+01:00 BUG: it broke"),
    Prefix(line: "[   12.345678 <    0.000012>] BUG: it broke", seconds: 12.345678),
    Prefix(line: "kern  :warn  : [   12.345678] BUG: it broke", seconds: 12.345678),
    Prefix(line: "   [T12] not a caller", text: "   [T12] not a caller"),
    Prefix(line: "[drm] loaded", text: "[drm] loaded"),
    Prefix(line: "<IRQ>", text: "<IRQ>"),
    Prefix(line: "May be a month", text: "May be a month"),
    Prefix(line: "[   12.345678]  ? foo+0x1/0x2", seconds: 12.345678, text: " ? foo+0x1/0x2"),
    Prefix(line: "[", text: "["),
    Prefix(line: "[99999999999999999999.1] x", text: "[99999999999999999999.1] x"),
    Prefix(line: "", text: ""),
  ])
  func prefixesGo(prefix: Prefix) {
    let line = ConsoleLine(prefix.line)
    #expect(line.text == prefix.text)
    #expect(line.seconds == prefix.seconds)
    #expect(line.caller == prefix.caller)
    #expect(line.hasPrefix == (prefix.text != prefix.line))
  }

  @Test(arguments: [
    ("plain text, long enough for words", "plain text, long enough for words"),
    ("\u{1b}[1;31mred\u{1b}[0m alert", "red alert"),
    ("\u{1b}]0;title\u{7}after", "after"),
    ("\u{1b}]never closed", "never closed"),
    ("\u{1b}(Bcharset", "charset"),
    ("a\u{0}b\u{8}c\u{7f}d\te", "abcd\te"),
    ("lone escape\u{1b}", "lone escape"),
    ("gr\u{fc}n \u{1f427}", "gr\u{fc}n \u{1f427}"),
    ("c1 \u{9b}31m", "c1 \u{fffd}31m"),
    ("bidi \u{202e}gnp", "bidi \u{fffd}gnp"),
    ("xml \u{ffff}", "xml \u{fffd}"),
    ("two\nlines", "two\nlines"),
  ])
  func textIsMadeHarmless(dirty: String, clean: String) {
    #expect(sanitised(dirty) == clean)
    #expect(sanitised(clean) == clean)
  }

  @Test func invalidUTF8BecomesTheReplacement() {
    let line = ConsoleLine(RawLine(bytes: [0x41, 0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0x42, 0xe2, 0x82], range: 0..<10))
    let unknown = "\u{fffd}"
    #expect(line.text == "A" + unknown + unknown + unknown + unknown + "B" + unknown + unknown)
  }

  @Test func everyByteStringBecomesCleanText() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let text = ConsoleLine(RawLine(bytes: bytes, range: 0..<bytes.count)).line
      #expect(sanitised(text) == text)
      #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f || $0 == "\t" }, "\(bytes)")
    }
  }
}
