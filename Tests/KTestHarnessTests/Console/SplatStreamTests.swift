import Testing

@testable import KTestValues

/// The quick way finds what the slow one finds.
@Suite struct SplatStreamTests {
  private static func splats(_ bytes: [UInt8], chunk: Int) -> [Splat] {
    var stream = SplatStream()
    var found: [Splat] = []
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      found += stream.push(bytes[start..<min(bytes.count, start + chunk)])
    }
    return found + stream.finish()
  }

  private static let noise = Array(
    "[    1.000000] plain talk\n[    1.100000] \u{1b}[31mcoloured\u{1b}[0m talk\r\n[    1.2] caf\u{e9}\tx\r\rno prefix\n"
      .utf8)

  @Test(arguments: SplatLog.fixtures) func aFixtureReadsTheSame(log: SplatLog) {
    let stamped = Self.noise + log.bytes + [ASCII.newline] + Self.noise + log.bytes
    for bytes in [log.bytes, stamped, stamped.filter { $0 != ASCII.newline }] {
      let expected = SplatLog.splats(bytes)
      for chunk in [1, 7, 4096, bytes.count + 1] { #expect(Self.splats(bytes, chunk: chunk) == expected) }
    }
  }

  @Test func allFixturesInOneLogReadTheSame() {
    let bytes = SplatLog.fixtures.flatMap { Self.noise + $0.bytes + [ASCII.newline] }
    let expected = SplatLog.splats(bytes)
    #expect(expected.count > 60)
    for chunk in [113, 65_536, bytes.count] { #expect(Self.splats(bytes, chunk: chunk) == expected) }
  }

  @Test(.enabled(if: !SplatCorpusTests.console.isEmpty, "no ../shared/corpus/console here"))
  func theCorpusReadsTheSame() {
    for log in SplatCorpusTests.console { #expect(Self.splats(log.bytes, chunk: 1000) == SplatLog.splats(log.bytes)) }
  }

  @Test func aSplatIsHandedOutWhenTheLogFallsSilent() throws {
    let log = try #require(SplatLog.fixtures.first { $0.name == "two-tasks.log" })
    var stream = SplatStream()
    let early = stream.push(log.bytes)
    let settled = stream.settle()
    #expect(early.count + settled.count == 2)
    #expect(stream.settle().isEmpty)
    #expect(stream.finish().isEmpty)
  }

  @Test func itHoldsNothingOfPlainLines() {
    var stream = SplatStream()
    let lines = Array(String(repeating: "[    1.000000] plain talk\n", count: 1000).utf8)
    for _ in 0..<100 { #expect(stream.push(lines).isEmpty) }
    #expect(stream.offset == lines.count * 100)
    #expect(stream.finish().isEmpty)
  }
}
