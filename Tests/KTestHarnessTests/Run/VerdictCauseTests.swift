import Foundation
import GuestProtocol
import Testing

@testable import KTestHarness
@testable import KTestValues

/// What programs read beside the words.
@Suite struct VerdictCauseTests {
  private struct Row: Sendable, CustomTestStringConvertible {
    var row: JudgeRow
    var cause: VerdictCause?
    var testDescription: String { row.name }

    init(_ row: JudgeRow, _ cause: VerdictCause?) { (self.row, self.cause) = (row, cause) }
  }

  private static let rows = [
    Row(JudgeRow("a pass", .pass), nil),
    Row(JudgeRow("a subtest", .fail, output: JudgeRow.bad), VerdictCause(.subtest, names: ["b"])),
    Row(JudgeRow("no plan", .fail, output: "TAP version 13\nok 1 a\n"), VerdictCause(.planMissing)),
    Row(JudgeRow("results missing", .fail, output: "1..5\nok 1 a\n"), VerdictCause(.incomplete)),
    Row(JudgeRow("bail out", .fail, output: "1..2\nok 1 a\nBail out! no memory\n"), VerdictCause(.bailOut)),
    Row(JudgeRow("vacuous", .fail, subtests: .atLeast(3)), VerdictCause(.vacuous)),
    Row(JudgeRow("exit status", .fail, output: nil, status: 3), VerdictCause(.program, status: 3)),
    Row(
      JudgeRow("failures by the exit code", .fail, output: nil, status: 4, exitCode: .failures),
      VerdictCause(.program, status: 4)),
    Row(
      JudgeRow("signal", .fail, output: nil, ending: JudgeRow.end(.signalled(signal: 11))),
      VerdictCause(.program, signal: 11)),
    Row(JudgeRow("skip by the exit code", .skip, output: nil, status: 77), VerdictCause(.skipped, status: 77)),
    Row(JudgeRow("all subtests skipped", .skip, output: JudgeRow.skipped), VerdictCause(.skipped)),
    Row(JudgeRow("timeout", .timeout, ending: JudgeRow.end(timedOut: true)), VerdictCause(.timeout)),
    Row(
      JudgeRow("a message is missing", .fail, expect: [JudgeRow.entry("Memory failure: *")]),
      VerdictCause(.kernelMessage, names: ["Memory failure: *"])),
    Row(JudgeRow("the guest is gone", .crash, ending: .guestGone), VerdictCause(.guestEnded)),
  ]

  @Test(arguments: rows) private func theJudgeSaysWhy(_ row: Row) {
    let result = Judge.judge(row.row.evidence, boot: 1)
    #expect(result.verdict == row.row.verdict && result.cause == row.cause, "\(result)")
    #expect((result.cause == nil) == (result.reason == nil))
    #expect(result.cause == nil || result.findings.first?.cause == result.cause)
  }

  @Test func aSplatIsNamedByItsTitle() throws {
    var evidence = JudgeRow("", .fail).evidence
    let log = try #require(SplatLog.fixtures.first { $0.name == "warning.log" }).bytes
    evidence.splats = SplatLog.splats(log)
    let cause = Judge.judge(evidence, boot: 1).cause
    #expect(cause == VerdictCause(.splat, names: ["WARNING in widget_check"]))
  }

  @Test func whatAKernelLacksIsNamed() {
    func cause(_ requires: Requirements, missing: Set<String> = []) -> VerdictCause? {
      let test = Case(name: "a", run: ["a"], requires: requires)
      let check = Preflight(
        kernel: ScriptedRun.kernel("CONFIG_DEV_DAX=m\n"), missingModules: missing, parameters: [:])
      return check.skipReason(of: test, in: Suite(name: "s", cases: [test]))?.cause
    }
    #expect(
      cause(Requirements(config: [ConfigRequirement("DEV_DAX", .builtIn), ConfigRequirement("TEST_HMM")]))
        == VerdictCause(.missingConfiguration, names: ["CONFIG_DEV_DAX", "CONFIG_TEST_HMM"]))
    #expect(
      cause(Requirements(modules: ["dax", "pmem"]), missing: ["dax", "pmem"])
        == VerdictCause(.missingModule, names: ["dax", "pmem"]))
    #expect(cause(Requirements(parameters: ["ndctl"])) == VerdictCause(.missingParameter, names: ["ndctl"]))
    #expect(cause(Requirements(config: [ConfigRequirement("DEV_DAX")])) == nil)
  }

  @Test func aRunThatWasCutOffSaysSo() {
    var replay = RunReplay()
    for event in JournalSample.lines.prefix(9) { replay.apply(event, at: 1) }
    let summary = replay.summary(run: "r")
    #expect(summary.suites[0].cases.last?.cause == VerdictCause(.interrupted))
    #expect(summary.boots.last?.cause == VerdictCause(.interrupted))
  }

  @Test func theShapeIsFlat() throws {
    let cause = VerdictCause(.program, names: ["x"], status: 1, signal: 9)
    #expect(cause.json.line == #"{"kind":"program","names":["x"],"status":1,"signal":9}"#)
    #expect(VerdictCause(.vacuous).json.line == #"{"kind":"vacuous"}"#)
    let finding = CaseFinding(cause, .fail, "t")
    let line = #"{"kind":"program","verdict":"fail","text":"t","names":["x"],"status":1,"signal":9}"#
    #expect(finding.json.line == line)
    #expect(try JSONDecoder().decode(CaseFinding.self, from: Data(line.utf8)) == finding)
    #expect(try JSONDecoder().decode(CaseFinding.self, from: JSONEncoder().encode(finding)) == finding)
    // As earlier versions wrote it.
    let former = #"{"kind":"program","verdict":"fail","text":"t"}"#
    #expect(try JSONDecoder().decode(CaseFinding.self, from: Data(former.utf8)) == CaseFinding(.program, .fail, "t"))
  }
}
