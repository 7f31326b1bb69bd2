import Foundation
import TestGate
import Testing

/// The script that draws the counts of several kernels.
@Suite(.gated(), .enabled(if: Prerequisites.isInstalled("jq"), "needs jq"))
struct CountsChartTests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "examples/counts/make-chart").path

  private func run(_ kernel: String, _ metrics: [(name: String, value: Double, unit: String)]) -> String {
    let list = metrics.map { #"{"name": "\#($0.name)", "value": \#($0.value), "unit": "\#($0.unit)"}"# }
    return
      #"{"suites": [{"name": "mm-bench", "kernel": "\#(kernel)", "cases": [{"name": "rmap", "metrics": ["#
      + list.joined(separator: ", ") + #"]}, {"name": "skipped"}]}]}"#
  }

  private func make(_ arguments: String..., runs: [String]) async throws -> Outcome {
    try await Workplace.with { place in
      for (number, run) in runs.enumerated() { try place.write("\(number).json", run) }
      return try await execute(
        ["bash", Self.script] + arguments + runs.indices.map { "\($0).json" }, in: place.path)
    }
  }

  private var runs: [String] {
    [
      run("6.1.0-57-cloud-amd64", [("munmap-small", 1083.158, "instructions"), ("load", 3, "us")]),
      run(
        "6.12.117+deb12-cloud-amd64",
        [
          ("munmap-small", 1094, "instructions"), ("move", 1_234_567, "instructions"),
          ("munmap-small", 1092, "instructions"),
        ]),
    ]
  }

  @Test func aTableHasTheMedianOfEachKernelAndNothingThatIsNoCount() async throws {
    let made = try await make("--table", runs: runs)
    #expect(
      made.stdout == """
        | row | 6.1.0-57 | 6.12.117 |
        |---|--:|--:|
        | `munmap-small` | 1,083.158 | 1,094 |
        | `move` | - | 1,234,567 |

        """, "\(made)")
  }

  @Test func whatAKernelIsCalledIsNoMarkup() async throws {
    let hostile = run(#"</text>\" | `x` \u001b[31m"#, [(#"a\"b|c$(id)"#, 5, "instructions")])
    let made = try await make("--table", runs: [hostile])
    #expect(made.stdout.hasPrefix("| row | ??text??????x?"), "\(made)")
    #expect(made.stdout.hasSuffix("| `a?b?c??id?` | 5 |\n"), "\(made)")
  }

  @Test(.enabled(if: Prerequisites.isInstalled("gnuplot"), "needs gnuplot"))
  func aChartHasTheChangesInPercent() async throws {
    let made = try await make(runs: runs)
    #expect(made.code == 0 && made.stderr == "", "\(made)")
    #expect(made.stdout.contains("<svg") && made.stdout.contains("+1.0") && made.stdout.contains("6.12.117"), "\(made)")
  }

  @Test func whatIsNoResultIsRefused() async throws {
    let none = try await make(runs: [])
    #expect(none.code == 64 && none.stderr.contains("give the results"), "\(none)")
    let text = try await make(runs: ["no JSON"])
    #expect(text.code == 65 && text.stderr.contains("0.json is not what 'ktest show"), "\(text)")
    let times = try await make("--table", runs: [run("6.12", [("load", 3, "us")])])
    #expect(times.code == 65 && times.stderr.contains("no metrics in instructions"), "\(times)")
  }
}
