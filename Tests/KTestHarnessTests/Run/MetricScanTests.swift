import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Metrics found by a pattern")
struct MetricScanTests {
  @Test(
    "the number that the star stands for",
    arguments: [
      ("Total time: * us", "Total time: 658.5 us", 658.5), ("Total time: * us", "x Total time:   12us, done", 12),
      ("Total time: * us", "Total time: -1e-3 us", -0.001), ("Total time: * us", "Total time: many us", nil),
      ("Total time: * us", "Total time: 5 ms", nil), ("Total time: * us", "total time: 5 us", nil),
      ("Total time: * us", "Total time: 0x10 us", nil), ("Total time: * us", "Total time: nan us", nil),
      ("took *", "it took 3.25.", 3.25), ("took *", "took 7", 7), ("took *", "took", nil),
      ("* GB/s", "rate 2.97 GB/s", 2.97), ("* GB/s", "12GB/s", 12), ("* GB/s", "GB/s", nil),
      ("a: * b", "a: x a: 4 b", 4),
    ] as [(String, String, Double?)])
  func number(_ row: (pattern: String, line: String, value: Double?)) throws {
    let pattern = try WildcardPattern(parsing: row.pattern)
    #expect(MetricScan.number(in: Array(row.line.utf8), pattern) == row.value)
  }

  private func scan() throws -> MetricScan {
    let source = MetricDeclaration.Source(
      pattern: try WildcardPattern(parsing: "time * us"), unit: "us", better: .lower)
    return MetricScan([MetricDeclaration("t", source), MetricDeclaration("printed")])
  }

  @Test func linesMayComeInPiecesAndOnEitherStream() throws {
    var scan = try scan()
    scan.push(Array("time 1".utf8), isError: false)
    scan.push(Array("time 2 us\n".utf8), isError: true)
    scan.push(Array("0 us\nnoise\n".utf8), isError: false)
    scan.push(Array("time 3 us".utf8), isError: false)
    scan.finish()
    #expect(scan.samples.map(\.value) == [2, 10, 3])
    #expect(scan.samples[0] == Metric(name: "t", value: 2, unit: "us", better: .lower))
  }

  @Test func hostileBytesAndTooMany() throws {
    var scan = try scan()
    scan.push([UInt8](repeating: 0xff, count: 1 << 20) + [0, 10], isError: false)
    for _ in 0..<1001 { scan.push(Array("time 1 us\n".utf8), isError: false) }
    scan.finish()
    #expect(scan.samples.count == 1000 && scan.overflowed)
  }
}
