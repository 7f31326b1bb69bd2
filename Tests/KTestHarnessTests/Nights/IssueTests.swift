import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Issues")
struct IssueTests {
  static let day: Int64 = 86_400_000
  static let start: Int64 = 20_000 * day

  /// A series with one result a day: `.` passes, and other letters fail as they do in strips; `w` and `v` fail with a splat each.
  static func history(
    _ outcomes: String, test: String = "map", subtest: String = "", cell: String = "", family: String = "debian 6.12",
    host: String = "2 CPUs", kernel: String = "6.12"
  ) -> FailureHistory {
    let series = SeriesKey(suite: "mm", cell: cell, test: test, subtest: subtest, family: family, host: host)
    var history = FailureHistory(series: series, lastCounted: start)
    for (place, outcome) in outcomes.enumerated() {
      let time = start + Int64(place) * day
      switch outcome {
      case "s": history.endsUncounted = true
      case ".":
        history.passesAfter += 1
        (history.lastCounted, history.endsUncounted) = (time, false)
      default:
        let splats = outcome == "w" ? ["WARNING in w"] : outcome == "v" ? ["WARNING in v", "BUG in v"] : []
        history.failures.append(
          .init(
            run: "r\(100 + place)", started: time, kernel: "\(kernel).\(place / 10)", release: kernel,
            verdict: outcome == "C" ? .crash : outcome == "T" ? .timeout : .fail, splats: splats, reason: "status 1",
            passesBefore: history.passesAfter))
        history.passesAfter = 0
        (history.lastCounted, history.endsUncounted) = (time, false)
      }
    }
    return history
  }

  static func gather(_ histories: FailureHistory..., on day: Int, excuses: Excuses = Excuses()) -> [KTestValues.Issue] {
    let now = start + Int64(day) * Self.day
    return KTestValues.Issue.gather(
      histories, now: now, lately: now, excuses: excuses, today: CalendarDay(milliseconds: now))
  }

  @Test(
    "where an issue stands",
    arguments: [
      ("...F", KTestValues.Issue.State.opened), ("..FF", .still), ("..FFFFFFFF.", .silent), ("..FFFFFFFF..", .silent),
      ("..FFFFFFFF.........", .closed), ("..FFFFFFFF.........F", .back), ("..FFFFFFFF.........FF", .still),
      ("..FFFFFFFF..F", .still), ("..F.......F..F...F", .still),
      ("..FFFF" + String(repeating: "s", count: 3), .silent),
    ])
  func states(outcomes: String, state: KTestValues.Issue.State) throws {
    let issues = Self.gather(Self.history(outcomes), on: outcomes.count - 1)
    #expect(issues.map(\.state) == [state] && issues.map(\.title) == ["mm:map"], "\(issues)")
  }

  @Test("what came back is not closed as fast again, because all runs since it was first seen tell its rate")
  func returns() throws {
    let twice = "FF" + String(repeating: ".", count: 20) + "F" + String(repeating: ".", count: 20)
    let issue = try #require(Self.gather(Self.history(twice), on: twice.count - 1).first)
    #expect(issue.state == .silent && issue.returns == 1 && issue.seen == 3 && issue.runs == 43)
    #expect(issue.since.run == "r122" && issue.first.run == "r100" && issue.last.run == "r122")
    #expect(issue.silence?.clean == 20 && (issue.silence?.needed ?? 0) > 44)
  }

  @Test("a splat is one issue in all series; without one, a test is one on all kernels and hosts and in all cells")
  func keys() {
    let issues = Self.gather(
      Self.history("..w"), Self.history("..v", test: "io"), Self.history(".ww", test: "io", family: "debian 6.1"),
      Self.history("..F", test: "mseal", cell: "thp=always"), Self.history("..T", test: "mseal", host: "8 CPUs"), on: 2)
    #expect(Set(issues.map(\.title)) == ["WARNING in w", "WARNING in v", "BUG in v", "mm:mseal"])
    let shared = issues.first { $0.title == "WARNING in w" }
    #expect(shared?.parts.map(\.series.test) == ["io", "map"] && shared?.seen == 3 && shared?.state == .still)
    let test = issues.first { $0.title == "mm:mseal" }
    #expect(test?.hosts == ["2 CPUs", "8 CPUs"] && test?.worst == .timeout && test?.state == .opened)
    #expect(issues.last?.title == "WARNING in w", "what is new comes first: \(issues.map(\.title))")
  }

  @Test("a case that failed by its subtests is no issue; one that crashed, timed out or failed alone is")
  func subtests() {
    let subtest = Self.history(".F.FF", subtest: "a/b")
    #expect(Self.gather(Self.history(".F.FF"), subtest, on: 4).map(\.title) == ["mm:map:a/b"])
    #expect(Self.gather(Self.history(".F.FT"), subtest, on: 4).map(\.title).sorted() == ["mm:map", "mm:map:a/b"])
    #expect(Self.gather(Self.history(".FFFF"), subtest, on: 4).map(\.title).sorted() == ["mm:map", "mm:map:a/b"])
    #expect(Self.gather(Self.history(".w.ww"), subtest, on: 4).map(\.title).sorted() == ["WARNING in w", "mm:map:a/b"])
    #expect(Self.gather(Self.history(".F.FF"), Self.history(".F.FF", test: "io", subtest: "a/b"), on: 4).count == 2)
  }

  @Test("another failure of the series is neither a sighting nor a clean run")
  func others() throws {
    let issue = try #require(
      Self.gather(Self.history("wwwFFFFFFFFFFFFF."), on: 16).first { $0.title == "WARNING in w" })
    #expect(issue.state == .silent && issue.silence?.clean == 1 && issue.seen == 3 && issue.runs == 4)
  }

  @Test("what is not tested any more is not closed, and says since when")
  func untested() throws {
    var issue = try #require(Self.gather(Self.history("..FFFF"), on: 40).first)
    #expect(issue.state == .silent && issue.untestedSince == Self.start + 5 * Self.day)
    issue = try #require(Self.gather(Self.history("..FFFF"), Self.history(".F", host: "8 CPUs"), on: 6).first)
    #expect(issue.state == .still && issue.untestedSince == nil)
  }

  @Test("an id is short, and the same everywhere")
  func ids() {
    let splat = IssueKey.splat("mm:map")
    let test = IssueKey.test(suite: "mm", test: "map", subtest: "")
    #expect(splat.id != test.id && splat.title == test.title && splat.id.wholeMatch(of: /[0-9a-f]{8}/) != nil)
    #expect(IssueKey.splat("WARNING in try_grab_folio").id == "eaab79b9")
  }

  @Test("ten sightings close after a silence of 3 ln 100 / r days, too")
  func silence() throws {
    // Ten in a hundred days: 153 days of silence, or some hundred clean runs; here they are few.
    var history = FailureHistory(series: SeriesKey(suite: "mm", test: "map"), lastCounted: Self.start)
    history.failures = (0..<10).map { place in
      .init(
        run: "r\(place)", started: Self.start + Int64(place) * 11 * Self.day, kernel: "k", verdict: .fail,
        passesBefore: place == 0 ? 0 : 50)
    }
    history.passesAfter = 3
    history.lastCounted = Self.start + 300 * Self.day
    #expect(Self.gather(history, on: 200).first?.state == .silent)
    #expect(Self.gather(history, on: 300).first?.state == .closed)
  }

  @Test("a table of failures names each run, kernel, reason and set of splats once, and loses nothing")
  func table() {
    let histories = [
      Self.history("..Fw.v"), Self.history(".FFs", subtest: "a/b"), Self.history("wwTC", kernel: "7.3"),
      Self.history("...", host: "8 CPUs"),
    ]
    let table = FailureTable(histories)
    #expect(table.histories == histories)
    #expect(Set(table.runs).count == table.runs.count && Set(table.kernels).count == table.kernels.count)
    #expect(
      table.splats == [[], ["WARNING in w"], ["WARNING in v", "BUG in v"]] && table.reasons == ["", "status 1"])
  }

  @Test("kernels are named once, by their labels, in the order in which they showed it last")
  func kernels() {
    func kernels(_ series: [(kernel: String, release: String, day: Int)]...) -> [String] {
      let histories = series.enumerated().map { place, failures in
        var history = FailureHistory(series: SeriesKey(suite: "mm", cell: "\(place)", test: "map"), lastCounted: 0)
        history.failures = failures.enumerated().map { number, failure in
          .init(
            run: "r\(100 + number)", started: Int64(failure.day) * Self.day, kernel: failure.kernel,
            release: failure.release, verdict: .fail)
        }
        return history
      }
      return Self.gather(histories[0], histories.count > 1 ? histories[1] : histories[0], on: 0).first?.kernels ?? []
    }
    #expect(kernels([("b", "1", 1), ("a", "1", 2), ("b", "2", 3), ("a", "2", 4), ("c", "1", 4)]) == ["b", "a", "c"])
    #expect(kernels([("b", "1", 3), ("a", "1", 2)], [("a", "1", 4), ("b", "1", 1)]) == ["b", "a"])
    // The clock was set back: the run that came last counts in its series, and the latest of the series.
    #expect(kernels([("a", "1", 9), ("b", "1", 5), ("a", "1", 1)], [("b", "1", 2)]) == ["a", "b"])
  }

  @Test("the quick answer that an issue is still open never differs from the exact one")
  func tooEarly() {
    for failures in 1..<60 {
      for passes in [0, 1, 2, 7, 40, 300, 1990] {
        let rate = RunTally(failures: Double(failures), runs: Double(failures + passes)).rate
        let needed = Closing.cleanRuns(rate: rate) ?? .max
        for clean in Set([1, 2, 5, needed / 2, needed - 1, needed, needed + 1]) where clean > 0 {
          if Closing.isTooEarly(clean: clean, rate: rate) { #expect(clean < needed, "\(failures) \(passes)") }
        }
        #expect(!Closing.isTooEarly(clean: needed, rate: rate))
        if needed > 20 { #expect(Closing.isTooEarly(clean: needed / 2, rate: rate)) }
      }
    }
  }
}
