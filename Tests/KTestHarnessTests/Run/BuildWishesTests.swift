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

  @Test func aConditionIsDecidedByTheVersionOfTheTree() throws {
    let text = """
      suite: s
      requires: {config: [{symbol: OLD, when: {kernel: "<7.3-rc1"}}]}
      cases:
        - {name: a, run: [a], requires: {config: [A]}}
        - {name: b, run: [b], requires: {config: [{symbol: B=m, when: {kernel: "<8.0"}}]}, when: {kernel: ">=7.3-rc1"}}
      """
    let files = try SessionFixture(["s": text])
    try withExtendedLifetime(files) {
      let suite = try files.session.suite("s").chosenSuite
      let request = try KernelBuildOptions().request(files.tree.path, suites: [suite])
      func phrases(_ release: String) -> [String] { request.adapted(to: release).wishes.map(\.phrase) }
      #expect(phrases("6.12.117") == ["OLD", "A"])
      #expect(phrases("7.3.4") == ["A", "B=m"] && phrases("7.3.0-rc1") == ["A", "B=m"])
      #expect(phrases("8.1.0") == ["A"] && phrases("unknown") == ["OLD", "A", "B=m"])
      // Kernels of different wishes do not share an entry of the cache.
      var other = request
      other.wishes[0].kernels = []
      #expect(other.configurationKey != request.configurationKey)
    }
  }

  @Test func aCaseThatTheSuiteDoesNotHaveIsRefused() throws {
    #expect { try wishes("wishes:c") } throws: { "\($0)".contains("suite wishes has no case 'c'; it has a, b") }
  }
}
