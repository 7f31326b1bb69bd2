import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct SelftestMatrixTests {
  private func test(
    _ name: String, _ verdict: SelftestExpectation.Outcome, reason: String? = nil,
    artefacts: [String] = [], known: [KnownFailure] = []
  ) throws -> Case {
    let pattern = try reason.map { try WildcardPattern(parsing: $0) }
    return Case(
      name: name, description: "what \(name) does", run: ["selftest", name], artefacts: artefacts, known: known,
      selftest: SelftestExpectation(verdict: verdict, reason: pattern))
  }

  private func row(_ test: Case, _ result: CaseResult?, artefacts: [String: Int] = [:]) throws -> SelftestRow {
    SelftestRow(test, expecting: try #require(test.selftest), suite: "s", result: result, artefacts: artefacts)
  }

  @Test func theVerdictDecides() throws {
    let pass = try test("case", .pass)
    #expect(try row(pass, CaseResult(name: "case", verdict: .pass)).isAsExpected)
    for verdict in Verdict.allCases where verdict != .pass {
      let row = try row(pass, CaseResult(name: "case", verdict: verdict))
      #expect(row.differences == ["the verdict is \(verdict.rawValue), not pass"])
    }
    #expect(try row(pass, nil).differences == ["it has no verdict"])
  }

  @Test func theReasonMustBeTheRightOne() throws {
    let crash = try test("case", .crash, reason: "kernel*panic")
    #expect(try row(crash, CaseResult(name: "case", verdict: .crash, reason: "a kernel said panic")).isAsExpected)
    for reason in ["panic of the kernel", nil] {
      let row = try row(crash, CaseResult(name: "case", verdict: .crash, reason: reason))
      #expect(row.differences == ["the reason does not contain 'kernel*panic'"])
    }
  }

  @Test func artefactsMustBeThereAndNotEmpty() throws {
    let test = try test("case", .pass, artefacts: ["report.txt", "*.bin"])
    let pass = CaseResult(name: "case", verdict: .pass)
    #expect(try row(test, pass, artefacts: ["report.txt": 1, "a.bin": 2]).isAsExpected)
    #expect(
      try row(test, pass, artefacts: ["a.bin": 2]).differences == ["the artefact report.txt is missing"])
    let empty = try row(test, pass, artefacts: ["report.txt": 1, "a.bin": 0])
    #expect(empty.differences == ["the artefact *.bin is missing"])
  }

  @Test func whatHangsMustBeNamed() throws {
    var test = try test("case", .timeout)
    test.selftest?.evidence = try WildcardPattern(parsing: "D state: *x")
    var result = CaseResult(name: "case", verdict: .timeout)
    #expect(try row(test, result).differences == ["the evidence is 'nothing', not 'D state: *x'"])
    result.evidence = GuestEvidence(summary: "1 task in D state: x (7)")
    #expect(try row(test, result).isAsExpected)
  }

  @Test func anOptionalCaseMayBeSkippedBeforeItsBootAndNeverLater() throws {
    var test = try test("case", .timeout, reason: "late")
    let skip = CaseResult(name: "case", verdict: .skip, reason: "the kernel has no module lkdtm")
    #expect(try !row(test, skip).isAsExpected)
    test.selftest?.optional = true
    #expect(try row(test, skip).isAsExpected)
    #expect(try !row(test, CaseResult(name: "case", verdict: .skip, boot: 1)).isAsExpected)
    #expect(try !row(test, CaseResult(name: "case", verdict: .pass)).isAsExpected)
  }

  @Test func aKnownFailureMustBeReportedAsOne() throws {
    let known = KnownFailure(subtest: try WildcardPattern(parsing: "second"), reason: "so it is")
    let test = try test("case", .pass, known: [known])
    let reported = CaseResult(name: "case", verdict: .pass, subtests: SubtestCounts(pass: 1, known: 1))
    #expect(try row(test, reported).isAsExpected)
    let silent = CaseResult(name: "case", verdict: .pass, subtests: SubtestCounts(pass: 2))
    #expect(try row(test, silent).differences == ["no failure was reported as known"])
  }

  private func summary(_ cases: [CaseResult], boots: [BootResult] = []) -> RunSummary {
    RunSummary(
      run: "r", verdict: .pass, seconds: 1, boots: boots,
      suites: [SuiteResult(name: "s", kernel: "k", verdict: .pass, cases: cases)])
  }

  @Test func nothingAtAllIsNotAsExpected() { #expect(!SelftestMatrix().isAsExpected) }

  @Test func oneRowForEachCaseThatWasAskedFor() throws {
    let suite = Suite(
      name: "s", kind: .selftest, cases: [try test("a", .pass), try test("b", .fail), try test("c", .skip)])
    var matrix = SelftestMatrix()
    let results = [CaseResult(name: "b", verdict: .fail), CaseResult(name: "a", verdict: .pass)]
    matrix.add([(suite, ["a", "b"])], summary: summary(results))
    #expect(matrix.rows.map(\.name) == ["a", "b"])
    #expect(matrix.isAsExpected)
    matrix.add([(suite, ["c"])], summary: summary([]))
    #expect(matrix.rows.map(\.isAsExpected) == [true, true, false])
    #expect(!matrix.isAsExpected)
  }

  @Test func aBootThatGoesWrongByItselfIsFound() throws {
    let suite = Suite(name: "s", kind: .selftest, cases: [try test("a", .pass), try test("b", .error)])
    let cases = [CaseResult(name: "a", verdict: .pass, boot: 1), CaseResult(name: "b", verdict: .error, boot: 2)]
    let boots = [(1, Verdict.pass), (2, .error)].map {
      BootResult(id: $0.0, suite: "s", kernel: "k", verdict: $0.1, seconds: 1, console: "")
    }
    var matrix = SelftestMatrix()
    matrix.add([(suite, ["a", "b"])], summary: summary(cases, boots: boots))
    #expect(matrix.isAsExpected, "boot 2 ends as its case is meant to")
    var bad = boots
    (bad[0].verdict, bad[0].reason) = (.fail, "kernel, outside of a case: WARNING in f")
    matrix = SelftestMatrix()
    matrix.add([(suite, ["a", "b"])], summary: summary(cases, boots: bad))
    #expect(matrix.strays == ["boot 1 of s: fail, kernel, outside of a case: WARNING in f"])
    #expect(!matrix.isAsExpected)
  }

  @Test func theGuestTheNoticesAndTheConsolesMustBeRight() throws {
    var test = try test("a", .pass)
    test.selftest?.guest = .clone
    test.selftest?.notice = try WildcardPattern(parsing: "boots*instead")
    test.selftest?.console = try WildcardPattern(parsing: "selftest: a")
    let suite = Suite(name: "s", kind: .selftest, cases: [test])
    var boots = (1...3).map { BootResult(id: $0, suite: "s", kernel: "k", verdict: .pass, seconds: 1, console: "") }
    for place in 1...2 { boots[place].clone = BootResult.CloneOrigin(boot: 1, age: 0.5) }
    func differences(boot: Int?, notices: [String], consoles: [Int: String]) -> [String] {
      var matrix = SelftestMatrix()
      let traces = SelftestTraces(notices: notices, console: { Array((consoles[$0] ?? "").utf8) })
      let result = CaseResult(name: "a", verdict: .pass, boot: boot)
      matrix.add([(suite, ["a"])], summary: summary([result], boots: boots), traces: traces)
      return matrix.rows[0].differences
    }
    let good = [2: "[1.0] selftest: a\n", 3: "[1.0] selftest: b\n"]
    #expect(differences(boot: 2, notices: ["it boots one instead"], consoles: good).isEmpty)
    #expect(
      differences(boot: 1, notices: [], consoles: good) == [
        "its guest was booted, not a clone", "no notice contains 'boots*instead'",
        "the console does not contain 'selftest: a'", "the console of boot 2 contains 'selftest: a', too",
      ])
    #expect(
      differences(boot: nil, notices: ["boots, instead"], consoles: [:]) == [
        "its guest was not there, not a clone", "the console does not contain 'selftest: a'",
      ])
  }

  @Test func theTextHasAColumnForEverything() throws {
    let suite = Suite(name: "s", kind: .selftest, cases: [try test("good", .pass), try test("bad", .fail)])
    var matrix = SelftestMatrix()
    let results = [
      CaseResult(name: "good", verdict: .pass), CaseResult(name: "bad", verdict: .crash, reason: "\u{1b}[31mboom"),
    ]
    matrix.add([(suite, ["good", "bad"])], summary: summary(results))
    let lines = matrix.text(style: .plain).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines == [
        "case  what happens    expected  got    ok",
        "good  what good does  pass      pass   yes",
        "bad   what bad does   fail      crash  NO",
        "",
        "NO  s/bad",
        "    the verdict is crash, not fail",
        "    it said: boom",
        "",
      ])
  }
}
