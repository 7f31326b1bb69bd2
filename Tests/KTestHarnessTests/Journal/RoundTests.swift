import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

/// A run that repeats its cases, from its events to what is kept of it.
@Suite("The rounds of a recorded run")
struct RoundTests {
  static func result(_ round: Int, _ verdict: Verdict, name: String = "map") -> CaseResult {
    var result = CaseResult(name: name, verdict: verdict, seconds: Double(round), boot: round)
    if verdict != .pass { (result.reason, result.cause) = ("\(verdict) in \(round)", VerdictCause(.program)) }
    result.round = round
    return result
  }

  static func events(_ verdicts: [Verdict], planned: Int? = nil, isOver: Bool = true) -> [RunEvent] {
    var events: [RunEvent] = [.runStarted(cases: 1, boots: 1)]
    for (place, verdict) in verdicts.enumerated() {
      let round = place + 1
      events += [
        .roundStarted(round, of: planned ?? verdicts.count),
        .bootStarted(boot: round, suite: "demo", kernel: "6.12", cases: ["map"]),
        .caseStarted(boot: round, suite: "demo", kernel: "6.12", name: "map"),
        .console(boot: round, bytes: Array(String(repeating: "[    1.0] console \(round)\n", count: 400).utf8)),
        .output(
          boot: round, suite: "demo", kernel: "6.12", name: "map", stream: .stdout,
          bytes: Array((String(repeating: "line\n", count: 1000) + "round \(round)\n").utf8)),
        .artefact(boot: round, suite: "demo", kernel: "6.12", name: "map", file: "x.log", bytes: [1]),
        .caseFinished(suite: "demo", kernel: "6.12", result: result(round, verdict)),
        .bootFinished(
          BootResult(
            id: round, suite: "demo", kernel: "6.12", verdict: .pass, seconds: 1, console: "consoles/boot-\(round).log")
        ),
      ]
    }
    guard isOver else { return events }
    let verdict = verdicts.dropFirst().reduce(verdicts[0]) { $0.followed(by: $1) }
    return events + [.runFinished(verdict: verdict, interrupted: false, seconds: 9)]
  }

  private func summary(_ events: [RunEvent]) -> RunSummary {
    var replay = RunReplay()
    for event in events { replay.apply(event, at: 0) }
    return replay.summary(run: "r")
  }

  @Test(
    "a case has one result: the first of the worst",
    arguments: [
      ([Verdict.pass, .pass], Verdict.pass, 1), ([.pass, .fail, .fail], .fail, 2), ([.fail, .crash, .pass], .crash, 2),
      ([.error, .pass], .error, 1), ([.error, .fail], .fail, 2), ([.skip, .pass], .pass, 2),
      ([.skip, .skip], .skip, 1),
    ])
  func folded(_ verdicts: [Verdict], _ verdict: Verdict, _ shown: Int) throws {
    let summary = summary(Self.events(verdicts, planned: 9))
    let result = try #require(summary.suites.first?.cases.first)
    #expect(summary.suites[0].cases.count == 1 && summary.boots.count == verdicts.count)
    #expect(result.verdict == verdict && result.round == shown && result.boot == shown)
    let bad = verdicts.firstIndex(where: \.isBad).map { "\(verdicts[$0]) in \($0 + 1)" }
    #expect(result.turns == CaseTurns(.rounds, verdicts: verdicts, shown: shown, reason: bad))
    #expect(summary.verdict == verdict && summary.rounds == RunRounds(planned: 9, begun: verdicts.count))
    // What is printed is read back.
    let back = try JSONDecoder().decode(RunSummary.self, from: Data(jsonReport(summary).utf8))
    #expect(back == summary)
  }

  @Test("a case that ran when the run ended belongs to its round")
  func interrupted() throws {
    let summary = summary(Array(Self.events([.pass, .pass], isOver: false).dropLast(2)))
    let result = try #require(summary.suites.first?.cases.first)
    #expect(summary.interrupted && result.verdict == .error && result.round == 2)
    #expect(result.turns?.verdicts == [.pass, .error])
  }

  @Test("failures are kept whole, and of later passes the end")
  func files() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for event in Self.events([.pass, .pass, .fail, .fail]) { try await journal.record(event) }
      func size(_ file: String) -> Int? { JournalSample.text(of: "\(journal.directory)/\(file)")?.utf8.count }
      let output = 5000 + "round 1\n".utf8.count
      let console = 400 * "[    1.0] console 1\n".utf8.count
      #expect(size("output/6.12/demo/map.out") == output && size("consoles/boot-1.log") == console)
      #expect(size("artefacts/6.12/demo/map/x.log") == 1)
      #expect(size("rounds/2/output/6.12/demo/map.out") == ByteTail.capacity)
      #expect(size("consoles/boot-2.log") == ByteTail.capacity && size("rounds/2/artefacts/6.12/demo/map/x.log") == nil)
      for round in [3, 4] {
        #expect(size("rounds/\(round)/output/6.12/demo/map.out") == output)
        #expect(size("consoles/boot-\(round).log") == console)
        #expect(size("rounds/\(round)/artefacts/6.12/demo/map/x.log") == 1)
      }
      let short = try #require(JournalSample.text(of: "\(journal.directory)/rounds/2/output/6.12/demo/map.out"))
      #expect(short.hasSuffix("line\nround 2\n"))

      // What a report shows is the output of the round that it is about, live and later.
      let key = CaseKey(suite: "demo", kernel: "6.12", name: "map")
      for replay in [await journal.replay, try readJournal(at: journal.directory).replay] {
        #expect(replay.tails[key]?.stdout.bytes.suffix(8) == Array("round 3\n".utf8)[...])
        #expect(replay.consoleTails[3] != nil && replay.consoleTails[2] == nil)
      }
      #expect(try readJournal(at: journal.directory).summary == (await journal.summary))
    }
  }
}
