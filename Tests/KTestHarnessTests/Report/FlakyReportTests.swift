import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("A case that passed at a later attempt")
struct FlakyReportTests {
  static func result(_ number: Int, _ verdict: Verdict) -> CaseResult {
    var result = CaseResult(name: "upstream", verdict: verdict, seconds: 1, boot: number)
    if verdict.isBad { (result.reason, result.cause) = ("exited with 250", VerdictCause(.program, status: 250)) }
    result.attempt = CaseAttempt(number: number, limit: 3, reason: "a deadline of 31 ms", link: "https://x/")
    return result
  }

  static func events(_ verdicts: [Verdict]) -> [RunEvent] {
    var events: [RunEvent] = [.runStarted(cases: 1, boots: 1)]
    for (place, verdict) in verdicts.enumerated() {
      let boot = place + 1
      events += [
        .caseStarted(boot: boot, suite: "demo", kernel: "6.12", name: "upstream"),
        .output(
          boot: boot, suite: "demo", kernel: "6.12", name: "upstream", stream: .stdout,
          bytes: Array("attempt \(boot)\n".utf8)),
        .caseFinished(suite: "demo", kernel: "6.12", result: result(boot, verdict)),
      ]
    }
    let verdict = verdicts.dropFirst().reduce(verdicts[0]) { $0.followed(by: $1, isRetry: true) }
    return events + [.runFinished(verdict: verdict, interrupted: false, seconds: 3)]
  }

  private static func summary(_ verdicts: [Verdict]) -> RunSummary {
    var replay = RunReplay()
    for event in events(verdicts) { replay.apply(event, at: 0) }
    return replay.summary(run: "r")
  }

  @Test(
    "the last attempt counts if it passed, else the worst",
    arguments: [
      ([Verdict.pass], Verdict.pass, false), ([.fail, .pass], .pass, true), ([.fail, .fail, .pass], .pass, true),
      ([.fail, .fail], .fail, false), ([.fail, .crash], .crash, false), ([.fail, .skip], .fail, false),
      ([.fail, .error], .fail, false),
    ])
  func folded(_ verdicts: [Verdict], _ verdict: Verdict, _ isFlaky: Bool) throws {
    let summary = Self.summary(verdicts)
    #expect(summary.suites[0].cases.count == 1 && summary.verdict == verdict)
    let result = summary.suites[0].cases[0]
    #expect(result.verdict == verdict && result.isFlaky == isFlaky && result.turns?.verdicts == verdicts)
    let json = jsonReport(summary)
    #expect(json.contains("\"flaky\": true") == isFlaky)
    #expect(try JSONDecoder().decode(RunSummary.self, from: Data(json.utf8)) == summary)
  }

  private static let text =
    "flaky: it passed at attempt 2, after: exited with 250; it is known to fail now and then: a deadline of 31 ms "
    + "(https://x/)"

  @Test func everyReportSaysSo() {
    let run = Self.summary([.fail, .pass])
    let terminal = terminalReport(run, context: ReportContext(), style: .plain)
    #expect(terminal.contains("  pass    upstream    1.0 s  \(Self.text)\n"), "\(terminal)")
    #expect(terminal.contains("pass  1 passed (1 flaky) in 3.0 s\n"), "\(terminal)")
    let ktap = ktapReport(run)
    #expect(
      ktap.contains("  ok 1 upstream # \(Self.text)\n") && ktap.contains("  # attempts: \(Self.text)\n"), "\(ktap)")
    let junit = junitReport(run)
    #expect(junit.contains("<property name=\"flaky\" value=\"1\"/>"), "\(junit)")
    #expect(junit.contains("<property name=\"flaky\" value=\"\(Self.text)\"/>"), "\(junit)")
    let markdown = markdownReport([RecordedSummary(run, nil)])
    #expect(markdown.contains("| 1 pass (**1 flaky**) (1) |"), "\(markdown)")
    #expect(markdown.contains("1. **attempts**: flaky: it passed at attempt 2"), "\(markdown)")
    var two = run
    two.suites.append(run.suites[0])
    two.suites[1].kernel = "6.1"
    let table = terminalReport(two, context: ReportContext(), style: .plain)
    #expect(table.contains("  flaky  every kernel: flaky: it passed at attempt 2"), "\(table)")
  }

  @Test func plainPassesAndFailuresSayWhatTheyAre() {
    #expect(Self.summary([.pass]).suites[0].cases[0].turnText == nil)
    #expect(
      Self.summary([.fail, .fail]).suites[0].cases[0].turnText
        == "not good in 2 of 2 attempts; it is known to fail now and then: a deadline of 31 ms (https://x/)")
    var reporter = TerminalReporter(style: .plain, namesKernels: false)
    let lines = Self.events([.fail, .pass]).map { reporter.apply($0, at: 0) }.joined()
    #expect(lines.contains("FAIL  demo/upstream  attempt 1 of 3  1.0 s  exited with 250\n"), "\(lines)")
    #expect(lines.contains("pass  demo/upstream  attempt 2 of 3  1.0 s\n"), "\(lines)")
  }

  @Test("each attempt has its files, and a history counts the first")
  func journal() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for event in Self.events([.fail, .pass]) { try await journal.record(event) }
      #expect(JournalSample.text(of: "\(journal.directory)/output/6.12/demo/upstream.out") == "attempt 1\n")
      #expect(JournalSample.text(of: "\(journal.directory)/attempts/2/output/6.12/demo/upstream.out") == "attempt 2\n")
      let contents = try readJournal(at: journal.directory)
      #expect(contents.summary.verdict == .pass && contents.summary.suites[0].cases[0].isFlaky)
      #expect(IndexedRun(contents, name: "r").results.map(\.verdict) == [.fail])
    }
  }

  @Test("an attempt that was running when the run ended is one of the case's")
  func interrupted() {
    var replay = RunReplay()
    for event in Self.events([.fail, .pass]).dropLast(2) { replay.apply(event, at: 0) }
    let cases = replay.summary(run: "r").suites[0].cases
    #expect(cases.count == 1 && cases[0].verdict == .fail && cases[0].turns?.verdicts == [.fail, .error])
  }
}
