import Foundation
import GuestProtocol
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("A selftest with a scripted host")
struct SelftestJobTests {
  private static let suite = """
    suite: probes
    kind: selftest
    cases:
      - {name: good, run: [a], format: ktap, selftest: {verdict: pass}}
      - {name: wrong, run: [b], format: ktap, selftest: {verdict: fail}}
    """

  @Test func comparesWhatTheJournalsSay() async throws {
    let fixture = try SessionFixture(["selftest/probes": Self.suite])
    let job = try SelftestJob(fixture.session)
    let outcome = try await job.perform(fixture.kernel(), on: fixture.host())
    #expect(outcome.runs.count == 1 && outcome.matrix.rows.map(\.name) == ["good", "wrong"])
    // Both pass, and one of them was to fail.
    #expect(outcome.matrix.rows.map(\.isAsExpected) == [true, false] && !outcome.matrix.isAsExpected)
  }

  private static let forks = """
    suite: forks
    kind: selftest
    isolation: case
    cases:
      - {name: one, run: [a], format: ktap, selftest: {verdict: pass, guest: clone}}
      - {name: two, run: [b], format: ktap, selftest: {verdict: pass, guest: clone}}
      - {name: three, run: [c], format: ktap, selftest: {verdict: pass, guest: boot}}
    """

  @Test func casesWithTheirOwnGuestsRunInAnotherOrderAndInARunOfTheirOwn() async throws {
    let fixture = try SessionFixture(["selftest/probes": Self.suite, "selftest/forks": Self.forks])
    let host = fixture.host(ScriptedHost(forkRefusal: nil))
    let outcome = try await SelftestJob(fixture.session).perform(fixture.kernel(), on: host)
    #expect(outcome.runs.count == 2 && outcome.matrix.rows.map(\.name) == ["good", "wrong", "one", "two", "three"])
    #expect(outcome.matrix.rows.map(\.differences).suffix(3) == [[], [], ["its guest was a clone, not booted"]])
    let seeds = try outcome.runs.map { try #require(try readJournal(at: $0).manifest).seeds }
    #expect(seeds == [[:], [RunManifest.shuffle: SelftestJob.isolated.shuffleSeed]])
  }

  @Test func aHostThatForksNothingIsNotAskedToAndSaysSo() async throws {
    let fixture = try SessionFixture(["selftest/probes": Self.suite, "selftest/forks": Self.forks])
    let outcome = try await SelftestJob(fixture.session).perform(fixture.kernel(), on: fixture.host())
    #expect(outcome.runs.count == 1 && outcome.matrix.rows.map(\.name) == ["good", "wrong"])
    #expect(fixture.display.notices == ["the suites about forks are left out: scripted"])
  }

  @Test func runsTheCasesThatAreWanted() async throws {
    let fixture = try SessionFixture(["selftest/probes": Self.suite])
    let outcome = try await SelftestJob(fixture.session, cases: ["g*"]).perform(fixture.kernel(), on: fixture.host())
    #expect(outcome.matrix.rows.map(\.name) == ["good"] && outcome.matrix.isAsExpected)
    let error = #expect(throws: Failure.self) { try SelftestJob(fixture.session, cases: ["none"]) }
    #expect(error?.kind == .usage)
  }
}
