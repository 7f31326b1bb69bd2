import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("What a suite wishes of a kernel that is built for it")
struct BuildWishesTests {
  private let fixture = """
    suite: wishes
    requires: {config: [MEMCG]}
    cases:
      - {name: a, run: [a], requires: {config: [KSM, GONE]}}
      - {name: b, run: [b], requires: {config: [THP]}}
    """

  private func wishes(_ arguments: String...) throws -> [String] {
    // The fixture's files live as long as the fixture.
    let files = try SessionFixture(["wishes": fixture, "other": "suite: other\ncases: [{name: o, run: [o]}]\n"])
    return try withExtendedLifetime(files) {
      let suites = try arguments.map { try files.session.suite($0).chosenSuite }
      let request = try KernelBuildOptions().request(files.tree.path, suites: suites)
      return request.wishes.map { $0.phrase + ($0.mayBeAbsent ? "?" : "") }
    }
  }

  @Test func whatOnlyACaseNeedsMayBeAbsent() throws {
    #expect(try wishes("wishes") == ["MEMCG", "KSM?", "GONE?", "THP?"])
    #expect(try wishes("other", "wishes:b") == ["MEMCG", "THP?"])
  }

  @Test func aCaseAloneCannotDoWithoutItsSymbols() throws {
    #expect(try wishes("wishes:b") == ["MEMCG", "THP"])
    #expect(try wishes("wishes:*") == ["MEMCG", "KSM?", "GONE?", "THP?"])
  }

  @Test func aCaseThatTheSuiteDoesNotHaveIsRefused() throws {
    #expect { try wishes("wishes:c") } throws: { "\($0)".contains("suite wishes has no case 'c'; it has a, b") }
  }
}
