import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct SearchDifferencesTests {
  /// Twelve differences of which some bring the target together.
  private actor World: DifferenceEffects {
    struct Rules: Sendable {
      var needed: Set<Int>
      var rate = 1.0
      var seed: UInt64 = 1
      var breaks: @Sendable ([Int]) -> Bool = { _ in false }
      var isDown = false
    }

    private let rules: Rules
    private let journal: SearchSteps
    private let trouble: (after: Int, error: any Error)?
    private var counts: [[Int]: Int] = [:]
    private(set) var runs = 0

    init(_ rules: Rules, _ journal: SearchSteps, _ trouble: (after: Int, error: any Error)?) async {
      (self.rules, self.journal, self.trouble) = (rules, journal, trouble)
      for case .trial(let trial) in await journal.steps { counts[trial.subset, default: 0] += 1 }
    }

    func kernel(with subset: [Int]) async throws -> SubjectKernel {
      rules.breaks(subset)
        ? SubjectKernel(kernel: nil, trouble: "unmet dependencies", seconds: 3)
        : SubjectKernel(kernel: SearchWorld.build)
    }

    func run(_ kernel: SubjectKernel, with subset: [Int]) async throws -> RunObservation {
      if let trouble, await journal.steps.count >= trouble.after { throw trouble.error }
      let number = counts[subset, default: 0]
      counts[subset] = number + 1
      runs += 1
      if rules.isDown { return RunObservation(.infrastructure) }
      let mask = subset.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
      var numbers = SeededNumbers(seed: rules.seed &* 7919 &+ mask &* 1_000_003 &+ UInt64(number))
      let shows = rules.needed.isSubset(of: subset) && numbers.fraction() < rules.rate
      return RunObservation(shows ? .targetSeen : .clean, boot: 1, run: 2)
    }
  }

  private struct Played {
    var result: DeltaSearch.Result?
    var error: (any Error)?
    var steps: [SearchStep]
    var runs: Int
  }

  private func play(
    _ rules: World.Rules, after kept: [SearchStep] = [], limit: Int = 3000,
    trouble: (after: Int, error: any Error)? = nil
  ) async -> Played {
    let journal = SearchSteps(kept, limit: limit)
    let world = await World(rules, journal, trouble)
    var search = DeltaSearch(differences: (0..<12).map { "CONFIG_\($0)=y" })
    for step in kept { search.replay(step) }
    var played = Played(steps: [], runs: 0)
    do {
      played.result = try await searchDifferences(
        search, with: world, note: { try await journal.note($0) }, emit: { _ in }
      ).result
    } catch { played.error = error }
    (played.steps, played.runs) = (await journal.steps, await world.runs)
    return played
  }

  @Test func oneOrTwoOfTwelveAreFound() async {
    for first in stride(from: 0, to: 12, by: 2) {
      #expect(await play(.init(needed: [first])).result == .minimal(subset: [first], unresolved: 0))
      let second = (first * 5 + 3) % 12
      if second == first { continue }
      let both = [first, second].sorted()
      #expect(await play(.init(needed: Set(both))).result == .minimal(subset: both, unresolved: 0))
    }
  }

  @Test func aTargetThatShowsNowAndThenIsFollowed() async {
    var right = 0
    for seed in 0..<6 as Range<UInt64> {
      let needed: Set = seed % 2 == 0 ? [Int(seed)] : [Int(seed), Int(seed) + 2]
      let played = await play(.init(needed: needed, rate: 0.33, seed: seed))
      right += played.result == .minimal(subset: needed.sorted(), unresolved: 0) ? 1 : 0
    }
    #expect(right >= 5)
  }

  @Test func subsetsThatDoNotBuildAreGoneAround() async {
    // 5 does not build without 4.
    let rules = World.Rules(needed: [5], breaks: { $0.contains(5) && !$0.contains(4) })
    let played = await play(rules)
    guard case .minimal([4, 5], let unresolved)? = played.result else {
      Issue.record("\(played.result as Any)")
      return
    }
    #expect(unresolved > 0)
    let broken = played.steps.compactMap { step in
      if case .trial(let trial) = step, trial.outcome == .unusable { trial } else { nil }
    }
    #expect(!broken.isEmpty && broken.allSatisfy { $0.note == "unmet dependencies" && $0.cost.build == 3 })
  }

  @Test func itGoesOnAfterEachCut() async {
    let all: [World.Rules] = [
      .init(needed: [7]), .init(needed: [2, 9]), .init(needed: [5], breaks: { $0.contains(5) && !$0.contains(4) }),
      .init(needed: [3], rate: 0.4, seed: 5),
    ]
    for rules in all {
      let whole = await play(rules)
      #expect(whole.result != nil)
      for count in whole.steps.indices {
        let kept = Array(whole.steps[..<count])
        let next = await play(rules, after: kept, limit: count + 1)
        #expect(
          next.steps == Array(whole.steps[...count]) && next.error is SearchSteps.Full || count + 1 == whole.steps.count
        )
        guard count % 9 == 0 else { continue }
        let cut = await play(rules, trouble: (count, CancellationError()))
        #expect(cut.error is CancellationError || cut.steps.count > count)
        let rest = await play(rules, after: cut.steps)
        #expect(rest.result == whole.result && rest.steps == whole.steps && rest.runs + cut.runs == whole.runs)
      }
    }
  }

  @Test func failuresOfTheHarnessEndItAndAreForgottenWhenItGoesOn() async {
    var rules = World.Rules(needed: [7])
    let healthy = await play(rules)
    let kept = Array(healthy.steps.prefix(6))
    rules.isDown = true
    let ended = await play(rules, after: kept)
    #expect(ended.result == .infrastructure && ended.runs == 3)
    let worse = await play(rules, after: ended.steps)
    #expect(worse.result == .infrastructure && worse.runs == 3)
    rules.isDown = false
    #expect(await play(rules, after: worse.steps).result == .minimal(subset: [7], unresolved: 0))
  }
}
