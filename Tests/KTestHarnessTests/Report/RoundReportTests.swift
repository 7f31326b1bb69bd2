import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Reports on a run that was repeated")
struct RoundReportTests {
  private static func summary(_ verdicts: [Verdict], planned: Int? = nil, load: GuestLoad? = nil) -> RunSummary {
    var replay = RunReplay()
    for event in RoundTests.events(verdicts, planned: planned) {
      guard case .caseFinished(let suite, let kernel, var result) = event else {
        replay.apply(event, at: 0)
        continue
      }
      result.load = load
      if let load, result.verdict.isBad { result.findings = [CaseFinding(.load, .pass, "under load: \(load.text)")] }
      replay.apply(.caseFinished(suite: suite, kernel: kernel, result: result), at: 0)
    }
    return replay.summary(run: "r")
  }

  private static let many = [Verdict.pass, .pass, .fail, .pass, .error, .fail, .skip]
  private static let text =
    "failed in 2 of 5 rounds, a rate of failures of 9.4 to 79 %; 1 round could not be judged; not run in 1 round; "
    + "this is round 3"

  @Test(
    "one phrase for people",
    arguments: [
      (many, text),
      ([.pass, .pass, .pass], "passed in 3 rounds, a rate of failures of 0 to 54 %"),
      ([.error], "1 round could not be judged"),
    ] as [([Verdict], String)])
  func phrase(_ verdicts: [Verdict], _ text: String) {
    #expect(Self.summary(verdicts).suites[0].cases[0].turnText == text)
  }

  @Test func everyReportSaysIt() {
    let run = Self.summary(Self.many, planned: 9, load: GuestLoad())
    let load =
      "under load: a busy process for each processor, and one that fills memory up to the last 12 % again and again"
    let ended = "ended in round 7 of at most 9"
    for report in [
      terminalReport(run, context: ReportContext(), style: .plain), ktapReport(run), junitReport(run),
      markdownReport([RecordedSummary(run, nil)]),
    ] {
      for text in [Self.text, load, ended] { #expect(report.contains(text), "\(report)") }
    }
    #expect(junitReport(run).contains("<property name=\"rounds\" value=\"\(Self.text)\"/>"))
    #expect(ktapReport(run).contains("  # rounds: \(Self.text)\n"))
    let json = jsonReport(run)
    for text in ["\"failures\": 2", "\"runs\": 5", "\"planned\": 9", "\"begun\": 7", "\"memoryLeftPercent\": 12"] {
      #expect(json.contains(text), "\(json)")
    }
  }

  @Test func theFileNamedIsThatOfTheRoundShown() {
    let run = Self.summary([.pass, .fail])
    var context = ReportContext()
    var end = CaseTail()
    end.stdout.append(Array("bad\n".utf8))
    context.tails[CaseKey(suite: "demo", kernel: "6.12", name: "map")] = end
    let report = terminalReport(run, context: context, style: .plain)
    #expect(report.contains("stdout  rounds/2/output/6.12/demo/map.out\n"), "\(report)")
    #expect(report.contains("\n2 rounds\n") && report.contains("console consoles/boot-2.log\n"), "\(report)")
  }

  @Test func severalKernelsStandSideBySide() {
    var run = Self.summary([.pass, .fail])
    run.suites.append(run.suites[0])
    run.suites[1].kernel = "6.1"
    let report = terminalReport(run, context: ReportContext(), style: .plain)
    #expect(report.contains("  rounds  every kernel: failed in 1 of 2 rounds"), "\(report)")
  }

  @Test func progressNamesTheRound() {
    var plain = TerminalReporter(style: .plain, namesKernels: false)
    var terminal = TerminalReporter(
      style: TerminalStyle(isTerminal: true, color: false, columns: 80), namesKernels: false)
    var (lines, drawn) = ("", "")
    for event in RoundTests.events([.pass, .fail]) {
      lines += plain.apply(event, at: 0)
      drawn += terminal.apply(event, at: 0)
    }
    #expect(lines.contains("pass  demo/map  round 1  1.0 s\n") && lines.contains("FAIL  demo/map  round 2  2.0 s"))
    #expect(drawn.contains("[round 2/2] demo/map"), "\(drawn)")
  }
}
