import Foundation
import GuestProtocol
import TestGate
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// One test body against a scripted guest, and against a real one where a kernel, QEMU and the agent are there.
@Suite("The same run on both kinds of host")
struct RealGuestTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
  private static let agent = "\(root)/.build/debug/ktest-agent"
  private static let cache = ((try? SharedCache.fill()) ?? SharedCache.home) + "/ktest"
  private static var kernel: KernelBuild? {
    cachedKernels(named: "debian:6.12-cloud", in: KernelCache(directory: "\(cache)/kernels")).first?.build
  }
  private static var isPossible: Bool {
    kernel != nil && FileManager.default.isExecutableFile(atPath: agent)
      && FileManager.default.isExecutableFile(atPath: "/usr/bin/qemu-system-x86_64")
  }

  /// The agent's own program, started as a case, says how it is used and exits with 64.
  private static let cases = [
    Case(name: "status", run: ["/init"], format: .exitCode, timeout: .seconds(20)),
    Case(name: "means-skip", run: ["/init"], format: .exitCode, skipCodes: [64], timeout: .seconds(20)),
    Case(name: "missing", run: ["/no/such/program"], format: .exitCode, timeout: .seconds(20)),
  ]

  private func expectVerdicts(_ plan: Plan, on host: some GuestHost) async throws {
    let run = try await ScriptedRun.go(plan, on: host)
    #expect(run.told == ["status:fail", "means-skip:skip", "missing:error"])
    #expect(run.results.first?.reason?.hasPrefix("exited with 64") == true)
    #expect(run.results.last?.reason?.contains("/no/such/program") == true)
    // What cannot be started in a guest that others have used is tried once in its own.
    #expect(run.boots.map(\.verdict) == [.pass, .pass] && run.boots.allSatisfy { $0.readySeconds != nil })
    #expect(run.verdict == .error && !run.interrupted)
  }

  @Test("scripted")
  func scripted() async throws {
    let script = GuestScript { request in
      let outcome: CaseEnd.Outcome =
        request.name == "missing" ? .notStarted("cannot start /no/such/program: ENOENT") : .exited(status: 64)
      return GuestScript.run(request, end: CaseEnd(id: request.id, outcome: outcome))
    }
    try await expectVerdicts(ScriptedRun.plan(Self.cases), on: ScriptedHost(script))
  }

  @Test(
    "real", .gated(),
    .enabled(if: isPossible, "needs QEMU, the built agent and 'ktest kernel fetch debian:6.12-cloud' in the cache"))
  func real() async throws {
    let kernel = try #require(Self.kernel)
    let suite = KTestValues.Suite(name: "real", guest: GuestSpec(memory: .mebibytes(512)), cases: Self.cases)
    let (plan, _) = try await prepare(
      [SuiteRequest(suite)], kernels: [kernel], parameters: [:], settings: RunSettings(accelerator: .tcg),
      places: RunPlaces(agent: Self.agent, images: ["\(Self.root)/images"], cache: Self.cache), progress: { _ in })
    let host = try LibvirtHost(uri: nil, stateDirectory: "\(Self.cache)/libvirt")
    try await expectVerdicts(plan, on: host)
    await host.waitForEndings()
  }
}
