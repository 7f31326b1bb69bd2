import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite struct SearchCommitsTests {
  /// How many answers are wrong; a set is right when the culprit is in it.
  private func wrong(_ seeds: Range<UInt64>, most: Int, rate: Double, isRough: Bool) async throws -> (
    count: Int, steps: [SearchStep]
  ) {
    var (count, steps): (Int, [SearchStep]) = (0, [])
    for seed in seeds {
      let rules = try SearchWorld.Rules.drawn(seed, most: most, rate: rate, isRough: isRough)
      let played = await PlayedSearch.play(rules)
      steps += played.steps
      switch played.conclusion {
      case .culprit(let node, _):
        count += node == rules.culprit ? 0 : 1
        let reverted = played.steps.compactMap(\.evidence).filter {
          $0.subject == .reverted(rules.graph.commit(node)) && $0.outcome.speaks
        }
        // A merge is not: with it its whole branch would go.
        let isMerge = rules.graph.nodes[node].parents.count > 1
        #expect(reverted.count >= (isMerge ? 0 : 3), "seed \(seed): the culprit was reverted \(reverted.count) times")
        #expect(rate < 1 || isRough || reverted.count == (isMerge ? 0 : 3))
      case .remaining(let nodes, _): count += nodes.contains(rules.culprit) && !rules.broken.isEmpty ? 0 : 1
      case let end:
        Issue.record("seed \(seed): \(end.map { "\($0)" } ?? "\(played.error as Any)")")
      }
    }
    return (count, steps)
  }

  @Test func aBugThatAlwaysShowsIsFound() async throws {
    let (wrong, steps) = try await wrong(0..<40, most: 25, rate: 1, isRough: false)
    #expect(wrong == 0)
    #expect(!steps.contains { $0.evidence?.outcome == .unusable })
  }

  @Test func aBugInARoughHistoryIsFoundOrSurrounded() async throws {
    let (wrong, steps) = try await wrong(100..<130, most: 20, rate: 1, isRough: true)
    #expect(wrong <= 2)
    #expect(steps.contains { if case .identical = $0 { true } else { false } })
    let outcomes = Set(steps.compactMap { $0.evidence?.outcome })
    #expect(outcomes == [.targetSeen, .clean, .unusable, .otherFailure])
  }

  @Test func aBugThatShowsNowAndThenIsFoundOrSurrounded() async throws {
    let (smooth, _) = try await wrong(200..<210, most: 12, rate: 0.33, isRough: false)
    let (rough, _) = try await wrong(300..<310, most: 12, rate: 0.33, isRough: true)
    #expect(smooth + rough <= 2)
  }

  @Test func aRevertThatConflictsIsSaidAndNothingMore() async throws {
    var rules = SearchWorld.Rules(try SmallHistory.line(9), culprit: 4)
    rules.revertConflicts = true
    let played = await PlayedSearch.play(rules)
    #expect(played.culprit == 4)
    let last = try #require(played.steps.last?.evidence)
    #expect(last.subject == .reverted(rules.graph.commit(4)) && last.outcome == .unusable)
    #expect(last.note == "the revert conflicts in mm/gup.c")
    #expect(played.steps.count { $0.evidence?.subject == last.subject } == 1)
    // Not wanted, it is not tried.
    #expect(await PlayedSearch.play(rules, revertRuns: 0).steps == played.steps.dropLast())
  }

  @Test(arguments: [ProbeOutcome.otherFailure, .unusable])
  func aRevertThatGivesNoAnswerIsGivenUp(_ outcome: ProbeOutcome) async throws {
    var rules = SearchWorld.Rules(try SmallHistory.line(9), culprit: 4)
    rules.answer = { subject, _ in if case .reverted = subject { outcome } else { nil } }
    let played = await PlayedSearch.play(rules)
    #expect(played.culprit == 4)
    #expect(played.runs.count { if case .reverted = $0.subject { true } else { false } } <= 10)
  }

  @Test(arguments: [ProbeOutcome.otherFailure, .unusable], [0, 9])
  func anEndThatFallsSilentEndsTheSearch(_ outcome: ProbeOutcome, _ end: Int) async throws {
    var rules = SearchWorld.Rules(try SmallHistory.line(9), culprit: 4)
    let (name, bad) = (rules.graph.commit(end), rules.graph.commit(9))
    // One clean run proves neither end: the bad one shows the bug now and then.
    rules.answer = { subject, number in
      if subject == .commit(name) { return number == 0 ? .clean : outcome }
      return subject == .commit(bad) ? number < 6 ? .clean : .targetSeen : nil
    }
    let played = await PlayedSearch.play(rules)
    #expect(played.conclusion == .endIsUnusable(node: end))
    #expect(played.runs.count < 40)
  }

  @Test func theKernelIsFetchedOnceForRunsInARow() async throws {
    var rules = SearchWorld.Rules(try SmallHistory.line(12), culprit: 5)
    (rules.rate, rules.seed) = (0.3, 3)
    let played = await PlayedSearch.play(rules)
    #expect(played.runs.count > 20)
    #expect(!zip(played.fetched, played.fetched.dropFirst()).contains { $0 == $1 })
    let subjects = played.runs.map(\.subject)
    #expect(played.fetched.count <= 1 + zip(subjects, subjects.dropFirst()).count { $0 != $1 })
  }

  @Test func whatTheEffectsThrowComesOutAndTheStepsStay() async throws {
    struct Full: Error, Equatable {}
    let rules = SearchWorld.Rules(try SmallHistory.line(9), culprit: 4)
    let whole = await PlayedSearch.play(rules)
    for count in whole.steps.indices {
      let played = await PlayedSearch.play(rules, trouble: (count, Full()))
      #expect(played.error is Full && played.conclusion == nil)
      #expect(played.steps == Array(whole.steps[..<count]))
    }
  }

  @Test func threeFailuresOfTheHarnessInARowEndTheSearch() async throws {
    let healthy = SearchWorld.Rules(try SmallHistory.line(9), culprit: 4)
    let bad = Evidence.Subject.commit(healthy.graph.commit(9))
    var rules = healthy
    // Two are forgiven.
    rules.answer = { subject, number in subject == bad && number < 2 ? .infrastructure : nil }
    let forgiven = await PlayedSearch.play(rules)
    #expect(forgiven.culprit == 4 && forgiven.steps.count { $0.evidence?.outcome == .infrastructure } == 2)
    rules.answer = { subject, _ in subject == bad ? nil : .infrastructure }
    let ended = await PlayedSearch.play(rules)
    #expect(ended.conclusion == .infrastructure)
    #expect(ended.steps.suffix(3).allSatisfy { $0.evidence?.outcome == .infrastructure } && ended.runs.count < 8)
    // Who takes it up again has mended the host, and is not told of the old trouble. Three more are an end again.
    let again = await PlayedSearch.play(healthy, after: ended.steps)
    #expect(again.culprit == 4)
    let worse = await PlayedSearch.play(rules, after: ended.steps)
    #expect(worse.conclusion == .infrastructure && worse.runs.count == 3)
  }
}
