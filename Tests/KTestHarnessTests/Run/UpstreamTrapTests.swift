import Foundation
import GuestProtocol
import Testing

@testable import KTestHarness
@testable import KTestValues

/// What upstream's tests and runners print that looks green and is not; the table "Traps" of docs/verdicts.md has a row
/// for each. The texts are in our own words, in the formats of the programs that the table names.
@Suite("Traps of upstream")
struct UpstreamTrapTests {
  private static func harness(_ results: [String], summary: String) -> String {
    "TAP version 13\n1..\(results.count)\n# Starting \(results.count) tests from 2 test cases.\n"
      + results.enumerated().map { "#  RUN           t.\($0) ...\n\($1.replacing("N", with: "\($0 + 1)"))\n" }.joined()
      + summary
  }

  private static let total = MetricDeclaration(
    "total", MetricDeclaration.Source(pattern: JudgeRow.pattern("Total time: * us"), unit: "us", better: .lower))

  static let rows: [JudgeRow] = [
    JudgeRow(
      "all skipped but PASSED 6/6", .skip, "all 6 subtests were skipped (two nodes are needed)",
      output: harness(
        (1...6).map { "ok N # SKIP two nodes are needed \($0)".replacing(" \($0)", with: "") },
        summary: "# PASSED: 6 / 6 tests passed.\n# 6 skipped test(s) detected.\n"
          + "# Totals: pass:0 fail:0 xfail:0 xpass:0 skip:6 error:0\n")),
    JudgeRow(
      "half skipped but PASSED 4/4", .fail, "vacuous: 2 subtests were executed, but the suite requires 4",
      output: harness(
        ["ok N a.private", "ok N b.private", "ok N # SKIP no device", "ok N # SKIP no device"],
        summary: "# PASSED: 4 / 4 tests passed.\n# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:2 error:0\n"),
      subtests: .exactly(4)),
    JudgeRow(
      "half skipped, the totals count them as passed", .fail, "vacuous: 1 subtests",
      output: harness(
        ["ok N a.private", "ok N # SKIP no device"],
        summary: "# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:0 error:0\n"), subtests: .exactly(2)),
    JudgeRow(
      "wrapper always exits 0, its test failed", .fail, "a.one failed",
      output: harness(["not ok N a.one", "ok N a.two"], summary: "# FAILED: 1 / 2 tests passed.\n"), status: 0),
    JudgeRow(
      "wrapper always exits 0, the module did not load", .fail, "no KTAP in the output (exit status 0)",
      output: "modprobe: could not insert the module: no such device\ntest: the driver is missing\n", status: 0),
    JudgeRow(
      "wrapper always exits 0, judged by its exit code", .fail, "metric total is missing", output: nil, status: 0,
      metrics: [total]),
    JudgeRow(
      "exit code 4 that is four failures", .fail, "4 failures according to the exit code", output: nil, status: 4,
      exitCode: .failures),
    JudgeRow(
      "exit code 4 though tests ran", .fail, "exited with 4 though no subtest failed",
      output: harness(["ok N a", "ok N b"], summary: ""), status: 4),
    JudgeRow(
      "skip over fail", .fail, "a failed",
      output: harness(["not ok N a", "ok N b # SKIP no swap"], summary: "# SKIP: some tests could not run\n"), status: 4
    ),
    JudgeRow(
      "a test that cannot fail: it proves nothing", .fail, "'huge page moved' was expected", output: nil, status: 0,
      expect: [JudgeRow.entry("huge page moved")]),
    JudgeRow(
      "a test that cannot fail: it measured nothing", .fail, "metric total is missing", output: nil, status: 0,
      metrics: [total]),
    JudgeRow(
      "a test that cannot fail: the kernel complained", .fail, "WARNING in gup_leaf", output: nil, status: 0,
      console: JudgeRow.warning),
    JudgeRow("missing plan", .fail, "plan missing", output: "TAP version 13\nok 1 a\nok 2 b\n"),
    JudgeRow(
      "it stopped half-way and exits 0", .fail, "missing 56 of 58 results",
      output: "TAP version 13\n1..58\nok 1 a\nok 2 b\n", status: 0),
    JudgeRow(
      "fewer executed than expected", .fail, "vacuous: 29 subtests were executed, but the suite requires 58",
      output: "TAP version 13\n1..29\n" + (1...29).map { "ok \($0) t\($0)\n" }.joined(), subtests: .exactly(58)),
    JudgeRow(
      "the totals say skipped, the results say ok", .fail, "Totals say 1 skipped, but 0 were seen",
      output: "TAP version 13\n1..2\nok 1 a\nok 2 b\n# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:1 error:0\n"),
    JudgeRow(
      "the totals say failed, the results say ok", .fail, "Totals say 1 failures, but 0 were seen",
      output: "TAP version 13\n1..2\nok 1 a\nok 2 b\n# Totals: pass:1 fail:1 xfail:0 xpass:0 skip:0 error:0\n"),
    JudgeRow(
      "the runner of kselftest: ok though its test failed", .fail, "selftests: mm: x/b failed",
      output: "TAP version 13\n1..1\n# selftests: mm: x\n# TAP version 13\n# 1..2\n# ok 1 a\n# not ok 2 b\n"
        + "ok 1 selftests: mm: x\n"),
  ]

  @Test("what looks green and is not", arguments: rows)
  func trap(_ row: JudgeRow) {
    let result = Judge.judge(row.evidence, boot: 1)
    #expect(result.verdict == row.verdict && row.verdict != .pass, "\(result.reason ?? "no reason")")
    #expect(result.reason?.contains(row.reason) == true, "\(result.reason ?? "no reason")")
  }

  /// What each row is about is what makes it red: without it, it would be green.
  @Test("the same without the trap passes")
  func control() {
    let controls = [
      JudgeRow("all executed", .pass, output: Self.harness(["ok N a", "ok N b"], summary: ""), subtests: .exactly(2)),
      JudgeRow("no failures", .pass, output: nil, exitCode: .failures),
      JudgeRow(
        "totals agree", .pass,
        output:
          "TAP version 13\n1..2\nok 1 a\nok 2 b # SKIP x\n# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:1 error:0\n"),
      JudgeRow(
        "kselftest's runner", .pass,
        output: "TAP version 13\n1..1\n# selftests: mm: x\n# TAP version 13\n# 1..2\n# ok 1 a\n# ok 2 b\n"
          + "ok 1 selftests: mm: x\n"),
    ]
    for row in controls { #expect(Judge.judge(row.evidence, boot: 1).verdict == .pass, "\(row.name)") }
  }

  @Test("docs/verdicts.md has each of them, and no other")
  func table() throws {
    let page = try #require(Document.all.first { $0.path == "docs/verdicts.md" }).text
    let section = try #require(page.components(separatedBy: "\n## ").first { $0.hasPrefix("Traps") })
    var named: [String: String] = [:]
    for line in section.split(separator: "\n") where line.hasPrefix("| ") && line.contains("`") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      for name in cells[2].components(separatedBy: "; ") { named[name] = cells[1] }
      // Where it was seen, and how.
      let seen = cells.count > 3 ? cells[3] : ""
      #expect(seen.contains(" ran") || seen.contains(" read") || seen.hasPrefix("no version: "), "\(cells[0])")
    }
    for row in Self.rows { #expect(named[row.name]?.contains("`\(row.verdict.rawValue)`") == true, "\(row.name)") }
    #expect(named.count == Self.rows.count, "\(Set(named.keys).subtracting(Self.rows.map(\.name)))")
  }
}
