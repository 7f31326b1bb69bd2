import Foundation
import Testing

@testable import KTestValues

@Suite struct DeltaSearchTests {
  /// Plays a search in which the target needs all of `needed` to show, at a rate.
  private func play(
    _ count: Int, needs needed: Set<Int>, rate: Double = 1, seed: UInt64 = 1,
    breaks: ([Int]) -> Bool = { _ in false }
  ) -> (result: DeltaSearch.Result, runs: Int) {
    var numbers = SeededNumbers(seed: seed)
    var search = DeltaSearch(differences: (0..<count).map { "CONFIG_\($0)=y" })
    while search.runs < 20_000 {
      switch search.next() {
      case .stop(let result): return (result, search.runs)
      case .run(let subset):
        let shows = needed.isSubset(of: subset) && numbers.fraction() < rate
        search.add(breaks(subset) ? .unusable : shows ? .targetSeen : .clean, with: subset)
      }
    }
    return (.infrastructure, search.runs)
  }

  @Test func oneDecidingSymbolIsFoundAmongMany() {
    for count in [1, 2, 3, 40, 300] {
      for needed in Set([0, count / 2, count - 1]) {
        #expect(play(count, needs: [needed]).result == .minimal(subset: [needed], unresolved: 0))
      }
    }
    #expect(play(300, needs: [177]).runs < 120)
  }

  @Test func symbolsThatDecideTogetherAreKeptTogether() {
    for needed in [[0, 1], [3, 17], [0, 9, 19], [4, 5, 6, 7]] {
      #expect(play(20, needs: Set(needed)).result == .minimal(subset: needed, unresolved: 0))
    }
  }

  @Test func aTargetThatShowsNowAndThenIsFollowed() {
    let results = (0..<20).map { play(16, needs: [11], rate: 0.35, seed: UInt64($0)).result }
    #expect(results.count { $0 == .minimal(subset: [11], unresolved: 0) } >= 18)
  }

  @Test func combinationsThatDoNotBuildAreGoneAround() {
    // Symbol 5 does not build without 4, of which nothing else depends.
    let (result, _) = play(16, needs: [5]) { $0.contains(5) && !$0.contains(4) }
    guard case .minimal(let subset, let unresolved) = result else {
      Issue.record("another step")
      return
    }
    #expect(subset == [4, 5] && unresolved > 0)
  }

  @Test func sidesThatAreNotWhatTheySeemAreSaid() {
    #expect(play(8, needs: []).result == .goodSideHasTarget)
    #expect(play(8, needs: [99]).result == .badSideIsClean)
    #expect(play(8, needs: [2]) { $0.count == 8 }.result == .badSideIsClean)
    var search = DeltaSearch(differences: ["a=1", "b=2"])
    for _ in 0..<3 { search.add(.infrastructure, with: [0, 1]) }
    #expect(search.next() == .stop(.infrastructure))
  }

  @Test func theSameEvidenceGivesTheSameStep() throws {
    var numbers = SeededNumbers(seed: 3)
    var search = DeltaSearch(differences: (0..<12).map { "p\($0)" })
    var seen: [(ProbeOutcome, [Int])] = []
    for _ in 0..<25 {
      guard case .run(let subset) = search.next() else { break }
      let outcome: ProbeOutcome = subset.contains(7) && numbers.fraction() < 0.6 ? .targetSeen : .clean
      seen.append((outcome, subset))
      search.add(outcome, with: subset)
    }
    var again = DeltaSearch(differences: search.differences)
    for (outcome, subset) in seen.reversed() { again.add(outcome, with: subset.reversed()) }
    #expect(again.next() == search.next())
    let decoded = try JSONDecoder().decode(DeltaSearch.self, from: try JSONEncoder().encode(search))
    #expect(decoded == search)
  }

  /// A case that cannot run without one of the differences: that one lets it run, and nobody knows what brings the target.
  @Test func aGoodSideThatCannotBeTestedIsSaid() {
    #expect(play(6, needs: [2], breaks: { $0.isEmpty }).result == .goodSideIsUnusable)
  }
}
