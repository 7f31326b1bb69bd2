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
    let host = try LibvirtHost(uri: nil, stateDirectory: "\(Self.cache)/libvirt")
    try await expectVerdicts(Self.plan(Self.cases, kernel), on: host)
    // One process has one embedded driver, so that this is no test of its own.
    try await expectMoreTime(kernel, on: host)
    try await expectSideBySide(kernel, on: host)
    try await expectClones(kernel, on: host)
    try await expectRoundsUnderLoad(kernel, on: host)
    await host.waitForEndings()
  }

  /// A real agent gives a case more time when it is told to, and says again that the case is late.
  private func expectMoreTime(_ kernel: KernelBuild, on host: LibvirtHost) async throws {
    let case_ = Case(name: "hang", run: ["selftest", "hang"], timeout: .seconds(1))
    let plan = try await Self.plan([case_], image: "selftest", kernel)
    let busy = BusyHost(host)
    // libvirt knows a guest for a second after its end, so that each run has a name of its own, as in life.
    let run = try await ScriptedRun.go(plan, name: "late", on: busy)
    #expect(run.told == ["hang:timeout"] && busy.heard.with { $0 } == [.caseLate(id: 1), .caseLate(id: 1)])
    #expect(run.results[0].limit == StretchedLimit(seconds: 5, addedSeconds: 2))
    #expect(run.results[0].reason?.hasPrefix("timed out after 5.0 s, and 2.0 s for which") == true)
    #expect(run.results[0].seconds >= 7 && run.results[0].program != nil && run.results[0].evidence != nil)
  }

  /// What one case changes, the next does not see: each goes on from the same guest.
  private func expectClones(_ kernel: KernelBuild, on host: LibvirtHost) async throws {
    try #require(host.forkRefusal == nil, "\(host.forkRefusal ?? "")")
    let tests = ["one", "two"].map {
      Case(name: $0, run: ["/init"], format: .exitCode, skipCodes: [64], timeout: .seconds(60))
    }
    var plan = try await Self.plan(tests, kernel)
    plan.suites[0].suite.isolation = .case
    plan.settings.forks = true
    let run = try await ScriptedRun.go(plan, name: "forks", on: host)
    #expect(run.told == ["one:skip", "two:skip"] && run.boots.map(\.verdict) == [.pass, .pass, .pass], "\(run.boots)")
    #expect(run.boots.map(\.clone?.boot) == [nil, 1, 1] && run.boots.allSatisfy { $0.readySeconds != nil })
    // A clone's console has its own cases only, and its kernel did not boot.
    for boot in [2, 3] {
      let console = run.events.reduce(into: [UInt8]()) { if case .console(boot, let bytes) = $1 { $0 += bytes } }
      let text = String(decoding: console, as: UTF8.self)
      #expect(!text.contains("Linux version") && text.contains(": begin 1"), "\(text)")
    }
    try await expectTimedClones(plan, on: host)
  }

  /// What 'ktest bench boot' times: a clone that stands ready, and one of QEMU alone.
  private func expectTimedClones(_ plan: Plan, on host: LibvirtHost) async throws {
    let guest = ForkedGuest(planned: plan.suites[0], settings: plan.settings, host: host, name: "ktest-timed")
    let clone = try await guest.clone(of: try await guest.template(), standsReady: true)
    #expect(clone.hello > 0 && clone.firstCase >= clone.hello)
    let raw = try RawFork(plan.suites[0], accelerator: plan.settings.accelerator)
    defer { raw.clean() }
    try await raw.makeTemplate()
    #expect(try await raw.clone() > 0)
  }

  /// Two guests are up at the same time, each with its own console and its own threads.
  private func expectSideBySide(_ kernel: KernelBuild, on host: LibvirtHost) async throws {
    let cases = ["one", "two"].map { name in
      var test = Case(name: name, run: ["/init"], format: .exitCode, skipCodes: [64], timeout: .seconds(60))
      test.fresh = true
      return test
    }
    let both = BothGuests(host)
    let plan = try await Self.plan(cases, kernel)
    let events = Locked<[RunEvent]>([])
    try await run(plan, name: "both", on: both, schedule: GuestSchedule(SharedBudget(.most(2)))) { event in
      events.with { $0.append(event) }
    }
    let seen = ScriptedRun(events: events.with { $0 }, verdict: .skip, interrupted: false)
    #expect(seen.told.sorted() == ["one:skip", "two:skip"] && seen.boots.map(\.verdict) == [.pass, .pass])
    for boot in [1, 2] {
      let console = seen.events.reduce(into: [UInt8]()) {
        if case .console(boot, let bytes) = $1 { $0 += bytes }
      }
      let text = String(decoding: console, as: UTF8.self)
      #expect(text.components(separatedBy: "Linux version").count == 2, "\(text.suffix(500))")
    }
    let threads = both.threads.with { $0 }
    #expect(threads.count == 2 && threads.allSatisfy { !$0.isEmpty } && threads[0].isDisjoint(with: threads[1]))
  }

  /// A real agent starts a load before a case and ends it afterwards, in each of three guests.
  private func expectRoundsUnderLoad(_ kernel: KernelBuild, on host: LibvirtHost) async throws {
    let loaded = Case(name: "loaded", run: ["selftest", "under-load"], subtests: .exactly(2), timeout: .seconds(60))
    var plan = try await Self.plan([loaded, Case(name: "next", run: ["selftest", "pass"])], image: "selftest", kernel)
    plan.settings.course = RunCourse(rounds: 3)
    plan.settings.load = GuestLoad()
    let run = try await ScriptedRun.go(plan, name: "rounds", on: host)
    #expect(run.told == Array(repeating: ["loaded:pass", "next:pass"], count: 3).flatMap { $0 }, "\(run.results)")
    #expect(run.results.map(\.round) == [1, 1, 2, 2, 3, 3] && run.boots.map(\.verdict) == [.pass, .pass, .pass])
  }

  private static func plan(_ cases: [Case], image: String = "base", _ kernel: KernelBuild) async throws -> Plan {
    let suite = KTestValues.Suite(
      name: "real", guest: GuestSpec(memory: .mebibytes(512)), image: image, cases: cases)
    let (plan, _) = try await prepare(
      [SuiteRequest(suite)], kernels: [kernel], parameters: [:], settings: RunSettings(accelerator: .tcg),
      places: RunPlaces(agent: agent, images: ["\(root)/images"], cache: cache), progress: { _ in })
    return plan
  }
}

/// Two real guests, each of which waits until the other is switched on, too.
private final class BothGuests: GuestHost {
  /// The threads of each guest's processors.
  let threads = Locked<[Set<Int32>]>([])
  private let host: LibvirtHost
  private let meeting = Meeting(of: 2)

  init(_ host: LibvirtHost) { self.host = host }

  func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result {
    try await host.withGuest(description) { guest in
      await meeting.join()
      let waits = await guest.processorWaits() ?? [:]
      threads.with { $0.append(Set(waits.keys)) }
      return try await body(guest)
    }
  }
}

/// Real guests, whose processors are said to have waited for two seconds since their first case began.
private final class BusyHost: GuestHost {
  let heard = Locked<[GuestMessage]>([])
  private let host: LibvirtHost

  init(_ host: LibvirtHost) { self.host = host }

  func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result {
    try await host.withGuest(description) { try await body(BusyGuest(guest: $0, heard: self.heard)) }
  }

  func waitForEndings() async { await host.waitForEndings() }
}

private struct BusyGuest: Guest {
  let guest: any Guest
  let heard: Locked<[GuestMessage]>

  func next(before deadline: ContinuousClock.Instant?) async -> GuestWait {
    let event = await guest.next(before: deadline)
    if case .event(.message(let message)) = event, case .caseLate = message { heard.with { $0.append(message) } }
    return event
  }

  func processorWaits() async -> [Int32: Double]? { [1: heard.with { $0.isEmpty } ? 40 : 42] }
  func send(_ message: HostMessage) async throws { try await guest.send(message) }
  func kill() async { await guest.kill() }
  func probe(_ probe: GuestProbe, within limit: Duration) async throws -> String {
    try await guest.probe(probe, within: limit)
  }
}
