import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Which host lies")
struct HostsPageTests {
  private func summary(_ test: String, _ host: String, failures: Double, runs: Double) -> SeriesSummary {
    SeriesSummary(
      series: SeriesKey(suite: "mm", test: test, family: "built", accelerator: "tcg", host: host),
      tally: RunTally(failures: failures, runs: runs), others: 0, flips: 0,
      segment: RunTally(failures: failures, runs: runs), isFlaky: false, recent: "")
  }

  @Test("the same tests are compared, here against elsewhere")
  func compares() throws {
    let page = HostsPage([
      summary("a", "one", failures: 0, runs: 40), summary("a", "two", failures: 8, runs: 40),
      summary("b", "one", failures: 1, runs: 40), summary("b", "two", failures: 1, runs: 40),
      // Nobody else runs it, so it says nothing.
      summary("c", "one", failures: 40, runs: 40),
    ])
    #expect(page.hosts.map(\.name) == ["one", "two"] && page.hosts.map(\.isWorse) == [false, true])
    #expect(page.hosts[1].tests.map(\.series.test) == ["a"] && page.hosts[0].tests.isEmpty)
    #expect(page.hosts[0].here == RunTally(failures: 1, runs: 80))
  }
}
