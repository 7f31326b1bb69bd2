import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

/// The loop of a search by several workers, against a scripted world.
@Suite struct SharedCommitSearchTests {
  private static let cases: [(seed: UInt64, most: Int, rate: Double, isRough: Bool, clones: Int?)] = [
    (4, 30, 1, false, nil), (5, 30, 1, false, nil), (6, 24, 1, true, nil), (8, 10, 0.4, false, nil),
    (22, 10, 0.15, false, 64),
  ]

  private func rules(_ place: Int) throws -> SearchWorld.Rules {
    let one = Self.cases[place]
    var rules = try SearchWorld.Rules.drawn(one.seed, most: one.most, rate: one.rate, isRough: one.isRough)
    rules.clones = one.clones
    return rules
  }

  /// The number of boots under way after each step.
  private func underWay(_ steps: [SearchStep]) -> [Int] {
    steps.indices.map { SearchStep.underWay(after: Array(steps[...$0])).count }
  }

  @Test(arguments: cases.indices) func theCulpritIsFoundAndRevertedAndNothingIsLeft(_ place: Int) async throws {
    let rules = try rules(place)
    let played = await PlayedSearch.play(rules, workers: 4)
    switch played.conclusion {
    case .culprit(let node, _)?:
      #expect(node == rules.culprit)
      let reverted = played.steps.compactMap(\.evidence).filter { $0.subject == .reverted(rules.graph.commit(node)) }
      #expect(reverted.count { $0.outcome.speaks } >= (rules.graph.nodes[node].parents.count > 1 ? 0 : 3))
    case .remaining(let nodes, _)?: #expect(nodes.contains(rules.culprit))
    case let end: Issue.record("\(end as Any) \(played.error as Any)")
    }
    let counts = underWay(played.steps)
    #expect(counts.allSatisfy { $0 <= 4 } && counts.prefix(4) == [1, 2, 3, 4], "\(counts)")
    #expect(counts.last == 0, "what was begun has its result, or was dropped")
  }

  /// Whatever was finished is not done again, and what was under way is begun first.
  @Test(arguments: cases.indices) func itGoesOnAfterACut(_ place: Int) async throws {
    let rules = try rules(place)
    let whole = await PlayedSearch.play(rules, workers: 3)
    for count in stride(from: 1, to: whole.steps.count, by: 1 + whole.steps.count / 6) {
      let kept = Array(whole.steps[..<count])
      let left = SearchStep.underWay(after: kept)
      let rest = await PlayedSearch.play(rules, after: kept, workers: 3)
      #expect(Array(rest.steps.prefix(count)) == kept)
      #expect(rest.conclusion.map { "\($0)".prefix(8) } == whole.conclusion.map { "\($0)".prefix(8) })
      if case .culprit? = whole.conclusion { #expect(rest.culprit == rules.culprit) }
      let begunAgain = rest.steps[count...].compactMap { if case .began(let probe) = $0 { probe } else { nil } }
      // Until the first result, no more is begun than there are workers beside those.
      let first = rest.steps[count...].firstIndex { $0.evidence != nil } ?? rest.steps.endIndex
      let early = rest.steps[count..<first].compactMap { if case .began(let probe) = $0 { probe } else { nil } }
      let dropped = rest.steps[count..<first].count { if case .dropped = $0 { true } else { false } }
      #expect(early.count <= 3 - left.count + dropped && begunAgain.count >= early.count)
      #expect(underWay(rest.steps).allSatisfy { $0 <= 3 } && underWay(rest.steps).last == 0)
    }
  }

  @Test func aSearchOfOneWritesNoneOfThisAndGoesOnFromIt() async throws {
    let rules = try rules(0)
    let one = await PlayedSearch.play(rules)
    #expect(SearchStep.underWay(after: one.steps).isEmpty)
    #expect(!one.steps.contains { if case .began = $0 { true } else { false } })
    let shared = await PlayedSearch.play(rules, workers: 4)
    let kept = Array(shared.steps.prefix(shared.steps.count / 2))
    #expect(await PlayedSearch.play(rules, after: kept).culprit == rules.culprit)
  }

  @Test func whatIsThrownEndsAllOfThem() async throws {
    let rules = try rules(0)
    for count in [0, 5, 9] {
      let played = await PlayedSearch.play(rules, trouble: (count, CancellationError()), workers: 4)
      #expect(played.conclusion == nil && played.error is CancellationError)
      #expect(played.steps.count >= count)
    }
    let full = await PlayedSearch.play(rules, limit: 7, workers: 4)
    #expect(full.error is SearchSteps.Full && full.steps.count == 7)
  }

  @Test func theStepsAreReadBackAsTheyWere() async throws {
    let steps = await PlayedSearch.play(try rules(2), workers: 4).steps
    let data = try JSONEncoder().encode(steps)
    #expect(try JSONDecoder().decode([SearchStep].self, from: data) == steps)
  }

  /// Two boots of one kernel differ by their runs; which of them has ended may be unknown, but not how many are left.
  @Test func asManyAreLeftAsWereBegunAndNotEnded() {
    let subject = Evidence.Subject.commit("c1")
    let (one, many) = (SharedProbe(subject, .search), SharedProbe(subject, .search, clones: 8))
    let begun = [one, many, one].map { SearchStep.began($0) }
    let cloned = SearchStep.evidence(Evidence(subject, .clean, clean: 7), purpose: .search, journal: nil)
    let booted = SearchStep.evidence(Evidence(subject, .clean), purpose: .search, journal: nil)
    #expect(SearchStep.underWay(after: begun) == [one, many, one])
    #expect(SearchStep.underWay(after: begun + [cloned]) == [one, one])
    #expect(SearchStep.underWay(after: begun + [booted, .dropped(one)]) == [many])
    #expect(SearchStep.underWay(after: begun + [cloned, cloned, .dropped(many)]).isEmpty)
    #expect(SearchStep.underWay(after: [.began(one), booted, booted, .dropped(many)]).isEmpty)
  }

  /// Where one worker is all there may be for now, there is one.
  @Test func theEffectsLimitTheWorkers() async throws {
    var rules = try rules(0)
    rules.workers = 2
    let played = await PlayedSearch.play(rules, workers: 8)
    #expect(played.culprit == rules.culprit && underWay(played.steps).max() == 2)
  }
}
