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
    private func counts(in place: Workplace, functions: Bool = false) async throws -> [String: Double] {
      let outcome = try await place.ktest(
        "run", "counting", "--kernel", Prerequisites.kernel, "--format", "json",
        functions ? "--functions" : "--accel=tcg", environment: ["KTEST_HOME": Self.root])
      #expect(outcome.code == 0, "\(outcome)")
      let result = try #require(try RunSummary(json: outcome.stdout).suites.first?.cases.first)
      #expect(result.metrics.allSatisfy { $0.unit == "instructions" && $0.value > 0 })
      return result.metricValues
    }

    @Test("a row is counted, and each of its functions")
    func functions() async throws {
      try await Workplace.with { place in
        try place.write("suites/counting.yaml", Self.suite("fadvise-tmpfs, munlock-small"))
        let counts = try await counts(in: place, functions: true)
        #expect(counts.keys.sorted() == ["fadvise-tmpfs", "munlock-small"])
        let outcome = try await place.ktest(
          "compare", "latest", "latest", "--why", "munlock-small", "--format", "json")
        #expect(outcome.code == 0, "\(outcome)")
        let why = try JSONDecoder().decode(Explanation.self, from: Data(outcome.stdout.utf8))
        // A run is the same as itself: no function makes a difference, and all together are the metric.
        #expect(why.first == counts["munlock-small"] && why.functions.isEmpty && why.unchanged.functions > 10)
        #expect(abs(why.clock.first) < 0.2 && abs(why.unchanged.instructions + why.clock.first - why.first) < 0.001)
        let tables = try files(below: "\(place.state)/runs").filter { $0.hasSuffix("/counting/bench/functions.tsv") }
          .map { try String(contentsOfFile: $0, encoding: .utf8) }
        #expect(tables.count == 1 && tables[0].contains("sys_munlock\t"))
      }
    }

    /// What `compare --why` says for programs.
    private struct Explanation: Decodable {
      struct Sum: Decodable { var functions: Int, instructions: Double }
      struct Sides: Decodable { var first: Double, second: Double }
      struct Function: Decodable { var function: String }
      var first: Double
      var functions: [Function]
      var unchanged: Sum
      var clock: Sides
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
