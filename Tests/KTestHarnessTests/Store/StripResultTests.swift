import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Results as bytes")
struct StripResultTests {
  @Test("what is written is read")
  func roundTrip() {
    var bytes: [UInt8] = []
    var last: Int64 = 7
    var results: [StripResult] = []
    for (place, verdict) in Verdict.allCases.enumerated() {
      let run = last + [0, 1, 127, 128, 1 << 20, 1 << 40][place % 6]
      results.append(
        StripResult(
          run: run, kernel: Int64(place) << 10, verdict: verdict, isKnown: place == 2, executed: place * 100,
          reason: place == 1 ? 0 : 300, splats: place == 3 ? Int64.max : 0))
      results.last?.append(to: &bytes, last: last)
      last = run
    }
    #expect(StripResult.results(bytes, first: 7) == results)
    let pass = StripResult(run: 8, kernel: 100, verdict: .pass, executed: 100)
    var short: [UInt8] = []
    pass.append(to: &short, last: 7)
    #expect(short.count == 4)
  }

  @Test("other bytes are refused and harm nothing")
  func hostile() {
    #expect(StripResult.results([], first: 1) == [])
    #expect(StripResult.results([0], first: 1) == nil && StripResult.results([7, 0, 0, 0], first: 1) == nil)
    let endless = [UInt8](repeating: 0xff, count: 40)
    #expect(StripResult.results(endless, first: 1) == nil)
    // A step behind the greatest number.
    #expect(StripResult.results([0] + [UInt8](repeating: 0xff, count: 8) + [0x7f, 0, 0], first: 1) == nil)
    for length in 0..<20 {
      for seed in 0..<50 {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: ($0 + 1) * (seed + 3) * 37 ^ seed) }
        let count = StripResult.results(bytes, first: .max)?.count ?? 0
        #expect(count <= length)
      }
    }
  }
}
