import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Metrics in journal and reports")
struct MetricRecordTests {
  private static let measured = CaseResult(
    name: "move", verdict: .pass, seconds: 1, subtests: SubtestCounts(pass: 1), boot: 1,
    metrics: [
      Metric(name: "thp-2m", value: 658.5, unit: "us", better: .lower),
      Metric(name: "thp-2m", value: 661, unit: "us", better: .lower),
      Metric(name: "rate", value: 2.97, unit: "GB/s", better: .higher, subtest: "large"),
    ])

  private static func summary(_ result: CaseResult) -> RunSummary {
    RunSummary(
      run: "r", verdict: .pass, seconds: 2, boots: [],
      suites: [SuiteResult(name: "s[thp=always]", kernel: "k", verdict: .pass, cases: [result])])
  }

  @Test func anEventIsReadAsItWasWritten() throws {
    let event = RunEvent.caseFinished(suite: "s[thp=always]", kernel: "k", result: Self.measured)
    let line = try #require(RecordedEvent(time: WallTime(milliseconds: 0), event: event).line)
    #expect(try RecordedEvent(line: line).event == event)
    let text = String(decoding: line, as: UTF8.self)
    #expect(text.contains(#""metrics":[{"name":"thp-2m","value":658.5,"unit":"us","better":"lower"},"#))
    #expect(text.contains(#"{"name":"rate","value":2.97,"unit":"GB/s","better":"higher","subtest":"large"}"#))
  }

  @Test func aLineOfAnEarlierVersionHasNone() throws {
    let line = #"""
      {"v":1,"t":"2026-11-21T10:15:06.461Z","type":"caseFinished","suite":"s","kernel":"k","result":{"name":"a",\#
      "verdict":"pass","reason":null,"seconds":1,"subtests":{"pass":1,"fail":0,"skip":0,"known":0},"notes":[],\#
      "splats":[],"boot":1}}
      """#.replacing("\\\n", with: "")
    guard case .caseFinished(_, _, let result)? = try RecordedEvent(line: line.utf8).event else {
      Issue.record("no case")
      return
    }
    #expect(result.metrics == [] && result.usage == nil && result.boot == 1)
  }

  @Test func aResultWithoutMetricsIsWrittenAsBefore() {
    #expect(!jsonReport(Self.summary(JournalSample.passed)).contains("metrics"))
  }

  @Test func reports() throws {
    let summary = Self.summary(Self.measured)
    let json = jsonReport(summary)
    #expect(try JSONDecoder().decode(RunSummary.self, from: Data(json.utf8)) == summary)
    let xml = junitReport(summary)
    #expect(xml.contains(#"<property name="metric thp-2m (us, lower is better)" value="658.5"/>"#))
    #expect(xml.contains(#"<property name="metric large: rate (GB/s, higher is better)" value="2.97"/>"#))
    #expect(xml.contains("      </properties>\n    </testcase>\n"))
    #expect(ktapReport(summary).contains("  # metric thp-2m 661 us lower\n"))
  }

  @Test func failedCasesHaveTheirPropertiesFirst() {
    var failed = Self.measured
    (failed.verdict, failed.reason) = (.fail, "no")
    let xml = junitReport(Self.summary(failed))
    #expect(xml.contains("      </properties>\n      <failure type=\"fail\" message=\"no\">"))
  }

  @Test func theTable() {
    let style = TerminalStyle(isTerminal: false, color: false, columns: nil)
    #expect(
      metricReport(Self.summary(Self.measured), style: style) == """
        s[thp=always]  k
          case  metric       median  unit  spread  samples
          move  thp-2m        659.8  us       2.5        2  lower is better
          move  large: rate    2.97  GB/s       -        1  higher is better


        """)
    #expect(metricReport(Self.summary(JournalSample.passed), style: style) == "run r has no metrics\n")
    let json = metricJSON(Self.summary(Self.measured))
    #expect(json.contains(#""median": 659.75"#) && json.contains(#""spread": null"#))
  }

  @Test(arguments: [
    (658.5, "658.5"), (0.060213, "0.06021"), (12345.6, "12346"), (0, "0"), (1e20, "1e+20"), (-2.5, "-2.5"),
  ])
  func numbers(_ row: (value: Double, text: String)) {
    #expect(MetricText.rounded(row.value) == row.text)
  }
}
