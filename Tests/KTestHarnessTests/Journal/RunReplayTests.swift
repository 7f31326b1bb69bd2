import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct RunReplayTests {
  private func replay(_ events: [RunEvent]) -> RunReplay {
    var replay = RunReplay()
    for (second, event) in events.enumerated() { replay.apply(event, at: Double(second)) }
    return replay
  }

  @Test func aWholeRun() {
    let replay = replay(JournalSample.lines)
    #expect(
      replay.summary(run: "r")
        == RunSummary(
          run: "r", verdict: .crash, seconds: 11.5, boots: [JournalSample.boot],
          suites: [
            SuiteResult(
              name: "demo", kernel: "6.12", verdict: .crash,
              cases: [JournalSample.skipped, JournalSample.passed, JournalSample.failed])
          ]))
    #expect(replay.isOver && replay.planned == 3 && replay.finished == 3 && replay.notices.count == 1)
  }

  @Test func anAbsentCaseHasNoVerdict() {
    let absent = AbsentCase(name: "new", reason: "is for kernels >=7.0")
    let event = RunEvent.caseAbsent(suite: "demo", kernel: "6.12", absent)
    let replay = replay([JournalSample.lines[0], event] + JournalSample.lines.dropFirst())
    #expect(replay.planned == 3 && replay.finished == 3)
    #expect(replay.summary(run: "r").suites.map(\.absent) == [[absent]])
    let alone = self.replay([.runStarted(cases: 0, boots: 0), event]).summary(run: "r", stillRunning: true)
    #expect(alone.verdict == .skip && alone.suites.map(\.cases) == [[]])
  }

  /// Guests side by side end as they like, and reports keep the order of the plan.
  @Test func resultsOfGuestsSideBySideKeepTheOrderOfThePlan() {
    func boot(_ id: Int) -> BootResult {
      BootResult(id: id, suite: "s", kernel: "k", verdict: .pass, seconds: 1, console: "consoles/boot-\(id).log")
    }
    func done(_ suite: String, _ name: String, _ boot: Int?) -> [RunEvent] {
      [
        .caseStarted(boot: boot, suite: suite, kernel: "k", name: name),
        .caseFinished(
          suite: suite, kernel: "k", result: CaseResult(name: name, verdict: .pass, seconds: 1, boot: boot)),
      ]
    }
    let plan: [RunEvent] = [
      .runStarted(cases: 5, boots: 3), .suitePlanned(suite: "s", kernel: "k", cases: ["a", "b", "c"]),
      .suitePlanned(suite: "t", kernel: "k", cases: ["d"]),
    ]
    let course =
      [
        RunEvent.bootStarted(boot: 1, suite: "s", kernel: "k", cases: ["c"]),
        .bootStarted(boot: 2, suite: "t", kernel: "k", cases: ["d"]),
      ] + done("t", "d", 2) + done("s", "c", 1) + [.bootFinished(boot(2)), .bootFinished(boot(1))]
      + done("s", "odd", 3) + done("s", "b", 3) + done("s", "a", nil) + done("s", "b", 4)
    let sorted = replay(plan + course).summary(run: "r")
    #expect(sorted.suites.map(\.name) == ["s", "t"] && sorted.boots.map(\.id) == [1, 2])
    #expect(sorted.suites[0].cases.map(\.name) == ["a", "b", "b", "c", "odd"])
    #expect(sorted.suites[0].cases.map(\.boot) == [nil, 3, 4, 1, 3])
    // Without a plan it is the order in which they came.
    let plain = replay(course).summary(run: "r")
    #expect(plain.suites.map(\.name) == ["s", "t"] && plain.boots.map(\.id) == [2, 1])
    #expect(plain.suites[0].cases.map(\.name) == ["c", "odd", "b", "a", "b"])
  }

  @Test func killedWhileACaseRan() throws {
    let summary = replay(Array(JournalSample.lines.prefix(9))).summary(run: "r")
    #expect(summary.interrupted && summary.verdict == .error && summary.seconds == 8)
    let cases = summary.suites[0].cases
    #expect(cases.prefix(2) == [JournalSample.skipped, JournalSample.passed])
    #expect(cases.last == CaseResult(name: "hwpoison", verdict: .error, why: .interrupted, boot: 1))
    let boot = try #require(summary.boots.first)
    #expect(boot.verdict == .skip && boot.reason == "interrupted" && boot.readySeconds == 1.25 && boot.seconds == 4)
  }

  @Test func stillRunningIsNotInterrupted() {
    let summary = replay(Array(JournalSample.lines.prefix(9))).summary(run: "r", stillRunning: true)
    #expect(!summary.interrupted && summary.verdict == .pass && summary.boots.isEmpty)
    #expect(summary.suites[0].cases.map(\.name) == ["upstream", "map"])
  }

  @Test func nothingIsGreenThatWasNot() {
    // A bad boot whose cases all passed, and a harness that says "pass" of it.
    let events: [RunEvent] = [
      .runStarted(cases: 1, boots: 1), .bootStarted(boot: 1, suite: "demo", kernel: "6.12", cases: ["map"]),
      .caseStarted(boot: 1, suite: "demo", kernel: "6.12", name: "map"),
      .caseFinished(suite: "demo", kernel: "6.12", result: JournalSample.passed), .bootFinished(JournalSample.boot),
      .runFinished(verdict: .pass, interrupted: false, seconds: 1),
    ]
    #expect(replay(events).summary(run: "r").verdict == .crash)
    // A case that began and has no verdict, in a run that says it is over.
    var open = events
    open.removeSubrange(3...4)
    let summary = replay(open).summary(run: "r")
    #expect(summary.verdict == .error && !summary.interrupted)
    #expect(summary.suites[0].cases.first?.verdict == .error)
    // No event at all.
    #expect(RunReplay().summary(run: "r").verdict == .skip && RunReplay().summary(run: "r").interrupted)
  }

  @Test func keepsOnlyTheEndsOfWhatWasBad() {
    var replay = RunReplay()
    for event in JournalSample.lines.dropLast(2) {
      replay.apply(event, at: 0)
      if case .caseStarted(.some, let suite, let kernel, let name) = event {
        let long = [UInt8](repeating: 0x61, count: 10_000) + Array("end".utf8)
        for stream in [RunEvent.OutputStream.stdout, .stderr] {
          replay.apply(
            .output(boot: 1, suite: suite, kernel: kernel, name: name, stream: stream, bytes: long), at: 0)
        }
        replay.apply(JournalSample.console(String(repeating: "line\n", count: 5000)), at: 0)
      }
    }
    replay.apply(.bootFinished(JournalSample.boot), at: 0)
    #expect(replay.tails.keys.map(\.name) == ["hwpoison"])
    #expect(replay.tails.values.first?.stdout.bytes.count == ByteTail.capacity)
    #expect(replay.tails.values.first?.stderr.bytes.suffix(3) == Array("end".utf8)[...])
    #expect(replay.consoleTails[1]?.bytes.count == ByteTail.capacity)
  }
}
