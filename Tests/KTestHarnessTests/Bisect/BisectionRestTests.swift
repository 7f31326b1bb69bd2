import Testing

@testable import KTestValues

struct BisectionRestTests {
  private func line(_ count: Int) throws -> CommitGraph {
    try CommitGraph(
      nodes: (0...count).map { .init(commits: ["c\($0)"], parents: $0 == 0 ? [] : [$0 - 1]) }, goods: [0], bad: count)
  }

  @Test func asManyRunsAsTheSearchTakes() throws {
    var search = Bisection(try line(64))
    let first = try #require(search.rest())
    #expect((8...20).contains(first.runs))
    #expect(first.seconds > Double(first.runs) * search.cost.secondsPerRun)
    #expect(search.rest() == first)
    var real = 0
    while case .probe(let probe) = search.next() {
      let before = try #require(search.rest())
      real += 1
      search.add(Evidence(.commit(probe.commit), probe.node >= 40 ? .targetSeen : .clean))
      #expect(before.runs <= first.runs + 3)
    }
    #expect(abs(real - first.runs) <= 5)
    #expect(search.rest()?.runs == 0)
  }
}
