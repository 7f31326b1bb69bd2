import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct TerminalReportTests {
  private static let color = TerminalStyle(isTerminal: true, color: true, columns: 100)

  @Test func oneKernel() {
    let context = ReportContext(directory: "/state/runs/\(ReportSample.id)", planned: 4)
    ReportGolden.expect(terminalReport(ReportSample.good, context: context, style: .plain), is: "one-kernel.txt")
  }

  @Test func casesThatDoNotExistOnAKernel() {
    func suite(_ kernel: String, _ names: [String], absent: [String: String]) -> SuiteResult {
      SuiteResult(
        name: "hmm", kernel: kernel, verdict: .pass,
        cases: names.map { CaseResult(name: $0, verdict: .pass, seconds: 1, boot: 1) },
        absent: absent.sorted { $0.key < $1.key }.map { AbsentCase(name: $0.key, reason: $0.value) })
    }
    let old = suite("6.12", ["a"], absent: ["b": "is for kernels >=7.0, and this is 6.12"])
    let new = suite("7.3", ["a", "b"], absent: ["c": "is for kernels with CONFIG_KSM"])
    func report(_ suites: SuiteResult...) -> String {
      let run = RunSummary(run: "r", verdict: .pass, seconds: 2, boots: [], suites: suites)
      return terminalReport(run, context: ReportContext(directory: "/r", planned: nil), style: .plain)
    }
    #expect(
      report(old) == """
        hmm  6.12
          pass    a      1.0 s
          absent  b             it is for kernels >=7.0, and this is 6.12

        pass  1 passed, 1 absent in 2.0 s
        run /r

        """)
    #expect(
      report(old, new) == """
        hmm    6.12              7.3
          a    pass       1.0 s  pass       1.0 s
          b    absent            pass       1.0 s
          c    -                 absent

          absent  6.12: it is for kernels >=7.0, and this is 6.12
                  b
          absent  7.3: it is for kernels with CONFIG_KSM
                  c

        pass  3 passed, 2 absent in 2.0 s
        run /r

        """)
  }

  @Test func aKnownFailureThatPassesIsSaidOnceWithItsKernels() {
    func suite(_ kernel: String, _ passing: [String]) -> SuiteResult {
      let notes = passing.map { SubtestNote(id: $0, verdict: .pass, known: true, detail: "refused for large folios") }
      let result = CaseResult(name: "private", verdict: .pass, seconds: 1, notes: notes, boot: 1)
      return SuiteResult(name: "hmm", kernel: kernel, verdict: .pass, cases: [result])
    }
    let run = RunSummary(
      run: "r", verdict: .pass, seconds: 2, boots: [],
      suites: [suite("6.12.117", []), suite("6.18.15", ["x"]), suite("7.3.4", ["x", "y"])])
    let report = terminalReport(run, context: ReportContext(directory: "/r", planned: nil), style: .plain)
    #expect(
      report.contains(
        "fixed?  hmm/private: x, y pass on 6.18.15, 7.3.4, but are listed as known to fail: refused for large folios\n")
    )
    #expect(report.components(separatedBy: "fixed?").count == 2)
  }

  @Test func whatNobodyHasLookedAtIsSaid() {
    func report(_ names: [String]) -> String {
      let cases = names.map {
        CaseResult(name: $0, verdict: $0.hasSuffix("pfnmap") ? .skip : .pass, seconds: 1, boot: 1)
      }
      let suite = SuiteResult(name: "mm", kernel: "7.3.4", verdict: .pass, cases: cases)
      let run = RunSummary(run: "r", verdict: .pass, seconds: 2, boots: [], suites: [suite])
      return terminalReport(run, context: ReportContext(directory: "/r", planned: nil), style: .plain)
    }
    let lines = report(["cow", "discovered/merge", "discovered/pfnmap", "discovered/rmap"]).split(separator: "\n")
    #expect(
      lines.contains("unvetted  7.3.4: tests of the tree that no case of mm runs: discovered/merge, discovered/rmap"))
    #expect(!report(["cow"]).contains("unvetted"))
  }

  @Test func severalKernels() {
    let report = terminalReport(ReportSample.bad, context: ReportSample.context, style: .plain)
    ReportGolden.expect(report, is: "two-kernels.txt")
  }

  @Test func severalKernelsInColour() {
    let report = terminalReport(ReportSample.bad, context: ReportSample.context, style: TerminalReportTests.color)
    ReportGolden.expect(report, is: "two-kernels-colour.txt")
  }

  @Test func aNarrowTerminal() {
    let style = TerminalStyle(isTerminal: true, color: false, columns: 48)
    let report = terminalReport(ReportSample.bad, context: ReportContext(planned: 8), style: style)
    ReportGolden.expect(report, is: "two-kernels-narrow.txt")
  }

  @Test func interrupted() {
    var run = ReportSample.good
    run.interrupted = true
    run.verdict = .error
    run.suites[0].cases[2] = CaseResult(
      name: "align-1g", verdict: .error, reason: "interrupted", seconds: 3, boot: 1)
    (run.boots[0].verdict, run.boots[0].reason) = (.error, "interrupted")
    run.boots[0].cause = VerdictReason.interrupted.cause
    let report = terminalReport(run, context: ReportContext(planned: 12), style: .plain)
    ReportGolden.expect(report, is: "interrupted.txt")
  }

  @Test(arguments: [40, 48, 60, 80, 100, 120, 200])
  func keepsToTheWidth(columns: Int) {
    let style = TerminalStyle(isTerminal: true, color: false, columns: columns)
    for run in [ReportSample.good, ReportSample.bad] {
      let report = terminalReport(run, context: ReportSample.context, style: style)
      // Paths are for copying and the closing line for reading whole: neither is cut.
      let free = ["console", "stdout", "stderr", "run ", "pass  ", "FAIL  ", "TIMEOUT", "CRASH  "]
      let wide = report.split(separator: "\n").filter { line in
        let isFree = free.contains {
          line.hasPrefix($0) || line.drop { $0 == " " }.hasPrefix($0) && line.hasPrefix("     ")
        }
        return TerminalText.width(String(line)) > columns && !isFree
      }
      #expect(wide.isEmpty)
    }
  }

  @Test func hostileTextNeverReachesTheTerminal() {
    for columns in [nil, 10, 80] {
      let style = TerminalStyle(isTerminal: true, color: false, columns: columns)
      let report = terminalReport(ReportSample.hostile, context: ReportSample.hostileContext, style: style)
      #expect(ReportSample.isHarmless(report))
      #expect(report.utf8.count < 1_000_000)
    }
    // With colours the only sequences are ours.
    let report = terminalReport(
      ReportSample.hostile, context: ReportSample.hostileContext, style: TerminalReportTests.color)
    var bare = report
    for code in ["32", "1;31", "1;33", "2", "1", "0"] { bare = bare.replacing("\u{1b}[\(code)m", with: "") }
    #expect(bare != report && ReportSample.isHarmless(bare))
  }

  @Test func coloursOnlyWhereTheyAreWanted() {
    #expect(TerminalStyle.detect(-1, environment: [:]) == .plain)
    #expect(!terminalReport(ReportSample.bad, context: ReportSample.context, style: .plain).contains("\u{1b}"))
  }

  @Test func aJournalShowsWhatTheLiveRunShowed() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      var live = RunReplay()
      var events = JournalSample.lines
      events.insert(JournalSample.output("hwpoison", "Bus error\n", .stderr), at: 9)
      events.insert(JournalSample.console("[ 4.4] WARNING\n"), at: 9)
      for event in events {
        live.apply(event, at: 0)
        try await journal.record(event)
      }
      let context = ReportContext(live, directory: journal.directory, withNotices: true)
      let shown = terminalReport(try readJournal(at: journal.directory), style: .plain)
      #expect(shown == terminalReport(live.summary(run: journal.id), context: context, style: .plain))
      #expect(shown.contains("Bus error") && shown.contains("WARNING"))
    }
  }
}
