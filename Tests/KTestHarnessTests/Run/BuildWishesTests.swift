import Testing

@testable import KTestHarness
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

  private func wishes(_ argument: String) throws -> [String] {
    // The fixture's files live as long as the fixture.
    let files = try SessionFixture(["wishes": fixture])
    let suite = try withExtendedLifetime(files) { try files.session.suite(argument).chosenSuite }
    return buildWishes(of: suite).symbols.map {
      $0.phrase + ($0.mayBeAbsent ? "?" : "")
    }
  }

  @Test func whatOnlyACaseNeedsMayBeAbsent() throws {
    #expect(try wishes("wishes") == ["MEMCG", "KSM?", "GONE?", "THP?"])
  }

  @Test func aChosenCaseWishesForItself() throws {
    // Without its symbols there would be nothing to build the kernel for.
    #expect(try wishes("wishes:b") == ["MEMCG", "THP"])
    #expect(try wishes("wishes:*") == ["MEMCG", "KSM?", "GONE?", "THP?"])
  }

  @Test func aCaseThatTheSuiteDoesNotHaveIsRefused() throws {
    #expect { try wishes("wishes:c") } throws: { "\($0)".contains("suite wishes has no case 'c'; it has a, b") }
  }
}
