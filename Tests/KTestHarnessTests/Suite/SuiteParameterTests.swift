import Testing

@testable import KTestValues

@Suite("The values of a suite's parameters")
struct SuiteParameterTests {
  private let text = """
    suite: s
    parameters: {level: {description: d}, drivers: {description: d}}
    guest: {cmdline: [nokaslr, "widget.level=${level}"]}
    setup: [[check, "${level}"], [mount]]
    cases:
      - {name: all, run: [prog, "--level=${level}", "$${HOME}"], environment: {L: "${level}"}}
      - {name: driver, each-module: drivers, modules: [{name: base, parameters: {l: "${level}"}}], run: [prog, "${module}"]}
      - {name: plain, run: [prog]}

    """

  @Test func theyAreInserted() throws {
    let suite = try SuiteFixture.clean(text).given(["level": "3", "drivers": "brd, test_hmm brd"])
    #expect(suite.guest.commandLine == ["nokaslr", "widget.level=3"])
    #expect(suite.setup == [["check", "3"], ["mount"]])
    #expect(suite.cases.map(\.name) == ["all", "driver-brd", "driver-test_hmm", "plain"])
    #expect(suite.cases[0].run == ["prog", "--level=3", "${HOME}"] && suite.cases[0].environment == ["L": "3"])
    #expect(suite.cases[1].run == ["prog", "brd"])
    #expect(suite.cases[2].modules == [ModuleRequest("base", parameters: ["l": "3"]), ModuleRequest("test_hmm")])
    #expect(suite.cases.allSatisfy { $0.requires.parameters.isEmpty })
  }

  @Test func whatIsNotGivenIsLeftOutOrRequired() throws {
    let suite = try SuiteFixture.clean(text).given([:])
    #expect(suite.guest.commandLine == ["nokaslr"])
    #expect(suite.setup == [["mount"]])
    #expect(suite.cases.map(\.name) == ["all", "driver", "plain"])
    #expect(suite.cases.map(\.requires.parameters) == [["level"], ["level", "drivers"], []])
    #expect(suite.cases[1].modules.map(\.name) == ["base"])
  }

  @Test func aMatrixIsFilledAfterwards() throws {
    let suite = try SuiteFixture.clean(
      """
      suite: s
      parameters: {a: {description: d}}
      matrix: {thp: [always, never]}
      cases: [{name: c, run: [prog, "${a} ${thp} $${x}"]}]

      """)
    let cells = try suite.given(["a": "${thp}"]).cells
    #expect(cells.map { $0.cases[0].run[1] } == ["${thp} always ${x}", "${thp} never ${x}"])
  }

  @Test(arguments: [
    (["drivers": "a/b"], "a module's name must consist"), (["drivers": " , "], "drivers names no module"),
    (["level": "1 quiet"], "quiet"), (["level": "\u{7}"], "widget.level"),
  ])
  func aValueThatDoesNotFit(values: [String: String], message: String) throws {
    let suite = try SuiteFixture.clean(text)
    let problem = #expect(throws: ValueProblem.self) { try suite.given(values) }
    #expect(problem?.message.contains(message) == true, "\(String(describing: problem))")
  }

  @Test func mistakesAndWhereTheyAre() {
    let head = "suite: s\nparameters: {drivers: {description: d}}\n"
    #expect(
      SuiteFixture.messages(head + "cases: [{name: a, run: [x, '${driver}']}]\n")
        == ["3:28 no axis or parameter 'driver'; did you mean 'drivers'?"])
    #expect(
      SuiteFixture.messages(head + "cases: [{name: a, run: [x, '${module}']}]\n").count == 1,
      "only a case with each-module has a module")
    #expect(
      SuiteFixture.messages(head + "cases: [{name: a, each-module: driver, run: [x]}]\n")
        == ["3:32 the suite declares no parameter 'driver'; did you mean 'drivers'?"])
    #expect(
      SuiteFixture.messages(head + "matrix: {drivers: [a]}\ncases: [{name: a, run: [x]}]\n")
        == ["3:10 the suite has a parameter with the name 'drivers'"])
  }
}
