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

  @Test("a host that is lost more often than the others is suspect by its name, and a name is text")
  func names() throws {
    var hosts = ["h1", "h2", "<h3>"].map { HostRecord(name: $0) }
    for place in hosts.indices { (hosts[place].groups, hosts[place].cases) = (50, 500) }
    (hosts[2].groups, hosts[2].losses, hosts[2].reason) = (40, 10, "it does not answer\nat all")
    let page = HostsPage([], named: hosts)
    let text = try PageTemplates().render(page.page(PageIndex()))
    #expect(text.contains("lost more often than the others") && !text.contains("<h3>") && text.contains("&lt;h3&gt;"))
    #expect(text.contains("10 of 50") && text.contains("0 of 500") && text.contains("it does not answer"))
    #expect(page.sentences(from: "").map(\.html).filter { $0.contains("h3") }.count == 1)
    #expect(try !PageTemplates().render(HostsPage([]).page(PageIndex())).contains("Hosts by name"))
  }
}
