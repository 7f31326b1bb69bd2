import Testing

@testable import KTestValues

@Suite("Metrics in KTAP")
struct KTAPMetricTests {
  private func report(_ text: String) -> KTAPReport {
    var parser = KTAPParser()
    for line in text.split(separator: "\n") { parser.push(String(line)) }
    return parser.finish()
  }

  private func told(_ report: KTAPReport) -> [String] {
    report.metrics.map {
      "\($0.subtest ?? "-") \($0.name) \($0.value) \($0.unit) \($0.lowerIsBetter ? "lower" : "higher")"
    }
  }

  @Test func beforeAResultItIsThatResults() {
    let report = report(
      """
      TAP version 13
      1..2
      # metric thp-2m 658.5 us lower
      # metric thp-2m 660 us lower
      ok 1 large
      # metric bandwidth 2.97 GB/s higher
      ok 2 small
      # metric all 1e3 us lower
      """)
    #expect(
      told(report) == [
        "large thp-2m 658.5 us lower", "large thp-2m 660.0 us lower", "small bandwidth 2.97 GB/s higher",
        "- all 1000.0 us lower",
      ])
    #expect(report.problems == [] && report.subtests.count == 2)
  }

  @Test func nestedByBlanksAndByHashes() {
    let kunit = report(
      """
      KTAP version 1
      1..1
          KTAP version 1
          # Subtest: suite
          1..2
          # metric a 1 us lower
          ok 1 x
          ok 2 x
          # metric b 2 us lower
      ok 1 suite
      """)
    #expect(told(kunit) == ["suite/x a 1.0 us lower", "suite b 2.0 us lower"])
    let kselftest = report(
      "TAP version 13\n1..1\n# # metric a 1 us lower\n# 1..1\n# ok 1 inner\nok 1 selftests: mm: outer\n")
    #expect(kselftest.metrics.map(\.name) == ["a"] && kselftest.metrics[0].subtest?.hasSuffix("inner") == true)
  }

  @Test func whatIsNoMetricIsADiagnosticLine() {
    let report = report(
      "TAP version 13\n1..1\n# metric system is used here\n# metric a b\nmetric a 1 us lower\nok 1 a\n")
    #expect(report.metrics == [] && report.problems == [])
  }

  @Test(
    "a number that cannot be read is a problem, not silence",
    arguments: [
      "# metric a nan us lower", "# metric a inf us lower", "# metric a 0x10 us lower", "# metric a one us higher",
      "# metric a=b 1 us lower", "# metric a 1e999 us lower",
    ])
  func unreadable(_ line: String) {
    let report = report("TAP version 13\n1..1\n\(line)\nok 1 a\n")
    #expect(report.metrics == [] && report.problems.count == 1, "\(report.problems)")
  }

  @Test func tooManyAreSaid() {
    let lines = String(repeating: "# metric a 1 us lower\n", count: 1005)
    let report = report("TAP version 13\n1..1\n\(lines)ok 1 a\n")
    #expect(
      report.metrics.count == 1000 && report.problems == ["1005 metrics are too many; only the first 1000 were kept"])
  }

  @Test func totalsThatKnowOfMoreSkipsThanWereShown() {
    let hidden = report(
      "TAP version 13\n1..2\nok 1 a\nok 2 b\n# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:1 error:0\n")
    #expect(hidden.problems == ["Totals say 1 skipped, but 0 were seen"])
    let counted = report(
      "TAP version 13\n1..2\nok 1 a # SKIP x\nok 2 b # SKIP x\n# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:0 error:0\n"
    )
    #expect(counted.problems == [], "the results stand; the summary makes nothing good")
  }
}
