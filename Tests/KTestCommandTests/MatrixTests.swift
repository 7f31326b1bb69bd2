import Foundation
import KTestValues
import Testing

extension GuestTests {
  /// A matrix from its file to the journal, in real guests.
  @Suite struct MatrixRunTests {
    private func suite(_ place: Workplace) throws {
      try place.write(
        "suites/small.yaml",
        """
        suite: small
        image: tiny
        guest: {memory: 512MiB, cpus: 1, cmdline: ["transparent_hugepage=${thp}"]}
        matrix: {thp: [always, madvise], word: [pass, fail]}
        cases:
          - {name: one, run: [tiny, "${word}"], format: exit-code, when: {word: pass}}
          - {name: two, run: [tiny, "${word}"], format: exit-code, when: {thp: madvise}}

        """)
    }

    @Test func planRunAndRepetition() async throws {
      try await Workplace.with { place in
        try suite(place)
        let plan = try await place.run("small", "--dry-run")
        #expect(plan.code == 0 && plan.stdout.hasPrefix("4 cases in 2 boots under tcg\nexpected: unknown"), "\(plan)")
        let outcome = try await place.run("small[thp=madvise]:one", "small", "--matrix", "thp=madvise")
        #expect(outcome.code == 1, "\(outcome)")
        let summary = try await place.shown()
        #expect(summary.suites.map(\.name) == ["small[thp=madvise,word=pass]", "small[thp=madvise,word=fail]"])
        #expect(summary.verdicts == ["one pass", "two pass", "two fail"] && summary.boots.count == 1)
        let directory = "\(place.state)/runs/\(summary.run)"
        #expect(files(below: "\(directory)/output").count == 3)

        let again = try await place.ktest("run", "--again", "latest", "--accel", "tcg", "--format", "json")
        #expect(again.code == 1, "\(again)")
        #expect(try RunSummary(json: again.stdout).suites.map(\.name) == summary.suites.map(\.name))

        let known = try await place.run("small", "--matrix", "thp=madvise", "--dry-run")
        #expect(known.stdout.contains("3 cases in 1 boots under tcg\nexpected: about "), "\(known)")
        #expect(!known.stdout.contains("unknown"), "\(known)")
      }
    }

    @Test func aCellThatIsNotThere() async throws {
      try await Workplace.with { place in
        try suite(place)
        for (words, told) in [
          (["small[thp=never]"], "the axis thp of suite small has no value 'never'; it has always, madvise"),
          (["small", "--matrix", "tph=always"], "--matrix tph=always: none of these suites has such an axis"),
          (["small[word=fail,thp=always]"], "in this cell"),
        ] {
          let outcome = try await execute(
            [Built.ktest, "run", "--kernel", Prerequisites.kernel, "--accel", "tcg", "--dry-run"] + words,
            in: place.path,
            environment: place.environment)
          #expect(outcome.code == 64 && outcome.stderr.contains(told), "\(outcome)")
        }
      }
    }
  }
}
