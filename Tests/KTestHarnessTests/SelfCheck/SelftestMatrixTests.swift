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
    matrix.add([(suite, ["a", "b"])], summary: summary(results)) { _ in [:] }
    #expect(matrix.rows.map(\.name) == ["a", "b"])
    #expect(matrix.isAsExpected)
    matrix.add([(suite, ["c"])], summary: summary([])) { _ in [:] }
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
    matrix.add([(suite, ["a", "b"])], summary: summary(cases, boots: boots)) { _ in [:] }
    #expect(matrix.isAsExpected, "boot 2 ends as its case is meant to")
    var bad = boots
    (bad[0].verdict, bad[0].reason) = (.fail, "kernel, outside of a case: WARNING in f")
    matrix = SelftestMatrix()
    matrix.add([(suite, ["a", "b"])], summary: summary(cases, boots: bad)) { _ in [:] }
    #expect(matrix.strays == ["boot 1 of s: fail, kernel, outside of a case: WARNING in f"])
    #expect(!matrix.isAsExpected)
  }

  @Test func theTextHasAColumnForEverything() throws {
    let suite = Suite(name: "s", kind: .selftest, cases: [try test("good", .pass), try test("bad", .fail)])
    var matrix = SelftestMatrix()
    let results = [
      CaseResult(name: "good", verdict: .pass), CaseResult(name: "bad", verdict: .crash, reason: "\u{1b}[31mboom"),
    ]
    matrix.add([(suite, ["good", "bad"])], summary: summary(results)) { _ in [:] }
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
