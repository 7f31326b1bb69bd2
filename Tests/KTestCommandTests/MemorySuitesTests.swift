import Foundation
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// The shipped suites that need a kernel of one's own, in real guests. `KTEST_KERNEL_BUILD` is a finished build made
  /// with `--for` these suites.
  @Suite(.enabled(if: Prerequisites.kernelBuild != nil, "KTEST_KERNEL_BUILD names no finished kernel build"))
  struct MemorySuitesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    @Test(
      .gated(minutes: 30),
      arguments: [
        ("memory-hotplug", ["states pass", "move pass", "refuse pass", "zones pass"]),
        ("dax-kmem", ["device pass", "ram pass", "cycles pass", "busy pass"]),
      ])
    func everyCasePasses(suite: String, verdicts: [String]) async throws {
      let kernel = try #require(Prerequisites.kernelBuild)
      try await Workplace.with { place in
        let outcome = try await place.ktest(
          "run", "\(Self.root)/suites/\(suite).yaml", "--kernel", kernel, "--accel", "tcg",
          environment: ["KTEST_HOME": Self.root])
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try await place.shown().verdicts == verdicts)
      }
    }
  }
}
