import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

/// A search that was cut off anywhere goes on as if it had not been: nothing is done twice, and the answer is the same.
@Suite struct SearchResumptionTests {
  private struct Case: CustomTestStringConvertible {
    var name: String
    var rules: SearchWorld.Rules
    var testDescription: String { name }

    static func drawn(
      _ name: String, seed: UInt64, most: Int, rate: Double = 1, isRough: Bool = false, clones: Int? = nil
    ) throws -> Case {
      var rules = try SearchWorld.Rules.drawn(seed, most: most, rate: rate, isRough: isRough)
      rules.clones = clones
      return Case(name: name, rules: rules)
    }
  }

  private static let cases: [Case] =
    (try? [
      .drawn("a line", seed: 4, most: 30), .drawn("merges", seed: 5, most: 30),
      .drawn("a rough line", seed: 6, most: 24, isRough: true),
      .drawn("rough merges", seed: 17, most: 24, isRough: true),
      .drawn("flaky", seed: 8, most: 10, rate: 0.4), .drawn("flaky merges", seed: 9, most: 10, rate: 0.33),
      .drawn("flaky and rough", seed: 21, most: 12, rate: 0.5, isRough: true),
      .drawn("clones", seed: 22, most: 10, rate: 0.15, clones: 64),
      .drawn("rough clones", seed: 23, most: 12, rate: 0.3, isRough: true, clones: 64),
    ]) ?? []

  /// One step after each cut: with what is known of all of them, the rest follows.
  @Test(arguments: cases) private func theNextStepIsTheSameAfterEachCut(_ test: Case) async throws {
    let whole = await PlayedSearch.play(test.rules)
    #expect(whole.conclusion != nil && whole.steps.count > 5)
    for count in whole.steps.indices {
      let played = await PlayedSearch.play(test.rules, after: Array(whole.steps[..<count]), limit: count + 1)
      #expect(played.steps == Array(whole.steps[...count]), "after \(count) of \(whole.steps.count) steps")
      guard played.steps.last == whole.steps[count] else { break }
    }
  }

  @Test(arguments: cases) private func theRestIsTheSame(_ test: Case) async throws {
    let whole = await PlayedSearch.play(test.rules)
    for count in stride(from: 1, through: whole.steps.count, by: 1 + whole.steps.count / 5) {
      // In a run, by a signal; and while a step is written, which then is lost.
      let cuts = [
        await PlayedSearch.play(test.rules, trouble: (count, CancellationError())),
        await PlayedSearch.play(test.rules, limit: count),
      ]
      for cut in cuts {
        #expect(cut.steps == Array(whole.steps[..<count]))
        let rest = await PlayedSearch.play(test.rules, after: cut.steps)
        #expect(rest.conclusion == whole.conclusion)
        #expect(rest.steps == whole.steps)
        let done = cut.steps.count(where: \.isRun)
        #expect(rest.runs == Array(whole.runs[done...]), "\(rest.runs.count) and \(done) of \(whole.runs.count)")
      }
      if count < whole.steps.count { #expect(cuts[0].error is CancellationError && cuts[1].error is SearchSteps.Full) }
    }
  }

  @Test func theStepsAreReadBackAsTheyWere() async throws {
    for test in Self.cases {
      let steps = await PlayedSearch.play(test.rules).steps
      let data = try JSONEncoder().encode(steps)
      #expect(try JSONDecoder().decode([SearchStep].self, from: data) == steps)
    }
  }
}
