import Testing

@testable import KTestValues

struct BisectBaselineTests {
  private func failed(_ test: String, _ subtests: [String], _ splats: [String] = []) -> CaseResult {
    CaseResult(
      name: test, verdict: .fail, reason: "\(subtests.first ?? "it") failed",
      notes: subtests.map { SubtestNote(id: $0, verdict: .fail, detail: "") },
      splats: splats.map { SplatNote(title: $0, type: "", guestSeconds: nil, start: 0, end: 1) })
  }
  private func passed(_ test: String) -> CaseResult { CaseResult(name: test, verdict: .pass) }

  @Test func whatFailsAtTheGoodEndIsNoNews() {
    let good = BisectBaseline([failed("map", ["smaps"], ["WARNING in a"]), passed("io")])
    #expect(good.news(in: [failed("map", ["smaps"], ["WARNING in a"]), passed("io")]) == nil)
    let news = good.news(in: [failed("map", ["smaps"]), failed("io", ["read"])])
    #expect(news?.testCase == "io" && news?.target == .subtest("read"))
    let more = good.news(in: [failed("map", ["smaps", "mmap"], ["WARNING in a"])])
    #expect(more?.target == .subtest("mmap"))
    #expect(good.tolerated(in: "map").subtests == ["smaps"])
  }

  /// A splat may fall into one case or another.
  @Test func aKnownSplatIsKnownEverywhere() {
    let good = BisectBaseline([failed("map", [], ["WARNING in a"]), passed("io")])
    #expect(good.news(in: [failed("io", [], ["WARNING in a"])]) == nil)
    #expect(good.news(in: [failed("io", [], ["WARNING in b"])])?.target == .splat(Signature(title: "WARNING in b")))
  }

  @Test func aVerdictIsNewsWhereItChanged() {
    let late = CaseResult(name: "io", verdict: .timeout, reason: "timeout after 30 s")
    #expect(BisectBaseline([passed("io")]).news(in: [late])?.target == .verdict(.timeout))
    #expect(BisectBaseline([late]).news(in: [late]) == nil)
    #expect(BisectBaseline().news(in: [late])?.target == .verdict(.timeout))
  }

  /// No run of the good end could be clean.
  @Test func whatTheGoodEndCannotRunIsNoTarget() {
    let good = BisectBaseline([CaseResult(name: "poison", verdict: .skip, reason: "CONFIG_MEMORY_FAILURE is not set")])
    #expect(good.news(in: [failed("poison", ["sigbus"])]) == nil)
  }
}
