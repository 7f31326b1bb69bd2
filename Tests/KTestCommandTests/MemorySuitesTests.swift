import Foundation
import KTestHarness
import Testing

/// A finished build, made with `--for` the suites of memory, that `KTEST_KERNEL_BUILD` names.
enum OwnKernel {
  static let path = ProcessInfo.processInfo.environment["KTEST_KERNEL_BUILD"].flatMap { path in
    FileManager.default.fileExists(atPath: "\(path)/vmlinux") ? path : nil
  }
}

extension GuestTests {
  /// Shipped suites in real guests.
  @Suite(.enabled(if: OwnKernel.path != nil, "KTEST_KERNEL_BUILD names no finished kernel build"))
  struct MemorySuitesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    @Test(
      .timeLimit(.minutes(15)),
      arguments: [
        ("memory-hotplug", ["states pass", "move pass", "refuse pass", "zones pass"]),
        ("dax-kmem", ["device pass", "ram pass", "cycles pass", "busy pass"]),
      ])
    func everyCasePasses(suite: String, verdicts: [String]) async throws {
      let kernel = try #require(OwnKernel.path)
      try await Workplace.with { place in
        let outcome = try await place.ktest(
          "run", "\(Self.root)/suites/\(suite).yaml", "--kernel", kernel, "--accel", "tcg")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try await place.shown().verdicts == verdicts)
      }
    }
  }
}
