import GuestProtocol
import KTestHarness
import KTestValues

/// What a test writes, through the parser and the judge.
struct KTAPFuzz: FuzzTarget {
  static let name = "ktap"
  private let mutator: Mutator

  private static let words = [
    "KTAP version 1\n", "TAP version 13\n", "1..1\n", "1..0 # SKIP no\n", "1..999999999\n", "ok 1 a\n", "not ok 2 b\n",
    "ok 3 # SKIP why\n", "not ok 4 c # TODO later\n", "not ok 5 d # XFAIL\n", "not ok 6 # TIMEOUT 45\n", "# ", "    ",
    "  ",
    "\t", "\\#", " # ", "# Subtest: x\n", "# selftests: mm: y\n", "Bail out! no\n",
    "# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:0\n", "# x: pass:1 fail:0 skip:0 total:1\n",
    "# metric lat 12.5 us lower\n", "# metric lat x us lower\n", "[    1.000000] ", "<6>", "ok", "not ok ", "1..",
  ]

  private static let kselftest = """
    TAP version 13
    1..3
    # timeout set to 45
    # selftests: mm: gup_longterm
    # TAP version 13
    # 1..3
    # # [INFO] detected hugetlb page size: 2048 KiB
    # ok 1 memfd
    # not ok 2 tmpfile # with \\# in it
    # ok 3 # SKIP no hugetlb
    # # Totals: pass:1 fail:1 xfail:0 xpass:0 skip:1 error:0
    not ok 1 selftests: mm: gup_longterm # exit=1
    # selftests: mm: soft-dirty
    # ok 1 Test test_simple
    # # metric faults 12.5 us lower
    ok 2 selftests: mm: soft-dirty
    ok 3 selftests: mm: va_high_addr_switch # SKIP

    """
  private static let kunit = """
    KTAP version 1
    1..2
        KTAP version 1
        # Subtest: damon
        # module: vmscan
        1..2
        ok 1 damon_test_target
            KTAP version 1
            # Subtest: damon_test_regions
            ok 1 split
            ok 2 merge # SKIP
        # damon_test_regions: pass:1 fail:0 skip:1 total:2
        not ok 2 damon_test_regions
    # damon: pass:1 fail:1 skip:0 total:2
    # Totals: pass:2 fail:1 skip:1 total:4
    not ok 1 damon
        # Subtest: list
        1..1
        ok 1 list_test
    ok 2 list

    """
  private static let flat = "ok 1 a\nok 2 b # TODO x\nnot ok - c\n1..3\nsegmentation fault\nBail out! dead\n"

  init(_ files: SeedFiles) {
    let logs = files.contents(below: "Tests/KTestHarnessTests/Fixtures/Report", suffixes: [".ktap"])
    let passing = "KTAP version 1\n1..2\nok 1 a\nok 2 b\n"
    mutator = Mutator(
      seeds: [Self.kselftest, Self.kunit, Self.flat, passing].map { Array($0.utf8) } + logs, words: Self.words)
  }

  func input(seed: UInt64) -> [UInt8] { mutator.input(seed: seed) }

  func problem(with input: [UInt8], _ dice: inout Dice) -> String? {
    let lines = lines(of: input)
    let report = parse(lines)
    guard parse(lines) == report else { return "read twice, it is two reports" }
    if let problem = limits(of: report) { return problem }
    let verdict = judge(report, status: 0)
    if report.missing > 0 || report.bailOut != nil || !report.sawAnything || !report.problems.isEmpty,
      verdict == .pass
    {
      return "a pass, though the report is doubtful: \(report.problems)"
    }
    if report.subtests.contains(where: \.status.isFailure), !verdict.isBad {
      return "\(verdict), though a subtest failed"
    }
    if verdict == .pass, !report.subtests.contains(where: { $0.status != .skip }) { return "a pass with nothing in it" }
    if judge(report, status: 1) == .pass { return "a pass, though the program ended with 1" }
    // What comes last takes nothing back.
    if judge(parse(lines + ["not ok 9 last"]), status: 0) == .pass { return "a pass with a failure at its end" }
    if judge(parse(lines + ["Bail out!"]), status: 0) == .pass { return "a pass that bailed out" }
    return nil
  }

  private func lines(of input: [UInt8]) -> [String] {
    var splitter = LineSplitter()
    let lines = splitter.push(input) + [splitter.finish()].compactMap { $0 }
    return lines.map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  private func parse(_ lines: [String]) -> KTAPReport {
    var parser = KTAPParser()
    for line in lines { parser.push(line) }
    return parser.finish()
  }

  private func limits(of report: KTAPReport) -> String? {
    if report.subtests.count > 40_000 || report.problems.count > 200 || report.metrics.count > 1000 {
      return "too much is kept: \(report.subtests.count) results, \(report.problems.count) problems"
    }
    guard Set(report.subtests.map(\.id)).count == report.subtests.count else { return "two results have one id" }
    for subtest in report.subtests {
      if subtest.path.isEmpty || subtest.path.contains("") { return "a result without a name" }
      if subtest.diagnostics.count > 80 { return "\(subtest.diagnostics.count) lines are kept for one result" }
      let texts = subtest.path + [subtest.detail] + subtest.diagnostics
      for text in texts where sanitised(text) != text { return "controls in the result \(subtest.id)" }
    }
    return nil
  }

  private func judge(_ report: KTAPReport, status: UInt8) -> Verdict {
    let evidence = CaseEvidence(
      of: Case(name: "x", run: ["x"]), ending: .reported(CaseEnd(id: 1, outcome: .exited(status: status))),
      report: report)
    return Judge.judge(evidence, boot: 1).verdict
  }
}
