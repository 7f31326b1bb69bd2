import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Issues as text")
struct IssueReportTests {
  private static let excuses = Excuses([
    Excuse(
      series: try? WildcardPattern(parsing: "mm:mseal"), reason: "Too slow under TCG.", link: "https://example.org/1",
      until: CalendarDay(number: 19_990), line: 2)
  ])

  private static var issues: [KTestValues.Issue] {
    IssueTests.gather(
      IssueTests.history("..FFFFFFFF.........F"), IssueTests.history("..ww................", test: "io"),
      IssueTests.history("..................TT", test: "mseal"),
      IssueTests.history("...................F", test: "cow", subtest: "a/b", cell: "thp=always"), on: 19,
      excuses: excuses)
  }

  @Test("a list has a line for each, the most urgent first")
  func list() {
    #expect(
      issueList(Self.issues, style: .plain) == """
        state   id        seen     last seen   issue
        back    \(IssueKey.test(suite: "mm", test: "map", subtest: "").id)  9 of 18  2024-10-23  mm:map
        opened  \(IssueKey.test(suite: "mm", test: "cow", subtest: "a/b").id)  1 of 1   2024-10-23  mm:cow:a/b
        still   \(IssueKey.test(suite: "mm", test: "mseal", subtest: "").id)  2 of 2   2024-10-23  mm:mseal; its excuse ran out on 2024-09-24
        closed  \(IssueKey.splat("WARNING in w").id)  2 of 18  2024-10-07  WARNING in w (mm:io)

        """)
  }

  @Test("an issue is a page")
  func page() throws {
    let page = issueReport(Array(Self.issues.prefix(1)), style: .plain)
    #expect(
      page == """
        mm:map
          issue        \(IssueKey.test(suite: "mm", test: "map", subtest: "").id), back
          first seen   r102  6.12.0
          seen since   r119  6.12.1
          last seen    r119  6.12.1
                       mm:map
                       status 1
          seen         in 9 of 18 results
          came back    once
          kernels      6.12.0, 6.12.1
          hosts        2 CPUs

        seen     since then     last seen   series
        9 of 18  0 of 11 clean  2024-10-23  mm:map  debian 6.12, 2 CPUs

        """)
    let excused = issueReport(Self.issues.filter { $0.title == "mm:mseal" }, style: .plain)
    #expect(excused.contains("  excuse       Too slow under TCG.\n               https://example.org/1\n"))
    #expect(excused.contains("               it ran out on 2024-09-24\n"))
  }

  @Test("what a kernel or a test said stays text, and fits into a narrow terminal")
  func hostile() {
    var history = IssueTests.history(".F")
    history.failures[0].splats = ["BUG\u{1b}[2J\u{9b}31m\n\u{202e}x " + String(repeating: "long ", count: 40)]
    history.failures[0].reason = "x\u{1b}]0;t\u{7}"
    history.failures[0].kernel = "k\u{1b}c"
    let issues = IssueTests.gather(history, on: 1)
    for text in [issueList(issues, style: .plain), issueReport(issues, style: .plain), issueJSON(issues)] {
      #expect(!text.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{9b}" || $0 == "\u{7}" || $0 == "\u{202e}" })
    }
    let narrow = TerminalStyle(isTerminal: true, color: false, columns: 40)
    for text in [issueList(issues, style: narrow), issueReport(issues, style: narrow)] {
      #expect(text.split(separator: "\n").allSatisfy { TerminalText.width(String($0)) <= 40 }, "\(text)")
    }
  }

  @Test("they are found by their ids and titles")
  func names() {
    let issues = Self.issues
    #expect(issues.named(issues[1].id).map(\.title) == ["mm:cow:a/b"])
    #expect(issues.named(String(issues[1].id.prefix(5))).map(\.title) == ["mm:cow:a/b"])
    #expect(
      issues.named("mm:map").map(\.title) == ["mm:map"] && issues.named("mm:m*").map(\.title) == ["mm:map", "mm:mseal"])
    #expect(issues.named("nothing").isEmpty && issues.named("").isEmpty && issues.named("ab").isEmpty)
  }
}
