import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Excuses")
struct ExcuseTests {
  static func read(_ text: String) -> (excuses: Excuses?, messages: [String]) {
    let (excuses, diagnostics) = Excuses.read(bytes: Array(text.utf8), file: "e.yaml")
    return (excuses, diagnostics.map { "\($0.line ?? 0):\($0.column ?? 0) \($0.message)" })
  }

  private static let file = """
    excuses:
      - splat: WARNING in w*
        reason: known
        link: https://example.org/1
        until: 2024-10-31
      - series: 'mm:map*'
        reason: slow
        link: https://example.org/2
        until: 2024-10-10
      - series: 'mm[thp=*]:io'
        splat: BUG in v
        reason: both
        link: https://example.org/3
        until: 2024-10-31
    """

  @Test("an entry names a splat, a series, or a splat in a series")
  func names() throws {
    let excuses = try #require(Self.read(Self.file).excuses)
    #expect(excuses.entries.map(\.line) == [2, 6, 10])
    let day = try CalendarDay(parsing: "2024-10-10")
    func answer(_ name: String, _ verdict: Verdict, _ splats: [String] = [], on day: CalendarDay = day) -> String {
      let query = SeriesQuery(name)
      let series = SeriesKey(
        suite: query?.suite ?? "", cell: query?.cell ?? "", test: query?.test ?? "", subtest: query?.subtest ?? "")
      return switch excuses.answer(for: series, verdict, splats: splats, on: day) {
      case .none: "none"
      case .holds(let excuse): excuse.reason
      case .ranOut: "ran out"
      case .crashed: "crashed"
      }
    }
    #expect(answer("any:case", .fail, ["WARNING in w2"]) == "known" && answer("any:case", .fail) == "none")
    #expect(answer("mm:map-2m:x", .timeout) == "slow" && answer("mm[thp=always]:map", .fail) == "slow")
    #expect(answer("mm:map", .fail, ["WARNING in other"]) == "none", "no new splat is excused")
    #expect(answer("mm:map", .fail, ["WARNING in w", "BUG in x"]) == "none", "nor one beside a known one")
    #expect(answer("mm:map", .crash) == "crashed" && answer("any:case", .crash, ["WARNING in w"]) == "crashed")
    #expect(
      answer("mm[thp=always]:io", .fail, ["BUG in v"]) == "both" && answer("mm:io", .fail, ["BUG in v"]) == "none")
    #expect(answer("mm:map", .pass) == "none" && answer("mm:map", .skip) == "none")
    #expect(answer("mm:map", .fail, on: CalendarDay(number: day.number + 1)) == "ran out")
  }

  @Test("an issue is excused if all of its open series are, and is less urgent then")
  func issues() throws {
    let excuses = try #require(Self.read(Self.file).excuses)
    let issues = IssueTests.gather(
      IssueTests.history("..F"), IssueTests.history("..F", test: "mseal"), IssueTests.history(".ww", test: "io"),
      on: 2, excuses: excuses)
    #expect(issues.map(\.title) == ["mm:mseal", "mm:map", "WARNING in w"])
    #expect(issues.map(\.isExcused) == [false, true, true] && issues[1].excuse == .holds(excuses.entries[1]))
    let crashed = IssueTests.gather(IssueTests.history(".FC"), on: 2, excuses: excuses)
    #expect(crashed.map(\.excuse) == [.crashed(excuses.entries[1])] && crashed.map(\.isExcused) == [false])
    let later = IssueTests.gather(IssueTests.history(String(repeating: "F", count: 40)), on: 39, excuses: excuses)
    #expect(later.map(\.excuse) == [.ranOut(excuses.entries[1])])
  }

  @Test("what is wrong with a file is said at its place, all at once")
  func errors() {
    let (excuses, messages) = Self.read(
      """
      excuses:
        - splat: '*'
          reason: ' '
          link: ftp://x
          until: 2027-02-30
        - reason: x
          link: https://example.org
          untill: tomorrow
        - series: a:b
          reason: x
          link: https://example.org
          until: soon
      """)
    #expect(excuses == nil)
    #expect(
      messages == [
        "2:12 '*' would excuse everything", "3:13 the reason is empty", "4:11 expected a link, found 'ftp://x'",
        "5:12 there is no day '2027-02-30'", "6:5 an excuse needs the key 'until'",
        "6:5 an excuse needs the key 'splat' or 'series'",
        "8:5 unknown key 'untill' in an excuse; did you mean 'until'?",
        "12:12 expected a date as YYYY-MM-DD, found 'soon'",
      ])
    #expect(Self.read("").excuses == nil && Self.read("excuses: []").excuses == Excuses())
  }

  @Test func schema() {
    #expect(ExcuseSchema.json.contains("\"title\": \"ktest excuses\"") && ExcuseSchema.json.contains("\"until\""))
  }

  @Test(
    "days of the calendar",
    arguments: [
      ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2024-10-04", 20_000), ("9999-12-31", 2_932_896),
      ("0000-03-01", -719_468), ("2027-01-31", 20_849),
    ])
  func days(text: String, number: Int) throws {
    #expect(try CalendarDay(parsing: text) == CalendarDay(number: number))
    #expect(CalendarDay(number: number).description == text)
    #expect(CalendarDay(milliseconds: Int64(number) * 86_400_000 + 1).number == number)
  }

  @Test("no days", arguments: ["2027-02-29", "2027-13-01", "2027-00-10", "27-01-01", "2027-1-01", "+027-01-01", ""])
  func noDays(text: String) { #expect(throws: ValueProblem.self) { try CalendarDay(parsing: text) } }
}
