import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// A compiler that knows its answers.
private struct FakeCompiler: TargetCompiler {
  var label = "6.12.0"
  var state = "files:1"
  var answer: @Sendable (TargetRequest) throws -> CompiledTargets

  func compile(_ request: TargetRequest) async throws -> CompiledTargets { try answer(request) }
  func log(of request: TargetRequest) -> String { "/nowhere/make.log" }
}

@Suite("A run of builds with a fake compiler")
struct BuildJobTests {
  private static let suite = """
    suite: configs
    kind: build
    targets: [mm/]
    cases:
      - {name: one, config: {A: y}}
      - {name: two, config: {B: y}}
    """

  private func fixture(_ compiler: FakeCompiler) throws -> (SessionFixture, tree: String) {
    let fixture = try SessionFixture(["configs": Self.suite], supply: ReadyKernels(compiler: compiler))
    try fixture.tree.put("linux/Makefile", "")
    return (fixture, "\(fixture.tree.path)/linux")
  }

  private func job(_ fixture: SessionFixture, _ kernels: String...) throws -> BuildJob? {
    let request = RunRequest(suites: ["configs"], kernels: kernels)
    return try BuildJob(fixture.session, try RunOrder(request, in: fixture.session), jobs: 2)
  }

  @Test func isRecordedLikeAnyOther() async throws {
    let (fixture, tree) = try fixture(
      FakeCompiler { request in
        if request.wishes.contains(where: { $0.symbol == "B" }) {
          throw KernelBuildError.badSource("linux", "it is gone")
        }
        return CompiledTargets(sizes: [], warnings: [], supplements: [], isFromCache: false)
      })
    let outcome = try await #require(try job(fixture, tree)).perform()
    let cases = try #require(outcome.summary.suites.first?.cases)
    #expect(cases.map(\.name) == ["one", "two"] && cases.map(\.verdict) == [.pass, .error])
    #expect(outcome.summary.boots.isEmpty)
    let manifest = try #require(try readJournal(at: outcome.directory).manifest)
    #expect(manifest.kernels.map(\.label) == ["6.12.0"] && manifest.kernels.map(\.identity) == ["files:1"])
    #expect(manifest.accelerator.asked == "none" && manifest.qemu == nil)
    // A repeated run of another source says so.
    let again = try RunOrder(again: "latest", in: fixture.session)
    var repeated = try #require(try BuildJob(fixture.session, again, jobs: 2))
    #expect(repeated.identity == "files:1")
    repeated.identity = "files:0"
    let second = try await repeated.perform()
    #expect(second.replay.notices == ["\(tree) has changed since the original run"])
  }

  @Test func takesOneKernel() throws {
    let (fixture, tree) = try fixture(FakeCompiler { _ in throw CancellationError() })
    let error = #expect(throws: Failure.self) { try job(fixture, tree, tree) }
    #expect(error?.kind == .usage)
  }

  @Test func isNoneWhereGuestsBoot() throws {
    let fixture = try SessionFixture()
    let order = try RunOrder(RunRequest(suites: ["demo"], kernels: ["k"]), in: fixture.session)
    #expect(try BuildJob(fixture.session, order, jobs: 2) == nil)
  }
}
