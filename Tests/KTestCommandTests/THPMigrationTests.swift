import Foundation
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// Our own programs of the suite thp-migration in a real guest, on the kernel build that `KTEST_KERNEL_BUILD` names.
  @Suite(.enabled(if: Prerequisites.kernelBuild != nil, "KTEST_KERNEL_BUILD names no finished kernel build"))
  struct THPMigrationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    private func expectPass(_ cases: [String]) async throws {
      let kernel = try #require(Prerequisites.kernelBuild)
      try await Workplace.with { place in
        let chosen = cases.map { "\(Self.root)/suites/thp-migration.yaml:\($0)" }
        let outcome = try await execute(
          [Built.ktest, "run"] + chosen + ["--kernel", kernel, "--accel", "tcg"], in: place.path,
          environment: place.environment.merging(["KTEST_HOME": Self.root]) { $1 })
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try await place.shown().verdicts == cases.map { "\($0) pass" })
      }
    }

    @Test func hugePagesMoveWhole() async throws { try await expectPass(["move"]) }

    @Test(.long) func softDirtyBitsMoveAndTheBenchMeasures() async throws {
      try await expectPass(["soft-dirty", "bench"])
    }
  }
}
