import Foundation
import KTestHarness
import Testing

extension GuestTests {
  /// Our own programs of the suite thp-migration in a real guest, on the kernel build that `KTEST_KERNEL_BUILD` names.
  @Suite(.enabled(if: Prerequisites.kernelBuild != nil, "KTEST_KERNEL_BUILD names no finished kernel build"))
  struct THPMigrationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    @Test(.timeLimit(.minutes(10)))
    func hugePagesMoveWholeAndTheBenchMeasuresIt() async throws {
      let kernel = try #require(Prerequisites.kernelBuild)
      let suite = "\(Self.root)/suites/thp-migration.yaml"
      try await Workplace.with { place in
        let outcome = try await place.ktest(
          "run", "\(suite):move", "\(suite):soft-dirty", "\(suite):bench", "--kernel", kernel, "--accel", "tcg",
          environment: ["KTEST_HOME": Self.root])
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try await place.shown().verdicts == ["move pass", "soft-dirty pass", "bench pass"])
      }
    }
  }
}
