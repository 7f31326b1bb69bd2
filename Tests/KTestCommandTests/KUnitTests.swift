import Foundation
import KTestValues
import TestGate
import Testing

private let kunitBuild = ProcessInfo.processInfo.environment["KTEST_KUNIT_BUILD"]

extension GuestTests {
  /// The shipped suite kunit in real guests, on the build that `KTEST_KUNIT_BUILD` names: made with `--for kunit` and
  /// the fragment `Fixtures/kunit.config`.
  @Suite(
    .enabled("KTEST_KUNIT_BUILD names no finished kernel build") {
      kunitBuild.map { FileManager.default.fileExists(atPath: "\($0)/vmlinux") } ?? false
    })
  struct KUnitTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    private func run(_ place: Workplace, _ settings: String...) async throws -> Outcome {
      let kernel = try #require(kunitBuild)
      let values = settings.flatMap { ["--set", $0] }
      return try await execute(
        [Built.ktest, "run", "\(Self.root)/suites/kunit.yaml", "--kernel", kernel, "--accel", "tcg"] + values,
        in: place.path, environment: place.environment.merging(["KTEST_HOME": Self.root]) { $1 })
    }

    @Test func suitesOfModulesAndOfTheBootPass() async throws {
      try await Workplace.with { place in
        let outcome = try await run(place, "modules=slub_kunit kunit_example_test", "filter=list*")
        // The filter also applies to the modules' suites.
        #expect(outcome.code == 1, "\(outcome)")
        #expect(
          try await place.shown().verdicts == [
            "builtin pass", "module-slub_kunit fail", "module-kunit_example_test fail",
          ])
        let filtered = try await place.shown().suites.flatMap(\.cases)
        #expect(filtered[0].subtests.pass > 10)
        #expect(filtered[1].reason?.contains("the module slub_kunit has run no suite") == true)
        let all = try await run(place, "modules=slub_kunit kunit_example_test")
        #expect(all.code == 0, "\(all)")
        let cases = try await place.shown().suites.flatMap(\.cases)
        #expect(cases.map(\.verdict) == [.skip, .pass, .pass])
        #expect(cases[1].subtests.pass >= 7 && cases[2].subtests.pass > 3 && cases[2].subtests.skip > 0)
      }
    }

    @Test func nothingToRunIsNoPass() async throws {
      try await Workplace.with { place in
        let absent = try await run(place, "modules=slub_kunit no_such_kunit")
        #expect(absent.code == 64 && absent.stderr.contains("has no module no_such_kunit"), "\(absent)")
        let unmatched = try await run(place, "filter=no_such_suite")
        #expect(unmatched.code != 0, "\(unmatched)")
        let cases = try await place.shown().suites.flatMap(\.cases)
        #expect(cases.map(\.verdict) == [.error, .skip])
        #expect(cases[0].reason?.contains("kunit.filter_glob=no_such_suite matches no test") == true)
      }
    }
  }
}
