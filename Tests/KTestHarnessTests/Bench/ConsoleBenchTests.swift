import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct ConsoleBenchTests {
  private static func splats(_ sample: SampleLog, bytes: Int) -> (splats: [Splat], bytes: Int) {
    var stream = SplatStream()
    var splats: [Splat] = []
    sample.write(bytes: bytes) { splats += stream.push($0) }
    let size = stream.offset
    return (splats + stream.finish(), size)
  }

  @Test func theCleanLogIsClean() {
    let (splats, bytes) = Self.splats(.clean, bytes: 3_000_000)
    #expect(splats.isEmpty)
    #expect((3_000_000..<4_200_000).contains(bytes))
  }

  @Test func theOtherLogIsFullOfSplats() {
    let (splats, bytes) = Self.splats(.splats, bytes: 1_000_000)
    #expect(splats.count > bytes / 4000)
    #expect(Set(splats.map { $0.title.prefix { $0 != " " } }) == ["KASAN:", "WARNING", "INFO:", "BUG:"])
    #expect(splats.filter(\.corrupted).isEmpty)
  }

  @Test func ratesComeFromMedians() {
    var bench = ConsoleBench()
    bench.add(
      ConsoleBench.Row(
        log: "clean", bytes: 500_000_000, splats: 0, seconds: Samples([9, 1, 1]), grep: Samples(),
        processor: Samples([0.5]), grepProcessor: Samples([2, 2, 4]), peakEarly: 10, peak: 11))
    #expect(bench.rows[0].megabytesPerSecond == 500)
    #expect(bench.rows[0].grepMegabytesPerSecond == nil)
    #expect(bench.rows[0].megabytesPerProcessorSecond == 1000)
    #expect(bench.rows[0].grepMegabytesPerProcessorSecond == 250)
    #expect(bench.text.contains("1000        250"))
    #expect(bench.json.contains("\"megabytesPerSecond\":500"))
    #expect(bench.text.contains("11 (10)"))
  }

  @Test func headersAreOneExpression() throws {
    let expression = try Regex(ConsoleBench.headers)
    #expect("x BUG: y".contains(expression))
    #expect(!"all is well".contains(expression))
  }
}
