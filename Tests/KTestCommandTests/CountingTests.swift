import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// Guests whose clock counts instructions, and what the shipped program mm-bench counts.
  @Suite struct CountingTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    private static func suite(_ rows: String, cpus: Int = 1) -> String {
      """
      suite: counting
      guest: {memory: 512MiB, cpus: \(cpus), clock: instructions}
      image: mm-bench
      cases:
        - {name: bench, run: [mm-bench, --rounds, 3, \(rows)], format: ktap}
      """
    }

    /// The metrics of one run by name.
    private func counts(in place: Workplace) async throws -> [String: Double] {
      let outcome = try await place.ktest(
        "run", "counting", "--kernel", Prerequisites.kernel, "--format", "json", environment: ["KTEST_HOME": Self.root])
      #expect(outcome.code == 0, "\(outcome)")
      let result = try #require(try RunSummary(json: outcome.stdout).suites.first?.cases.first)
      #expect(result.metrics.allSatisfy { $0.unit == "instructions" && $0.value > 0 })
      return result.metricValues
    }

    @Test func aRowIsCounted() async throws {
      try await Workplace.with { place in
        try place.write("suites/counting.yaml", Self.suite("fadvise-tmpfs, munlock-small"))
        let counts = try await counts(in: place)
        #expect(counts.keys.sorted() == ["fadvise-tmpfs", "munlock-small"])
      }
    }

    @Test(.long, arguments: [1, 2]) func bootsAreAlike(cpus: Int) async throws {
      try await Workplace.with { place in
        try place.write(
          "suites/counting.yaml", Self.suite("munmap-small, fork-small, cow-small, mlock-small", cpus: cpus))
        let (first, second) = (try await counts(in: place), try await counts(in: place))
        #expect(first.count == 4)
        for (name, count) in first {
          let change = abs((second[name] ?? 0) - count) / count
          #expect(change <= (cpus == 1 ? 0.0005 : 0.01), "\(name): \(count) and \(second[name] ?? 0)")
        }
      }
    }
  }
}
