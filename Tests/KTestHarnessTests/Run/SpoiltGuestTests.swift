import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// Guests in which a case can no longer be started, and guests that say and leave too much.
@Suite struct SpoiltGuestTests {
  private func cases(_ names: String...) -> [Case] { names.map { Case(name: $0, run: [$0]) } }

  private static func notStarted(_ request: CaseRequest) -> [GuestEvent] {
    let why = "make /tmp/case-\(request.id): Read-only file system"
    return GuestScript.run(request, end: CaseEnd(id: request.id, outcome: .notStarted(why)))
  }

  @Test func aCaseThatCannotBeStartedInAUsedGuestRunsInANewOne() async throws {
    let host = ScriptedHost(
      GuestScript { $0.id > 1 ? Self.notStarted($0) : nil }, GuestScript())
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("spoils", "b", "c")), on: host)
    #expect(run.told == ["spoils:pass", "b:pass", "c:pass"] && run.verdict == .pass)
    #expect(run.boots.count == 2 && run.results.map(\.boot) == [1, 2, 2])
    #expect(
      run.words.contains(
        "notice boot 1: b could not be started in a used guest "
          + "(make /tmp/case-2: Read-only file system); it runs in a new guest"))

    var replay = RunReplay()
    for event in run.events { replay.apply(event, at: 1) }
    #expect(replay.running.isEmpty && replay.finished == 3)
  }

  @Test func oneThatCannotBeStartedInAFreshGuestEitherIsAnError() async throws {
    let host = ScriptedHost(GuestScript { $0.name == "b" ? Self.notStarted($0) : nil })
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b", "c")), on: host)
    #expect(run.told == ["a:pass", "b:error", "c:pass"] && run.boots.count == 2)
    let result = try #require(run.results.first { $0.name == "b" })
    #expect(result.reason?.contains("could not be started") == true && result.program?.how == .notStarted)
    #expect(result.boot == 2)
  }

  @Test func noticesAreFewAndShort() async throws {
    let flood = (0..<5000).map { _ in GuestEvent.message(.notice(String(repeating: "x", count: 100_000))) }
    let host = ScriptedHost(
      GuestScript { request in
        GuestScript.run(request, output: "KTAP version 1\n1..1\nok 1 it\n", flood)
      })
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a")), on: host)
    let notices = run.words.filter { $0.hasPrefix("notice") }
    #expect(run.told == ["a:pass"] && notices.count == 51)
    #expect(notices.allSatisfy { $0.utf8.count < 600 })
    #expect(notices.last == "notice boot 1: the guest sent more than 50 notices; the others were dropped")
  }

  @Test func whatIsWrongWithArtefactsChangesNoVerdict() async throws {
    var list = cases("a")
    list[0].artefacts = ["*"]
    let host = ScriptedHost(
      GuestScript { request in
        let files = (0..<1500).map {
          GuestEvent.message(.artefact(id: request.id, name: "f\($0)", bytes: [1], isLast: true))
        }
        let notes = GuestEvent.message(
          .artefactNotes(id: request.id, [ArtefactNote(.tooLarge, "sparse", number: 5 << 30)]))
        return GuestScript.run(request, output: "KTAP version 1\n1..1\nok 1 it\n", files + [notes])
      })
    let run = try await ScriptedRun.go(ScriptedRun.plan(list), on: host)
    let result = try #require(run.results.first)
    #expect(result.verdict == .pass && result.reason == nil)
    #expect(
      result.findings.map(\.text) == [
        "more than 1000 artefacts; the others were left in the guest",
        "the artefact sparse (5GiB) is larger than 256MiB; the rest was left in the guest",
      ])
    #expect(run.words.contains("notice s/a: more than 1000 artefacts; the others were left in the guest"))
    let kept = run.events.count { if case .artefact = $0 { true } else { false } }
    #expect(kept == 1000)
  }

  @Test func longWordsCount() {
    #expect(GuestEvent.message(.notice(String(repeating: "x", count: 1000))).size > 1000)
    #expect(GuestEvent.message(.prepared(failures: [String(repeating: "x", count: 1000)])).size > 1000)
  }
}
