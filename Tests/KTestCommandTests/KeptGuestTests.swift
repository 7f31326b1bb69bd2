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

    private func go(
      in place: Workplace, _ arguments: String..., path: String? = nil
    ) async throws -> (summary: RunSummary, told: String) {
      let words = ["run", "small", "--kernel", Prerequisites.kernel, "--accel", "tcg", "--isolate", "--format", "json"]
      var environment = place.environment
      if let path { environment["PATH"] = path }
      let outcome = try await execute([Built.ktest] + words + arguments, in: place.path, environment: environment)
      #expect(outcome.code == 1, "\(outcome)")
      let summary = try RunSummary(json: outcome.stdout)
      #expect(summary.verdicts == ["pass pass", "fail fail"] && Processes.guests(of: summary.run).isEmpty)
      return (summary, outcome.stderr)
    }

    /// Calls `body` with a suite whose guest no other test has.
    private func withSuite(_ body: (Workplace) async throws -> Void) async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass", "fail"], guest: ", cmdline: [\"unique.guest=\(UUID().uuidString)\"]")
        try await body(place)
        for run in place.runs {
          if let mine = try self.place(of: run) { try FileManager.default.removeItem(atPath: mine) }
        }
      }
    }

    /// A damaged guest costs a boot, and no verdict.
    @Test func laterRunsBootNothing() async throws {
      try await withSuite { place in
        let first = try await go(in: place).summary
        #expect(first.boots.map(\.clone?.boot) == [nil, 1, 1])
        let (second, told) = try await go(in: place)
        #expect(second.boots.map(\.clone?.boot) == [1, 1] && second.boots.allSatisfy { $0.clone?.run == first.run })
        #expect(told.contains("clones of boot 1 of run \(first.run)") && told.contains("--new-boot"), "\(told)")
        let afresh = try await go(in: place, "--new-boot").summary
        #expect(afresh.boots.map(\.clone?.boot) == [nil, 1, 1] && afresh.boots.allSatisfy { $0.clone?.run == nil })
        // Memory that was cut short.
        let kept = try #require(try self.place(of: first.run))
        #expect(truncate(kept + "/pc.ram", 4096) == 0)
        let (again, words) = try await go(in: place)
        #expect(
          words.contains("pc.ram was changed or cut short") && again.boots.map(\.clone?.boot) == [nil, 1, 1], "\(words)"
        )
        // Its place is taken by the new one.
        #expect(try self.place(of: again.run) == kept)
      }
    }

    @Test func severalRunsAtOnceShareIt() async throws {
      try await withSuite { place in
        let first = try await go(in: place).summary
        async let one = go(in: place).summary
        async let two = go(in: place).summary
        for run in try await [one, two] {
          #expect(run.boots.map(\.clone?.boot) == [1, 1] && run.boots.allSatisfy { $0.clone?.run == first.run })
        }
      }
    }

    /// The same version, but another program: a script that becomes it.
    @Test func anotherQEMUBootsItsOwn() async throws {
      try await withSuite { place in
        _ = try await go(in: place)
        try place.write(
          "bin/qemu-system-x86_64", "#!/bin/sh\nexec /usr/bin/qemu-system-x86_64 \"$@\"\n", mode: 0o755)
        chmod(place.path, 0o755)
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let (other, told) = try await go(in: place, path: "\(place.path)/bin:\(search)")
        #expect(other.boots.map(\.clone?.boot) == [nil, 1, 1] && !told.contains("clones of boot"), "\(told)")
      }
    }
  }
}
