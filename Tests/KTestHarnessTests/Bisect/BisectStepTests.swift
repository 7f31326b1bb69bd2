import TestGate
import Testing

@testable import KTestHarness
@testable import KTestValues

/// `git bisect run` with a step of ktest's, on a real repository.
@Suite(.gated()) struct BisectStepTests {
  private struct Bench {
    var sample: SampleRepository
    var commits: [String]
    var place: SearchPlace

    /// - Parameter isRare: Whether only every other run shows the failure.
    init(_ count: Int, culprit: Int, isRare: Bool = false) async throws {
      sample = try await SampleRepository()
      var commits: [String] = []
      for number in 0..<count { commits.append(try await sample.commit("a.c", "\(number)\n", "change \(number)")) }
      self.commits = commits
      let bad = commits[culprit...]
      place = try SearchPlace { boot, request in
        bad.contains(boot.name) && (!isRare || boot.number % 2 == 0) ? GuestScript.failing(request) : nil
      }
      try await sample.git("bisect", "start", commits[count - 1], commits[0])
    }

    var order: BisectStep.Order {
      var order = BisectStep.Order(test: "find")
      order.repository = sample.path
      return order
    }

    func step(_ order: BisectStep.Order? = nil) async throws -> ReproductionTest.Decision {
      let step = try await BisectStep(order ?? self.order, in: place.session, say: { _ in })
      return try await step.perform(on: place.host)
    }

    /// What git says to each step's exit code, until it has found the commit.
    func run() async throws -> String {
      for _ in commits {
        let word =
          switch try await step().exitCode {
          case 0: "good"
          case 1: "bad"
          case 125: "skip"
          default: "reset"
          }
        let said = try await sample.git("bisect", word)
        if said.contains("is the first bad commit") || word == "reset" { return said }
      }
      return "git asked for more steps than there are commits"
    }

    func boots(of commit: Int) -> Int { place.guests.boots.count { $0.name == commits[commit] } }
  }

  @Test(arguments: [false, true]) func gitFindsTheCommit(_ isRare: Bool) async throws {
    let bench = try await Bench(9, culprit: 5, isRare: isRare)
    #expect(try await bench.run().hasPrefix("\(bench.commits[5]) is the first bad commit"))
    // The bad end was measured once, whatever number of steps there were; the good end was run once for its failures.
    #expect(bench.boots(of: 8) == (isRare ? 6 : 3) && bench.boots(of: 0) == 1)
    #expect(bench.place.searches.isEmpty)
  }

  @Test func aCommitThatDoesNotBuildIsSkipped() async throws {
    let bench = try await Bench(5, culprit: 3)
    bench.place.kernels.set { $0.broken = [bench.commits[2]] }
    let decision = try await bench.step()
    #expect(decision == .skip && decision.exitCode == 125)
  }

  @Test func theRateCanBeGiven() async throws {
    let bench = try await Bench(5, culprit: 3)
    var order = bench.order
    order.target.verdict = "fail"
    order.always = true
    #expect(try await bench.step(order) == .good)
    #expect(bench.place.guests.boots.count == 1)
    (order.always, order.seen, order.clean) = (false, 5, 5)
    #expect(try await bench.step(order) == .good)
    #expect(bench.boots(of: 4) == 0 && bench.boots(of: 2) > 3)
  }

  @Test func aBadEndThatPassesIsSaid() async throws {
    let bench = try await Bench(5, culprit: 4, isRare: true)
    let place = try SearchPlace { _, _ in nil }
    let step = try await BisectStep(bench.order, in: place.session, say: { _ in })
    await #expect(throws: Failure.self) { try await step.perform(on: place.host) }
    #expect(place.guests.boots.count == 61)
  }

  @Test func aStepThatIsInterruptedGoesOn() async throws {
    let whole = try await Bench(9, culprit: 6)
    #expect(try await whole.step() == .good)
    let (all, end) = (whole.place.guests.boots.count, whole.boots(of: 8))
    for boot in 1...all {
      let bench = try await Bench(9, culprit: 6)
      await bench.place.guests.interrupt(atBoot: boot) { _ = try await bench.step() }
      #expect(bench.place.guests.boots.count == boot - 1)
      #expect(try await bench.step() == .good)
      #expect(bench.place.guests.boots.count == all && bench.boots(of: 8) == end, "interrupted at boot \(boot)")
    }
    // A step that was decided is tested again when it is asked for again.
    #expect(try await whole.step() == .good)
    #expect(whole.place.guests.boots.count > all && whole.boots(of: 8) == end)
  }

  @Test func changesThatAreNotCommittedAreRefused() async throws {
    let bench = try await Bench(3, culprit: 2)
    try bench.sample.tree.put("repo/a.c", "changed\n")
    await #expect(throws: Failure.self) { try await bench.step() }
    var order = bench.order
    order.test = "find:none"
    await #expect(throws: Failure.self) { try await bench.step(order) }
    #expect(bench.place.guests.boots.isEmpty)
  }
}
