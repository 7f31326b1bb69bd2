import Foundation
import KTestValues
import Testing

extension GuestTests {
  /// Guests that one run boots and later runs go on from.
  @Suite struct KeptGuestTests {
    private struct Kept: Decodable {
      struct Origin: Decodable { var run: String }
      var origin: Origin
    }

    /// The directory of the guest that a run has kept.
    private func place(of run: String) throws -> String? {
      let store = "/dev/shm/ktest-\(geteuid())-templates"
      return try FileManager.default.contentsOfDirectory(atPath: store).map { "\(store)/\($0)" }.first { place in
        guard let record = FileManager.default.contents(atPath: place + "/template.json") else { return false }
        return (try? JSONDecoder().decode(Kept.self, from: record))?.origin.run == run
      }
    }

    /// Each run has the guest to itself that the others do not know of, and a damaged one costs a boot, no verdict.
    @Test func laterRunsBootNothing() async throws {
      try await Workplace.with { place in
        // No other test has the same guest.
        try place.suite("small", ["pass", "fail"], guest: ", cmdline: [\"unique.guest=\(UUID().uuidString)\"]")
        func go(_ arguments: String...) async throws -> (RunSummary, String) {
          let words = [
            "run", "small", "--kernel", Prerequisites.kernel, "--accel", "tcg", "--isolate", "--format", "json",
          ]
          let outcome = try await execute(
            [Built.ktest] + words + arguments, in: place.path, environment: place.environment)
          #expect(outcome.code == 1, "\(outcome)")
          let summary = try RunSummary(json: outcome.stdout)
          #expect(summary.verdicts == ["pass pass", "fail fail"] && Processes.guests(of: summary.run).isEmpty)
          return (summary, outcome.stderr)
        }
        let (first, _) = try await go()
        #expect(first.boots.map(\.clone?.boot) == [nil, 1, 1])
        let (second, told) = try await go()
        #expect(second.boots.map(\.clone?.boot) == [1, 1] && second.boots.allSatisfy { $0.clone?.run == first.run })
        #expect(told.contains("clones of boot 1 of run \(first.run)") && told.contains("--new-boot"), "\(told)")
        let (afresh, _) = try await go("--new-boot")
        #expect(afresh.boots.map(\.clone?.run) == [nil, nil, nil] && afresh.boots.count == 3)
        // Memory that was cut short.
        let kept = try #require(try self.place(of: first.run))
        #expect(truncate(kept + "/pc.ram", 4096) == 0)
        let (again, words) = try await go()
        #expect(
          words.contains("pc.ram was changed or cut short") && again.boots.map(\.clone?.boot) == [nil, 1, 1], "\(words)"
        )
        // Its place is taken by the new one.
        let mine = try self.place(of: again.run)
        #expect(mine == kept)
        if let mine { try FileManager.default.removeItem(atPath: mine) }
      }
    }
  }
}
