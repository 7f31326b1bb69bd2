import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite struct TerminalReporterTests {
  @Test func plainLinesWhereThereIsNoTerminal() {
    var reporter = TerminalReporter(style: .plain, namesKernels: false)
    var text = ""
    for event in JournalSample.lines + [JournalSample.console("x")] {
      text += reporter.apply(event, at: 1)
      text += reporter.tick(at: 2)
    }
    #expect(
      text == """
        note: KVM is not usable: TCG runs instead <9b>2J
        skip  demo/upstream  give --set ndctl=PATH
        pass  demo/map  0.5 s
        FAIL  demo/hwpoison  2.3 s  1 of 3 subtests failed
        CRASH boot 1 of demo  6.12  panic

        """)
  }

  @Test func namesTheKernelWhereThereAreSeveral() {
    var reporter = TerminalReporter(style: .plain, namesKernels: true)
    let event = RunEvent.caseFinished(suite: "demo", kernel: "6.12", result: JournalSample.passed)
    #expect(reporter.apply(event, at: 0) == "pass  demo/map  6.12  0.5 s\n")
  }

  @Test func oneStatusLineOnATerminal() {
    let style = TerminalStyle(isTerminal: true, color: false, columns: 80)
    var reporter = TerminalReporter(style: style, namesKernels: false)
    let clear = "\u{1b}[K"
    #expect(reporter.tick(at: 0) == "")
    #expect(reporter.apply(JournalSample.lines[0], at: 0) == "\r[0/3] …\(clear)")
    #expect(reporter.apply(JournalSample.lines[4], at: 1) == "\r[0/3] booting 6.12  0.0 s\(clear)")
    #expect(reporter.tick(at: 1.01) == "")
    #expect(reporter.tick(at: 2.5) == "\r[0/3] booting 6.12  1.5 s\(clear)")
    #expect(reporter.apply(JournalSample.lines[5], at: 3) == "\r[0/3] …\(clear)")
    #expect(reporter.apply(JournalSample.lines[6], at: 3) == "\r[0/3] demo/map  0.0 s\(clear)")
    #expect(reporter.apply(JournalSample.output("map", "\u{1b}[2J"), at: 3.5) == "")
    #expect(reporter.tick(at: 4) == "\r[0/3] demo/map  1.0 s\(clear)")
    #expect(reporter.apply(JournalSample.lines[7], at: 5) == "\r[1/3] …\(clear)")
    // A bad one stays above the status line.
    #expect(
      reporter.apply(JournalSample.lines[9], at: 6)
        == "\r\(clear)FAIL  demo/hwpoison  2.3 s  1 of 3 subtests failed\n\r[2/3] …\(clear)")
    #expect(reporter.apply(JournalSample.lines[11], at: 7) == "\r\(clear)")
    #expect(reporter.erase() == "")
  }

  @Test func aLineForEachGuestWhereThereAreSeveral() {
    let style = TerminalStyle(isTerminal: true, color: false, columns: 80)
    var reporter = TerminalReporter(style: style, namesKernels: false)
    let clear = "\u{1b}[K"
    _ = reporter.apply(.runStarted(cases: 5, boots: 3), at: 0)
    _ = reporter.apply(.bootStarted(boot: 1, suite: "s", kernel: "6.12", cases: ["a", "b"]), at: 0)
    #expect(
      reporter.apply(.bootStarted(boot: 2, suite: "s", kernel: "6.12", cases: ["c"]), at: 1)
        == "\r[0/5] 2 guests, 2 cases wait\(clear)\n   1  booting 6.12  1.0 s\(clear)\n   2  booting 6.12  0.0 s\(clear)"
    )
    _ = reporter.apply(.bootReady(boot: 1, seconds: 1.5), at: 1.5)
    #expect(
      reporter.apply(.caseStarted(boot: 1, suite: "s", kernel: "6.12", name: "a"), at: 2)
        == "\r\u{1b}[2A[0/5] 2 guests, 2 cases wait\(clear)\n   1  s/a  0.0 s\(clear)\n   2  booting 6.12  1.0 s\(clear)"
    )
    // A bad one stays above them.
    let bad = CaseResult(name: "a", verdict: .fail, reason: "no", seconds: 1, boot: 1)
    #expect(
      reporter.apply(.caseFinished(suite: "s", kernel: "6.12", result: bad), at: 3)
        == "\r\u{1b}[2A\u{1b}[JFAIL  s/a  1.0 s  no\n"
        + "\r[1/5] 2 guests, 2 cases wait\(clear)\n   1  …\(clear)\n   2  booting 6.12  2.0 s\(clear)")
    let boot = BootResult(id: 1, suite: "s", kernel: "6.12", verdict: .pass, seconds: 3, console: "c")
    #expect(
      reporter.apply(.bootFinished(boot), at: 4) == "\r\u{1b}[2A[1/5] booting 6.12  3.0 s\(clear)\u{1b}[J")
    #expect(reporter.erase() == "\r\(clear)")
  }

  @Test func aTerminalIsNotFilledWithGuests() {
    let style = TerminalStyle(isTerminal: true, color: false, columns: 40)
    var reporter = TerminalReporter(style: style, namesKernels: true)
    var text = reporter.apply(.runStarted(cases: 100, boots: 100), at: 0)
    for boot in 1...100 {
      text = reporter.apply(.bootStarted(boot: boot, suite: "s", kernel: "k", cases: ["\(boot)"]), at: 0)
    }
    let lines = text.replacing("\u{1b}[K", with: "").split(separator: "\n")
    #expect(lines.count == 13 && lines[0].hasSuffix("[0/100] 100 guests; 12 are shown"))
  }

  @Test func theStatusLineKeepsToTheWidthAndCommandsNothing() {
    let evil = "\u{1b}[2J\u{9b}" + String(repeating: "日", count: 300)
    for columns in [1, 10, 40] {
      let style = TerminalStyle(isTerminal: true, color: false, columns: columns)
      var reporter = TerminalReporter(style: style, namesKernels: true)
      _ = reporter.apply(.runStarted(cases: 1, boots: 1), at: 0)
      let text = reporter.apply(.caseStarted(boot: 1, suite: evil, kernel: evil, name: evil), at: 0)
      let bare = text.replacing("\u{1b}[K", with: "").replacing("\r", with: "")
      #expect(ReportSample.isHarmless(bare) && TerminalText.width(bare) < max(columns, 2))
    }
  }

  @Test func writesToADescriptorAndSurvivesAClosedOne() {
    #expect(!writeAll("text", to: -1))
    #expect(writeAll("", to: -1))
  }
}
