import Foundation
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// Nothing but the installing of packages needs root. Where the tests are run by an ordinary user, all of them show it.
  @Suite(.enabled(if: Prerequisites.isRoot, "needs root to become somebody else"))
  struct OrdinaryUserTests {
    private static let user = 65_534
    private static let become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

    /// A directory of that user with all that a run needs.
    private func move(into place: Workplace) async throws {
      for program in [Built.ktest, Built.agent] {
        try place.write("bin/.keep", "")
        let name = URL(filePath: program).lastPathComponent
        try FileManager.default.copyItem(atPath: program, toPath: "\(place.path)/bin/\(name)")
      }
      let shown = try await place.ktest(
        "kernel", "show", Prerequisites.kernel, "--format", "json", environment: ["XDG_CACHE_HOME": SharedCache.home])
      let kernel = try JSONDecoder().decode(KernelBuild.self, from: Data(shown.stdout.utf8))
      try FileManager.default.copyItem(atPath: kernel.imagePath, toPath: "\(place.path)/vmlinux")
      let owned = try await execute(["chown", "-R", "\(OrdinaryUserTests.user)", place.path], in: place.path)
      #expect(owned.code == 0, "\(owned)")
    }

    private func run(_ arguments: String..., in place: Workplace) async throws -> Outcome {
      let command = ["\(place.path)/bin/ktest", "run", "--kernel", "vmlinux", "--accel", "tcg"]
      return try await execute(
        OrdinaryUserTests.become + command + arguments, in: place.path, environment: place.environment)
    }

    @Test func realGuest() async throws {
      try await Workplace.with(ownCache: true) { place in
        try place.suite("small", ["pass", "fail"])
        try await move(into: place)
        let outcome = try await run("small", "--format", "json", in: place)
        #expect(outcome.code == 1, "\(outcome)")
        #expect(try RunSummary(json: outcome.stdout).verdicts == ["pass pass", "fail fail"])
        #expect(try await place.shown().verdict == .fail)

        // The state belongs to somebody else now.
        #expect(chown(place.state, 0, 0) == 0 && chmod(place.state, 0o755) == 0)
        #expect(chown("\(place.state)/runs", 0, 0) == 0 && chmod("\(place.state)/runs", 0o755) == 0)
        let before = files(below: place.state)
        let refused = try await run("small", in: place)
        #expect(refused.code == 69 && refused.stdout.isEmpty, "\(refused)")
        #expect(refused.messages.count == 1 && refused.stderr.contains("Permission denied"), "\(refused)")
        #expect(files(below: place.state) == before)
      }
    }
  }
}
