import GuestProtocol
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct BootTimesTests {
  private static let console = """
    [    0.000000] Linux version 6.12.0
    Run /init as init process
    [    2.500000] Run /init as init process
    [    2.600000] user: ktest[x]: says something
    [    2.750000] ktest[x]: begin 1
    [    2.900000] ktest[x]: begin 2
    """

  @Test func readsTheFirstOfEachMomentAndOnlyKernelLines() {
    let times = ConsoleTimes(console: Array(BootTimesTests.console.utf8))
    #expect(times.initStarted == 2.5)
    #expect(times.firstCase == 2.75)
  }

  @Test func aConsoleWithoutThemHasNone() {
    let times = ConsoleTimes(console: [0xff, 0, 0x0a] + Array("[    1.0] nothing".utf8))
    #expect(times == ConsoleTimes())
  }

  private static func events(reachingCase: Bool) -> [RecordedEvent] {
    var events = [
      RecordedEvent(time: WallTime(milliseconds: 10_300), event: .runStarted(cases: 2, boots: 1)),
      // Skipped before anything boots: not the first case of a guest.
      RecordedEvent(
        time: WallTime(milliseconds: 10_310),
        event: .caseStarted(boot: nil, suite: "s", kernel: "k", name: "skipped")),
      RecordedEvent(
        time: WallTime(milliseconds: 10_400),
        event: .bootStarted(boot: 1, suite: "s", kernel: "k", cases: ["pass"])),
      RecordedEvent(time: WallTime(milliseconds: 12_400), event: .bootReady(boot: 1, seconds: 1.9)),
    ]
    if reachingCase {
      events.append(
        RecordedEvent(
          time: WallTime(milliseconds: 12_650),
          event: .caseStarted(boot: 1, suite: "s", kernel: "k", name: "pass")))
    }
    return events
  }

  @Test func timesOfARun() throws {
    let times = try #require(
      RunTimes(
        events: BootTimesTests.events(reachingCase: true), launched: WallTime(milliseconds: 10_000), whole: 3.5,
        console: Array(BootTimesTests.console.utf8)))
    #expect(times.powerOn == 0.4)
    #expect(times.hello == 2)
    #expect(times.firstCase == 2.25)
    #expect(times.whole == 3.5)
    #expect(times.initToCase == 0.25)
  }

  @Test func aRunWithoutACaseHasNoTimes() {
    let times = RunTimes(
      events: BootTimesTests.events(reachingCase: false), launched: WallTime(milliseconds: 10_000), whole: 3.5,
      console: [])
    #expect(times == nil)
  }
}
