import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Which cases and cells are wanted")
struct CaseSelectionTests {
  private var suite: Suite {
    Suite(
      name: "s", matrix: [MatrixAxis("thp", ["always", "madvise"]), MatrixAxis("n", ["1", "2"])],
      cases: [
        Case(name: "a", run: ["a"]),
        Case(name: "ab", run: ["ab"], when: Condition(axes: [AxisCondition("thp", ["always"])])),
      ])
  }

  private func chosen(_ texts: String...) throws -> [String] {
    try SuiteRequest(suite, cases: texts).chosen.map {
      "\($0.cell.name) \($0.cases.map(\.name).joined(separator: ","))"
    }
  }

  @Test func cellsAndCases() throws {
    #expect(
      try chosen() == [
        "s[thp=always,n=1] a,ab", "s[thp=always,n=2] a,ab", "s[thp=madvise,n=1] a", "s[thp=madvise,n=2] a",
      ])
    #expect(try chosen("[thp=always,n=2]:a") == ["s[thp=always,n=2] a"])
    #expect(try chosen("[n=1]") == ["s[thp=always,n=1] a,ab", "s[thp=madvise,n=1] a"])
    #expect(
      try chosen("[n=1]", "[n=2,thp=madvise|always]:ab") == [
        "s[thp=always,n=1] a,ab", "s[thp=always,n=2] ab", "s[thp=madvise,n=1] a",
      ])
    #expect(try chosen("ab") == ["s[thp=always,n=1] ab", "s[thp=always,n=2] ab"])
  }

  @Test(
    "what does not exist is said",
    arguments: [
      ("[tph=always]", "suite s has no axis 'tph'; it has thp, n"), ("[thp=never]", "has no value 'never'"),
      ("[thp=madvise]:ab", "in this cell"), ("[thp=always]:x", "suite s has no case 'x'; it has a, ab"),
      ("[thp=always", "has no ']'"), ("[thp]", "is not AXIS=VALUE"), ("[thp=always]a", "after ']'"),
    ])
  func mistakes(_ row: (text: String, message: String)) throws {
    let error = #expect(throws: PlanError.self) { try SuiteRequest(suite, cases: [row.text]).chosen }
    #expect(
      error?.isSelection == true && error?.description.contains(row.message) == true, "\(String(describing: error))")
  }

  @Test(arguments: ["a*", "[thp=always]", "[n=1,thp=always|madvise]:a"])
  func aSelectionIsWrittenAsItIsRead(_ text: String) throws {
    let selection = try CaseSelection(parsing: text)
    #expect(selection.description == text)
    #expect(try CaseSelection(parsing: selection.description) == selection)
  }
}
