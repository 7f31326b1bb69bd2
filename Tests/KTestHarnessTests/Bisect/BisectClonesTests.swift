import Foundation
import GuestProtocol
import TestGate
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// One boot of a search, whose runs may be clones of its guest.
@Suite(.gated()) struct BisectClonesTests {
  private static let aim = BisectAim(testCase: "word", target: .splat(Signature(title: "WARNING in gup_leaf")))

  /// The first guest of the kernel is the template, and its clones have the numbers from 2.
  private func place(
    cases: String = "{name: word, run: [word]}", forks: Bool = true, bad: Int,
    show: @escaping @Sendable (CaseRequest) -> [GuestEvent] = GuestScript.warning
  ) throws -> SearchPlace {
    try SearchPlace(cases: cases, forks: forks) { boot, request in
      if request.name == "other" { return GuestScript.failing(request) }
      return boot.number == bad ? show(request) : nil
    }
  }

  private func world(
    _ place: SearchPlace, aim: BisectAim? = aim, baseline: BisectBaseline = BisectBaseline()
  ) async throws -> BisectWorld {
    let job = try await place.job(.find(.builds(["k0", "k1"], repository: nil)))
    let settings = BisectWorld.Settings(
      session: place.session, host: place.host, suite: job.suite, space: .builds(["k0", "k1"]), parameters: [:],
      kernels: KernelBuildOptions())
    let world = BisectWorld(settings, aim: aim) { _ in }
    await world.use(baseline)
    return world
  }

  private func run(_ world: BisectWorld, clones: Int) async throws -> RunObservation {
    try await world.run(try await world.kernel(of: .commit("k1")), of: .commit("k1"), clones: clones)
  }

  @Test func theRunsOfABootEndWithTheFirstThatShowsTheTarget() async throws {
    let place = try place(bad: 4)
    let seen = try await run(try await world(place), clones: 16)
    #expect(seen.outcome == .targetSeen && seen.clean == 2 && seen.note == "kernel: WARNING in gup_leaf")
    #expect(place.guests.boots.map(\.isClone) == [false, true, true, true])
    #expect(seen.boot > 0 && seen.run > 0)
    let evidence = Evidence(.commit("k1"), seen.outcome, clean: seen.clean)
    #expect(evidence.boot == BootRuns(seen: 1, clean: 2) && evidence.runs == 3)
    // The run's own record says it, too.
    let journal = try #require(seen.journal)
    let consoles = RunConsoles.files(of: journal)
    #expect(consoles.count == 4 && RunConsoles.splat(Signature(title: "WARNING in gup_leaf"), in: journal) != nil)
  }

  @Test func cleanRunsAreCountedToTheLast() async throws {
    let place = try place(bad: 0)
    let seen = try await run(try await world(place), clones: 5)
    #expect(seen.outcome == .clean && seen.clean == 4 && place.guests.boots.count == 6)
    #expect(Evidence(.commit("k1"), .clean, clean: 4).boot == BootRuns(seen: 0, clean: 5))
    let once = try await run(try await world(place), clones: 1)
    #expect(once.outcome == .clean && once.clean == nil && place.guests.boots.last?.isClone == false)
  }

  @Test func aSubtestIsReadAtTheEndOfEachRun() async throws {
    let aim = BisectAim(testCase: "word", target: .subtest("it"))
    let place = try place(bad: 3, show: GuestScript.failing)
    let seen = try await run(try await world(place, aim: aim), clones: 8)
    #expect(seen.outcome == .targetSeen && seen.clean == 1 && place.guests.boots.count == 3)
  }

  @Test func anotherFailureEndsTheRunsAndTheCleanOnesCount() async throws {
    let place = try place(bad: 4, show: GuestScript.failing)
    let seen = try await run(try await world(place), clones: 8)
    #expect(seen.outcome == .otherFailure && seen.clean == 2 && place.guests.boots.count == 4)
  }

  /// Without a target, what one clone shows becomes it. What the good end shows as well is no end.
  @Test func theTargetIsSettledInAClone() async throws {
    let cases = "{name: other, run: [other]}\n  - {name: word, run: [word]}"
    let place = try place(cases: cases, bad: 4, show: GuestScript.failing)
    var known = CaseResult(name: "other", verdict: .fail, reason: "it failed", notes: [])
    known.notes = [SubtestNote(id: "it", verdict: .fail)]
    let passed = CaseResult(name: "word", verdict: .pass)
    let world = try await world(place, aim: nil, baseline: BisectBaseline([known, passed]))
    let seen = try await run(world, clones: 8)
    #expect(seen.outcome == .targetSeen && seen.clean == 2, "\(seen)")
    #expect(await world.aim?.testCase == "word")
    #expect(await world.aim?.target == .subtest("it"))
  }

  @Test func whatDoesNotForkBootsOnce() async throws {
    for (cases, forks) in [("{name: word, run: [word]}", false), ("{name: word, fresh: boot, run: [word]}", true)] {
      let place = try place(cases: cases, forks: forks, bad: 0)
      let seen = try await run(try await world(place), clones: 16)
      #expect(seen.outcome == .clean && seen.clean == nil)
      #expect(place.guests.boots.map(\.isClone) == [false])
    }
  }

  @Test func aSearchForksWhereHostAndCaseAllow() async throws {
    func clones(_ cases: String, _ change: (inout SearchOrder) -> Void = { _ in }) async throws -> Int? {
      var order = SearchOrder.find(.builds(["k0", "k1"], repository: nil))
      change(&order)
      return try await place(cases: cases, bad: 0).job(order).files.header.parameters.clones
    }
    #expect(try await clones("{name: word, run: [word]}") == 64)
    #expect(try await clones("{name: word, fresh: true, run: [word]}") == 64)
    #expect(try await clones("{name: word, fresh: boot, run: [word]}") == nil)
    #expect(try await clones("{name: word, run: [word]}") { $0.guests.connect = "qemu:///system" } == nil)
  }

  @Test func aResultNamesItsRunsAndBoots() async throws {
    let place = try place(bad: 0)
    var header = try await place.job(.find(.builds(["k0", "k1", "k2"], repository: nil))).files.header
    header.testCase = "word"
    let graph = try SmallHistory.line(2)
    var search = Bisection(graph, header.parameters)
    for (outcome, clean) in [(ProbeOutcome.targetSeen, 3), (.clean, 6), (.targetSeen, 1), (.targetSeen, 0)] {
      search.add(Evidence(.commit(graph.commit(2)), outcome, clean: clean, cost: .init(boot: 3, run: 2)))
    }
    search.add(Evidence(.commit(graph.commit(1)), .clean, clean: nil))
    let report = BisectReport(
      .culprit(node: 2, probability: 0.97), of: search, steps: [], header: header, aim: nil, culprit: CulpritFacts(),
      directory: "/s")
    #expect(report.runs == 15 && report.boots == 5)
    #expect(report.verification[0].hasSuffix(" fails in 3 of 14 runs in 4 boots"), "\(report.verification)")
    #expect(report.verification[1].hasSuffix(" fails in 0 of 1 runs"), "\(report.verification)")
    #expect(report.text.contains("  effort     15 runs in 5 boots on 2 kernels, 20.0 s\n"), "\(report.text)")
    let row = BisectText.line(.evidence(search.evidence[0], purpose: .search, journal: nil), number: 7)?[0] ?? ""
    #expect(row.contains("target seen") && row.contains("4 runs 5.0 s"), "\(row)")
  }
}
