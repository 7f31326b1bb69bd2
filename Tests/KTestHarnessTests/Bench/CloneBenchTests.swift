import TestGate
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct CloneBenchTests {
  @Test func clonesSaveMostOfTheBootsOfABugThatNeedsNone() throws {
    var bench = CloneBench()
    try bench.measure(commits: 16, between: 1, within: 0.1, build: 0, histories: 10)
    let row = bench.rows[0]
    #expect(row.cloning.histories == 10 && row.cloning.wrong <= 2)
    #expect(row.share < 0.6 && 2 * row.cloning.boots < row.booting.boots && row.booting.runs == row.booting.boots)
    #expect(bench.text.contains("| 16 | no | 100 % | 10 % | 0 s |"))
    var again = CloneBench()
    try again.measure(commits: 16, between: 1, within: 0.1, build: 0, histories: 10)
    #expect(again == bench)
  }

  @Test func aBugThatAlwaysShowsCostsWhatItDid() throws {
    var bench = CloneBench()
    try bench.measure(commits: 32, between: 1, within: 1, build: 30, histories: 20)
    #expect(bench.rows[0].cloning.wrong == 0 && bench.rows[0].share < 1.05)
  }

  /// A share of 5 % exceeds 9 of 100 three times in a hundred rows; the seed is fixed.
  @Test(.long, arguments: CloneBench.rates.indices, CloneBench.builds)
  func wrongCulpritsAreRareAtAllRates(_ index: Int, _ build: Double) throws {
    let rate = CloneBench.rates[index]
    var bench = CloneBench()
    try bench.measure(commits: 32, between: rate.between, within: rate.within, build: build, histories: 100)
    let row = bench.rows[0]
    #expect(row.cloning.wrong <= 9, "\(bench.text)")
    // A bug that is decided at boot costs little more than it did; one within a boot far less.
    #expect(row.share < (rate.between < 1 ? 1.25 : rate.within < 1 ? 0.9 : 1.05), "\(bench.text)")
  }
}
