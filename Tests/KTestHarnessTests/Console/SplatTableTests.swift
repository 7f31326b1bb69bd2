import Testing

@testable import KTestValues

@Suite struct SplatTableTests {
  @Test(arguments: SplatLog.fixtures) func everyFixtureReadsRight(log: SplatLog) throws {
    let found = SplatLog.splats(log.bytes)
    let splat = try #require(found.first)
    #expect(splat.title == log.title)
    #expect(splat.type?.rawValue == log.type)
    #expect(splat.corrupted == log.corrupted)
    if let file = log.file { #expect(splat.file == file) }
    #expect(Set(log.alternatives).isSubset(of: Set(splat.alternatives)))
    #expect(found.count == (log.name == "two-tasks.log" ? 2 : 1), "\(found.map(\.title))")
    #expect(splat.byteRange.upperBound <= log.bytes.count)
    let first = String(decoding: log.bytes[splat.byteRange].prefix { $0 != ASCII.newline }, as: UTF8.self)
    #expect(first.hasSuffix(splat.lines[0]))
  }

  @Test func everyFormHasAFixture() {
    var seen: Set<String> = []
    for log in SplatLog.fixtures {
      for splat in SplatLog.splats(log.bytes) {
        let lines = splat.lines.map { Array($0.utf8) }
        for pattern in SplatTable.rows where lines[0].contains(Array(pattern.header.utf8)) {
          guard let form = SplatReader(pattern, lines).fittingForm.whole?.form else { continue }
          seen.insert(Self.name(pattern, form))
          break
        }
      }
    }
    let all = SplatTable.rows.flatMap { row in row.forms.map { Self.name(row, $0) } }
    #expect(all.count > 80)
    #expect(all.filter { !seen.contains($0) } == [])
  }

  private static func name(_ pattern: SplatPattern, _ form: SplatForm) -> String {
    pattern.header + " " + form.header[0].source
  }

  @Test(arguments: SplatLog.fixtures) func chunksMakeNoDifference(log: SplatLog) {
    let whole = SplatLog.splats(log.bytes)
    for chunk in [1, 64] { #expect(SplatLog.splats(log.bytes, chunk: chunk) == whole) }
    let withReturns = log.bytes.flatMap { $0 == ASCII.newline ? [ASCII.carriageReturn, $0] : [$0] }
    #expect(SplatLog.splats(withReturns, chunk: 3).map(\.title) == whole.map(\.title))
  }
}
