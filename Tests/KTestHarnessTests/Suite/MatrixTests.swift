import Testing

@testable import KTestValues

@Suite("A suite's matrix")
struct MatrixTests {
  private func suite() throws -> Suite {
    let (suite, diagnostics) = Suite.read(bytes: try SuiteFixture.bytes("matrix.yaml"), file: "matrix.yaml")
    #expect(diagnostics == [])
    return try #require(suite)
  }

  @Test func everyCombinationIsACell() throws {
    let suite = try suite()
    #expect(suite.matrix == [MatrixAxis("thp", ["always", "madvise"]), MatrixAxis("order", ["0", "9"])])
    #expect(
      suite.cells.map(\.name) == [
        "matrix[thp=always,order=0]", "matrix[thp=always,order=9]", "matrix[thp=madvise,order=0]",
        "matrix[thp=madvise,order=9]",
      ])
    #expect(suite.cells.allSatisfy { $0.baseName == "matrix" && $0.matrix.isEmpty && $0.cells.count == 1 })
  }

  @Test func valuesArePutIn() throws {
    let cell = try #require(try suite().cells.dropFirst().first)
    #expect(cell.guest.commandLine == ["transparent_hugepage=always", "nokaslr"])
    #expect(cell.modules == [ModuleRequest("test_hmm", parameters: ["order": "9"])])
    #expect(cell.setup == [["sysctl", "vm.order=9"]])
    let test = try #require(cell.cases.first)
    #expect(test.run == ["prog", "--order=9", "$HOME", "${HOME}"])
    #expect(test.environment == ["THP": "always"])
    #expect(test.modules == [ModuleRequest("brd", parameters: ["size": "90"])])
  }

  @Test func whenLimitsCasesAndKnownFailures() throws {
    let cells = try suite().cells
    #expect(
      cells.map { $0.cases.map(\.name).joined(separator: " ") } == [
        "both counting", "both large counting", "both counting", "both counting",
      ])
    #expect(cells.map { $0.cases[0].known.count } == [1, 1, 0, 0])
    #expect(cells[0].cases[0].known[0].when.commandLine.map(\.source) == ["nokaslr"])
  }

  @Test func metricsAndExitCode() throws {
    let cases = try suite().cases
    #expect(cases[0].metrics.map(\.name) == ["printed", "total"])
    #expect(cases[0].metrics[0].source == nil)
    #expect(cases[0].metrics[1].source?.unit == "us" && cases[0].metrics[1].source?.better == .lower)
    #expect(cases[2].exitCode == .failures && cases[2].skipCodes == [], "4 is four failures")
  }

  @Test func withoutAMatrixNothingIsATemplate() throws {
    let suite = try SuiteFixture.clean(
      "suite: s\ncases: [{name: a, run: [sh, -c, 'echo $$ $HOME $${x} $${'], environment: {A: '$${y}'}}]\n")
    #expect(suite.cells == [suite])
    #expect(suite.cases[0].run[2] == "echo $$ $HOME ${x} ${" && suite.cases[0].environment == ["A": "${y}"])
  }

  private static let head = "suite: s\nmatrix: {thp: [always, madvise]}\n"

  @Test(
    "mistakes and where they are",
    arguments: [
      ("cases: [{name: a, run: [x, '${thb}']}]", "3:28 no axis 'thb'; did you mean 'thp'?"),
      ("cases: [{name: a, run: [x, '${thp']}]", "3:28 '${' is not terminated in '${thp'"),
      ("cases: [{name: a, run: [x], environment: {A: '${x}'}}]", "3:46 no axis 'x'"),
      ("guest: {cmdline: ['a=${x}']}\ncases: [{name: a, run: [x]}]", "3:19 no axis 'x'"),
      ("modules: [{name: m, parameters: {a: '${x}'}}]\ncases: [{name: a, run: [x]}]", "3:37 no axis 'x'"),
      ("setup: [[x, '${x}']]\ncases: [{name: a, run: [x]}]", "3:13 no axis 'x'"),
      (
        "cases: [{name: a, run: [x], when: {thb: always}}]",
        "3:36 unknown key 'thb' in a condition; did you mean 'thp'?"
      ),
      (
        "cases: [{name: a, run: [x], when: {thp: madvice}}]",
        "3:41 the axis thp has no value 'madvice'; did you mean 'madvise'?"
      ),
      ("cases: [{name: a, run: [x], when: {thp: []}}]", "3:41 without a value of thp, this is never true"),
      (
        "cases: [{name: a, run: [x], known: [{subtest: x, reason: y, when: {tph: always}}]}]",
        "3:68 unknown key 'tph' in a condition; did you mean 'thp'?"
      ),
      (
        "cases: [{name: a, run: [x], known: [{subtest: x, reason: y, when: {thp: never}}]}]",
        "3:73 the axis thp has no value 'never'"
      ),
    ])
  func mistakes(_ row: (text: String, message: String)) {
    let messages = SuiteFixture.messages(MatrixTests.head + row.text + "\n")
    #expect(messages.contains { $0.hasPrefix(row.message) }, "\(messages)")
  }

  @Test(
    "axes that cannot be",
    arguments: [
      ("{}", "needs at least one axis"), ("{thp: []}", "the axis thp has no values"),
      ("{thp: [a, a]}", "has the duplicate value 'a'"), ("{config: [a]}", "cannot have the name 'config'"),
      ("{Thp: [a]}", "an axis's name must consist"), ("{thp: ['a b']}", "an axis's value must consist"),
      ("{thp: ['a,b']}", "an axis's value must consist"), ("{thp: always}", "expected a list of an axis's values"),
      (
        "{a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], b: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], c: [0, 1]}",
        "more than 100 combinations"
      ),
    ])
  func badAxes(_ row: (matrix: String, message: String)) {
    let messages = SuiteFixture.messages("suite: s\nmatrix: \(row.matrix)\ncases: [{name: a, run: [x]}]\n")
    #expect(messages.contains { $0.contains(row.message) }, "\(messages)")
  }

  @Test func aValueCannotMakeAParameterThatIsNotTheSuites() {
    let text = "suite: s\nmatrix: {p: [nokaslr, mem]}\nguest: {cmdline: ['${p}=1G']}\ncases: [{name: a, run: [x]}]\n"
    #expect(SuiteFixture.messages(text).contains { $0.contains("'mem=' cannot be set directly") })
  }

  @Test func noMatrixNoAxis() {
    let messages = SuiteFixture.messages("suite: s\ncases: [{name: a, run: [x, '${thp}'], when: {thp: a}}]\n")
    #expect(messages.contains { $0.contains("no axis 'thp'") } && messages.count == 2, "\(messages)")
    #expect(messages.contains { $0.contains("unknown key 'thp' in a condition") })
    let text = "suite: s\nkind: selftest\nmatrix: {a: [b]}\ncases: [{name: a, run: [x], selftest: {verdict: pass}}]\n"
    #expect(SuiteFixture.messages(text).contains { $0.contains("a selftest cannot have a matrix") })
  }

  @Test(
    "metrics and exit codes that cannot be",
    arguments: [
      ("metrics: [{name: a, pattern: 'x * y'}]", "needs the key 'unit'"),
      ("metrics: [{name: a, pattern: 'x', unit: us, better: lower}]", "must have one star"),
      ("metrics: [{name: a, pattern: 'x * y *', unit: us, better: lower}]", "must have one star"),
      ("metrics: [{name: a, pattern: '*', unit: us, better: lower}]", "must have one star"),
      ("metrics: [{name: a, unit: us}]", "the case itself prints the metric's unit"),
      ("metrics: [{name: a}, {name: a}]", "another metric has the name 'a'"),
      ("metrics: [{name: a}]\n    format: exit-code", "a metric needs a pattern"),
      ("exit-code: failures", "exit-code belongs to format: exit-code"),
      ("exit-code: failures\n    format: exit-code\n    skip-codes: [4]", "no code means skip: 4 is four failures"),
    ])
  func badMetrics(_ row: (keys: String, message: String)) {
    let messages = SuiteFixture.messages("suite: s\ncases:\n  - name: a\n    run: [x]\n    \(row.keys)\n")
    #expect(messages.contains { $0.contains(row.message) }, "\(messages)")
  }
}
