import Foundation
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// A folder of the kernel's selftests in a real guest, with the tests of the tree from which the kernel was built that
  /// `KTEST_KERNEL_BUILD` names.
  @Suite(.enabled(if: Prerequisites.kernelBuild != nil, "KTEST_KERNEL_BUILD names no finished kernel build"))
  struct CollectionRunTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    @Test(.long, .gated(minutes: 30)) func aFolderIsBuiltRunAndJudged() async throws {
      let kernel = try #require(Prerequisites.kernelBuild)
      try await Workplace.with { place in
        let arguments = ["run", "kselftest:mincore", "--kernel", kernel, "--accel", "tcg"]
        let environment = place.environment.merging(["KTEST_HOME": Self.root]) { $1 }
        // The kernel is one for the suites: it lacks what every distribution's has.
        let refused = try await execute([Built.ktest] + arguments, in: place.path, environment: environment)
        #expect(refused.stdout.contains("CONFIG_USER_NS is not set"), "\(refused)")
        #expect(try await place.shown().verdicts == ["mincore_selftest skip"])
        let outcome = try await execute(
          [Built.ktest] + arguments + ["--set", "needs=any"], in: place.path, environment: environment)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stderr.contains("USER_NS"), "\(outcome)")
        let suites = try await place.shown().suites
        #expect(suites.map(\.name) == ["kselftest-mincore"])
        let cases = suites.flatMap(\.cases)
        #expect(cases.map(\.name) == ["mincore_selftest"] && cases.map(\.verdict) == [.pass])
        #expect(cases[0].subtests.pass >= 4 && cases[0].subtests.fail == 0)
      }
    }
  }
}
