import Testing

@testable import KTestValues

/// Nights that hand on what they know, with results as texts: one line for each series, its outcomes in the letters of strips.
private struct Nights {
  var memory: NightMemory?
  var histories: [NightSeries.ID: NightHistory] = [:]
  var number = 0

  static func id(_ name: String) -> NightSeries.ID {
    let parts = name.split(separator: ":").map(String.init)
    return NightSeries.ID(
      kernel: "k", series: SeriesKey(suite: parts[0], test: parts[1], subtest: parts.count > 2 ? parts[2] : ""))
  }

  static func verdict(_ letter: Character) -> Verdict {
    switch letter {
    case "F": .fail
    case "T": .timeout
    case "C": .crash
    case "s": .skip
    case "E": .error
    default: .pass
    }
  }

  func judge(
    _ lines: [String], coverage: NightJudge.Coverage = .whole, changed: Bool = true, executed: [String: Int] = [:]
  ) -> NightJudge {
    var situation = NightJudge.Situation(
      night: "n\(number)", started: Int64(number) * 86_400_000, memory: memory)
    situation.results = lines.map { line in
      let words = line.split(separator: " ")
      let name = String(words[0])
      return NightSeries(
        id: Nights.id(name),
        outcomes: words.count < 2
          ? []
          : words[1].enumerated().map { place, letter in
            NightSeries.Outcome(
              run: "r\(place)", verdict: Nights.verdict(letter), reason: letter == "F" ? "it failed" : "")
          }, executed: executed[name])
    }
    situation.coverage = ["k": ["s": coverage]]
    situation.changed = changed ? ["k"] : []
    situation.histories = histories
    return NightJudge(situation)
  }

  /// Ends a night, and keeps its histories as the index would.
  @discardableResult
  mutating func night(
    _ lines: String..., coverage: NightJudge.Coverage = .whole, executed: [String: Int] = [:]
  ) -> NightJudge.Ending {
    let judge = judge(lines, coverage: coverage, executed: executed)
    let ending = judge.end()
    for one in judge.judged {
      var history = histories[one.series.id] ?? NightHistory()
      history.nights.append("n\(number)")
      history.points.append(
        SeriesPoint(
          day: Double(number), passes: one.series.counted.count - one.series.failures, failures: one.series.failures))
      histories[one.series.id] = history
    }
    for series in ending.memory.series {
      guard var history = histories[series.id] else { continue }
      for place in history.points.indices {
        history.points[place].isReported = series.reported.contains(history.nights[place])
      }
      histories[series.id] = history
    }
    memory = ending.memory
    number += 1
    return ending
  }

  mutating func clean(_ nights: Int, _ lines: String...) {
    for _ in 0..<nights {
      let ending = judge(lines).end()
      for line in lines {
        let id = Nights.id(String(line.split(separator: " ")[0]))
        histories[id, default: NightHistory()].nights.append("n\(number)")
        histories[id]?.points.append(SeriesPoint(day: Double(number), passes: 1))
      }
      memory = ending.memory
      number += 1
    }
  }
}

extension NightJudge.Ending {
  fileprivate var words: [String] { findings.map { "\($0.word) \($0.series.name)" } }
}

@Suite("The judge of a night")
struct NightJudgeTests {
  @Test("the first night says nothing of what passes, and what fails is a new test that failed")
  func firstNight() {
    var nights = Nights()
    let first = nights.night("s:a .", "s:b F", "s:c s")
    #expect(first.words == ["newTest s:b"] && first.passing == 1)
    #expect(first.memory.series.map(\.id.series.test) == ["a", "b"])
    // What has never passed is no flake, and no news.
    let second = nights.night("s:a .", "s:b F", "s:d .")
    #expect(second.words == ["stillFailing s:b", "newTest s:d"])
    #expect(second.findings[0].since == 0)
  }

  @Test("a case that breaks wants more runs, is new, is still failing, falls silent and is fixed")
  func life() throws {
    var nights = Nights()
    nights.clean(60, "s:a .", "s:b .")
    #expect(nights.judge(["s:a F", "s:b ."]).steps == [Nights.id("s:a"): .run])
    let found = nights.night("s:a FFFFFFFF", "s:b .")
    #expect(found.words == ["newFailure s:a"] && found.findings[0].isNews && found.passing == 1)
    #expect(found.findings[0].runs == 8 && found.findings[0].failures == 8 && found.findings[0].reason == "it failed")
    #expect(found.memory.series[0].reported == ["n60"])
    let still = nights.night("s:a F", "s:b .")
    #expect(still.words == ["stillFailing s:a"] && still.findings[0].since == 60 * 86_400_000)
    #expect(!still.findings[0].isNews)
    var words: [String] = []
    for _ in 0..<10 {
      let ending = nights.night("s:a .", "s:b .")
      words += ending.findings.map { "\($0.word)" }
      if ending.memory.series[0].standing == .quiet { break }
    }
    #expect(words.last == "fixed" && words.dropLast().allSatisfy { $0 == "silent" }, "\(words)")
    #expect(nights.night("s:a .", "s:b .").words == [])
  }

  @Test("a flake is one, and is no news")
  func flake() {
    var nights = Nights()
    for night in 0..<40 { nights.night(night % 4 == 1 ? "s:a F" : "s:a .") }
    let ending = nights.night("s:a F")
    #expect(ending.words == ["flaky s:a"])
  }

  @Test("what is skipped, vanishes, or is lost is louder than a failure")
  func notTested() {
    var nights = Nights()
    nights.clean(3, "s:a .", "s:b .", "s:c .", "s:d .")
    let ending = nights.night("s:a s", "s:c E", "s:d .")
    #expect(ending.words == ["notTested s:a", "notTested s:b", "notTested s:c"])
    #expect(ending.findings.map(\.notTested) == [.skipped, .vanished, .error])
    #expect(ending.findings.allSatisfy(\.isNews) && ending.passing == 1)
    let again = nights.night("s:a s", "s:c .", "s:d .")
    #expect(again.words == ["notTested s:a", "notTested s:b"] && !again.findings.contains(where: \.isNews))
    #expect(again.findings.first?.since == Int64(3 * 86_400_000))
    // A case that is gone is mentioned for a week.
    for _ in 0..<6 { nights.night("s:a s", "s:c .", "s:d .") }
    #expect(nights.night("s:a .", "s:c .", "s:d .").words == [])
  }

  @Test("a suite that did not run says nothing of its cases, one that was stopped says why")
  func coverage() {
    var nights = Nights()
    nights.clean(3, "s:a .", "s:b .")
    let none = nights.night(coverage: .absent)
    #expect(none.words == [] && none.memory.series.count == 2)
    let part = nights.night("s:a .", coverage: .partial)
    #expect(part.words == ["notTested s:b"] && part.findings[0].notTested == .outOfTime)
  }

  @Test("a suite that the plan lost is said once")
  func planChanged() {
    var nights = Nights()
    nights.clean(3, "s:a .", "t:b .")
    let ending = nights.night("s:a .")
    #expect(ending.untested.map(\.name) == ["t"] && ending.untested[0].kind == .suite)
    #expect(nights.night("s:a .").untested == [])
  }

  @Test("fewer subtests are not tested")
  func subtests() {
    var nights = Nights()
    nights.night("s:a .", executed: ["s:a": 20])
    let ending = nights.night("s:a .", executed: ["s:a": 12])
    #expect(ending.untested.map(\.reason) == ["12 subtests were executed, 20 in the night before"])
    #expect(nights.night("s:a .", executed: ["s:a": 12]).untested == [])
  }

  @Test("a subtest that fails tells for its case")
  func parts() {
    var nights = Nights()
    nights.clean(60, "s:a .")
    for night in 0..<60 {
      nights.histories[Nights.id("s:a:x"), default: NightHistory()].nights.append("n\(night)")
      nights.histories[Nights.id("s:a:x")]?.points.append(SeriesPoint(day: Double(night), passes: 1))
    }
    let ending = nights.night("s:a FFFFFFFF", "s:a:x FFFFFFFF")
    #expect(ending.words == ["newFailure s:a:x"])
    // One report, not two.
    #expect(ending.memory.limit.reports == 1)
    #expect(nights.night("s:a F", "s:a:x F").words == ["stillFailing s:a:x"])
    // A crash of the case is more than its subtest.
    #expect(nights.night("s:a C", "s:a:x F").words == ["stillFailing s:a", "stillFailing s:a:x"])
  }

  @Test("too much at once is one report, and no series is blamed or run again")
  func flood() {
    var nights = Nights()
    let names = (10..<40).map { "s:c\($0)" }
    for _ in 0..<5 {
      let ending = nights.judge(names.map { "\($0) ." }).end()
      nights.memory = ending.memory
      nights.number += 1
    }
    let judge = nights.judge(names.map { "\($0) F" })
    #expect(judge.steps.isEmpty)
    let ending = judge.end()
    #expect(ending.findings == [] && ending.floods.map(\.failed) == [30] && ending.passing == 0)
    #expect(ending.memory.failed["k"] == [0, 0, 0, 0, 0])
    // The next night is judged as if this one had not been.
    nights.memory = ending.memory
    nights.number += 1
    #expect(nights.judge(names.map { "\($0) ." }).end().findings == [])
  }

  @Test("without the index the sums of the last night are the history")
  func sums() {
    var nights = Nights()
    nights.clean(60, "s:a .")
    nights.histories = [:]
    #expect(nights.night("s:a FFFFFFFF").words == ["newFailure s:a"])
  }

  @Test("a night that is judged twice says the same")
  func again() {
    var nights = Nights()
    nights.clean(20, "s:a .", "s:b .")
    let judge = nights.judge(["s:a FF", "s:b ."])
    #expect(judge.end() == judge.end())
  }
}
