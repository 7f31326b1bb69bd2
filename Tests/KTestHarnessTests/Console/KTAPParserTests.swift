import Testing

@testable import KTestValues

private func read(_ text: String) -> KTAPReport {
  var parser = KTAPParser()
  for line in text.split(separator: "\n", omittingEmptySubsequences: false) { parser.push(String(line)) }
  return parser.finish()
}

extension KTAPReport {
  fileprivate var outline: [String] { subtests.map { "\($0.status) \($0.id)" } }
}

@Suite struct KTAPParserTests {
  @Test func aPlainReport() {
    let report = read(
      """
      TAP version 13
      1..4
      ok 1 first thing
      not ok 2 - second thing # exit=1
      ok 3 third # SKIP no memory
      ok 4 fourth\\#1
      # Totals: pass:2 fail:1 xfail:0 xpass:0 skip:1 error:0
      """)
    #expect(report.outline == ["pass first thing", "fail second thing", "skip third", "pass fourth#1"])
    #expect(report.subtests.map(\.detail) == ["", "exit=1", "no memory", ""])
    #expect(report.problems.isEmpty && report.missing == 0 && report.sawAnything)
  }

  @Test func kselftestNestsByHashes() {
    let report = read(
      """
      TAP version 13
      1..2
      # timeout set to 45
      # selftests: mm: run_all.sh
      # TAP version 13
      # # running ./one
      # # TAP version 13
      # # 1..2
      # # # mapped at 0x7f00
      # # ok 1 maps
      # # not ok 2 unmaps
      # # # Totals: pass:1 fail:1 xfail:0 xpass:0 skip:0 error:0
      # not ok 1 one # exit=1
      # ok 2 two # SKIP
      # 1..2
      ok 1 selftests: mm: run_all.sh
      # selftests: mm: slow
      not ok 2 selftests: mm: slow # TIMEOUT 45 seconds
      """)
    #expect(
      report.outline == [
        "pass selftests: mm: run_all.sh/one/maps", "fail selftests: mm: run_all.sh/one/unmaps",
        "skip selftests: mm: run_all.sh/two", "timeout selftests: mm: slow",
      ])
    #expect(report.problems.isEmpty)
    #expect(report.subtests[0].diagnostics == ["timeout set to 45", "running ./one", "mapped at 0x7f00"])
    #expect(report.subtests[3].detail == "45 seconds")
  }

  @Test func kunitNestsByIndentation() {
    let report = read(
      """
      [    0.500000] KTAP version 1
      [    0.500001] 1..2
      [    0.500002]     KTAP version 1
      [    0.500003]     # Subtest: lists
      [    0.500004]     1..2
      [    0.500005]         KTAP version 1
      [    0.500006]         # Subtest: add
      [    0.500007]         ok 1 empty
      [    0.500008]         ok 2 full
      [    0.500009]     # add: pass:2 fail:0 skip:0 total:2
      [    0.500010]     ok 1 add
      [    0.500011]     # remove: EXPECTATION FAILED at lib/list-test.c:7
      [    0.500012]     not ok 2 remove
      [    0.500013] # lists: pass:1 fail:1 skip:0 total:2
      [    0.500014] # Totals: pass:2 fail:1 skip:0 total:3
      [    0.500015] not ok 1 lists
      [    0.500016]     KTAP version 1
      [    0.500017]     # Subtest: trees
      [    0.500018]     1..1
      [    0.500019]     ok 1 grow
      [    0.500020] # Totals: pass:1 fail:0 skip:0 total:1
      [    0.500021] ok 2 trees
      """)
    #expect(
      report.outline == [
        "pass lists/add/empty", "pass lists/add/full", "fail lists/remove", "pass trees/grow",
      ])
    #expect(report.problems.isEmpty)
    #expect(report.subtests[2].diagnostics == ["remove: EXPECTATION FAILED at lib/list-test.c:7"])
  }

  @Test func aParentNeverHidesItsChildren() {
    #expect(read("  1..1\n  not ok 1 child\nok 1 parent\n1..1").outline == ["fail parent/child"])
    #expect(read("  1..1\n  ok 1 child\nnot ok 1 parent\n1..1").outline == ["pass parent/child", "fail parent"])
    #expect(
      read("# not ok 1 child\nnot ok 1 parent # TIMEOUT 5 seconds\n1..1").outline
        == ["fail parent/child", "timeout parent"])
  }

  @Test(arguments: [
    ("ok 1 a", "pass"), ("not ok 1 a", "fail"), ("ok 1 a # SKIP why", "skip"), ("not ok 1 a # skipped: why", "skip"),
    ("not ok 1 a # TODO later", "todo"), ("ok 1 a # XFAIL known", "xfail"), ("not ok 1 a # XFAIL known", "xfail"),
    ("ok 1 a # XPASS", "pass"), ("not ok 1 a # TIMEOUT", "timeout"), ("not ok 1 a # ERROR broke", "error"),
    ("ok 1 a \\# SKIP", "pass"),
  ])
  func directives(line: String, status: String) {
    #expect(read(line + "\n1..1").subtests.map(\.status.rawValue) == [status])
  }

  @Test func aNamelessResultIsNamedByItsReason() {
    #expect(read("ok 1 # SKIP no huge pages\nok 2\n1..2").outline == ["skip no huge pages", "pass test 2"])
  }

  @Test(arguments: [
    ("1..5\nok 1 a\nok 2 b", ["missing 3 of 5 results"], 3),
    ("ok 1 a\nok 2 b\n1..5", ["missing 3 of 5 results"], 3),
    ("1..1\nok 1 a\nok 2 b", ["2 results, but 1 were planned"], 0),
    ("ok 1 a", ["plan missing"], 0),
    ("TAP version 13\n1..0", ["the plan is empty (1..0)"], 0),
    ("KTAP version 1", ["only a version line"], 0),
    (
      "1..1\nok 1 a\n# Totals: pass:0 fail:5 xfail:0 xpass:0 skip:0 error:0",
      ["Totals say 5 failures, but 0 were seen", "Totals say 5 results, but 1 were seen"], 0
    ),
    ("1..2\nok 1 a\nBail out! no device", ["missing 1 of 2 results", "bailed out: no device"], 1),
    (
      "1..2\n# selftests: a: b\n# 1..3\n# ok 1 x\n# selftests: a: c\nok 2 selftests: a: c",
      ["no result for selftests: a: b", "missing 2 of 3 results in selftests: a: b", "missing 1 of 2 results"], 3
    ),
    ("  1..3\n  ok 1 x\nok 1 outer\n1..1", ["missing 2 of 3 results in outer"], 2),
  ])
  func doubtsAreSaid(text: String, problems: [String], missing: Int) {
    let report = read(text)
    #expect(report.problems == problems)
    #expect(report.missing == missing)
  }

  /// What `kunit_parser.py` calls "no tests": a header, or a version line, that is followed by the test's own result.
  @Test(arguments: [
    "1..1\n  # Subtest: suite\n  1..1\n    # Subtest: case\n  ok 1 - case\nok 1 - suite",
    "1..1\n  KTAP version 1\n  # Subtest: suite\n  1..1\n    KTAP version 1\n    # Subtest: case\n  ok 1 case\nok 1 suite",
    "1..1\n# Subtest: suite\n    1..1\n    # Subtest: case\n    ok 1 - case\nok 1 - suite",
    "1..1\n  # Subtest: suite\n  1..1\n    # Subtest: case\n    1..0\n  ok 1 - case\nok 1 - suite",
  ])
  func aHeaderWithoutTestsIsNoPass(text: String) {
    let report = read(text)
    #expect(report.outline == ["error suite/case"])
    #expect(report.subtests.first?.detail == "no tests: no result follows its header")
    #expect(report.problems.isEmpty && report.missing == 0)
  }

  @Test(arguments: [
    (
      "1..1\n  # Subtest: s\n  1..2\n    # Subtest: p\n  ok 1 p # SKIP no values\n  ok 2 q\nok 1 s",
      ["skip s/p", "pass s/q"]
    ),
    ("1..1\n    # Subtest: s\nnot ok 1 s", ["fail s"]),
    ("1..1\n# selftests: mm: plain\n# it works\nok 1 selftests: mm: plain", ["pass selftests: mm: plain"]),
    ("1..1\n# TAP version 13\n# 1..0 # SKIP no device\nok 1 wrapped", ["pass wrapped"]),
    ("1..2\n# Subtest: s\nok 1 other\nok 2 more", ["pass other", "pass more"]),
  ])
  func onlyAHeaderThatPromisedTestsOwesThem(text: String, outline: [String]) {
    #expect(read(text).outline == outline)
  }

  @Test func aHeaderWithoutANameIsAComment() {
    let report = read("1..1\n  # Subtest: \n  ok 1 a\nok 1 s\n  # Subtest:  ")
    #expect(report.outline == ["pass s/a"])
    #expect(report.subtests.allSatisfy { !$0.path.contains("") })
  }

  @Test func aSkippedWhole() {
    let report = read("TAP version 13\n1..0 # SKIP needs root")
    #expect(report.skippedWhole == "needs root")
    #expect(report.problems.isEmpty && report.subtests.isEmpty && report.sawAnything)
  }

  @Test func severalReportsAfterEachOther() {
    let report = read("TAP version 13\n1..1\nok 1 a\nTAP version 13\n1..2\nok 1 a\nnot ok 2 b")
    #expect(report.outline == ["pass a", "pass a (2)", "fail b"])
    #expect(report.problems.isEmpty)
    let short = read("TAP version 13\n1..2\nok 1 a\nTAP version 13\n1..1\nok 1 a")
    #expect(short.problems == ["missing 1 of 2 results"])
  }

  @Test func repeatedNamesGetTheirOwnIds() {
    let report = read("1..4\nok 1 a\nok 2 a\nok 3 a (2)\nok 4 a")
    #expect(report.subtests.map(\.id) == ["a", "a (2)", "a (2) (2)", "a (3)"])
  }

  @Test func otherLinesAreNoResults() {
    let report = read(
      "okay then\nok\nnot okay\n# ok so far\nok 1x\n1..x\nBUG: ok 1 a\n\u{1b}[31mok 1 real\u{1b}[0m\n1..1")
    #expect(report.outline == ["pass real"])
    #expect(read("nothing here").sawAnything == false)
    #expect(read("nothing here").problems.isEmpty)
  }

  @Test func linesAfterALoneFailureAreItsOwn() {
    let report = read("1..2\nnot ok 1 a\n#   Failed test 'a'\n#   at t.c line 3\nok 2 b")
    #expect(report.subtests[0].diagnostics == ["Failed test 'a'", "at t.c line 3"])
  }

  @Test func aTestThatDiedKeepsWhatItSaid() {
    let report = read("TAP version 13\n1..1\n# selftests: mm: dies\n# 1..2\n# ok 1 lives\n# about to die")
    #expect(report.outline == ["pass selftests: mm: dies/lives"])
    #expect(report.subtests[0].diagnostics == ["about to die"])
    #expect(report.missing == 2)
  }

  @Test func aFloodIsBounded() {
    var parser = KTAPParser()
    parser.push("1..1000000")
    let long = String(repeating: "x", count: 10_000)
    for number in 1...60_000 {
      parser.push("noise \(number) " + long.prefix(600))
      parser.push("ok \(number) \(long.prefix(20))")
    }
    parser.push("not ok 60001 the one that failed")
    let report = parser.finish()
    #expect(report.subtests.count == KTAPParser.resultLimit + 1)
    #expect(report.subtests.last?.status == .fail)
    #expect(report.missing == 939_999)
    #expect(report.problems.contains("40000 further results were dropped, 0 of them failures"))
    let bytes = report.subtests.reduce(0) { $0 + $1.diagnostics.reduce(0) { $0 + $1.utf8.count } }
    #expect(bytes < 2 * KTAPParser.diagnosticBudget)
  }

  @Test func anythingCanBeRead() {
    var random = SystemRandomNumberGenerator()
    let words = [
      "ok 1 ", "not ok 2 ", "# ", "  ", "1..3", "TAP version 13", "KTAP version 1", "Subtest: x", "Totals: fail:1",
      "Bail out!", "\t", "\n", "\u{0}", "# SKIP",
    ]
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
      let report = read(text.joined())
      #expect(Set(report.subtests.map(\.id)).count == report.subtests.count)
      #expect(report.subtests.allSatisfy { !$0.path.isEmpty && !$0.path.contains("") }, "\(text)")
    }
  }
}
