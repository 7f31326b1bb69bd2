import Foundation
import GuestProtocol
import Synchronization

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// A kernel that is another one whenever the test says so: `k` is the newest, `/kernels/k-3` its third version.
final class NightKernels: KernelSupply {
  private let state = Mutex<(version: Int, missing: Set<String>, found: [String])>((0, [], []))
  private let requested = Mutex<Set<String>>([])

  private let sideBySide = Mutex(false)

  var buildsSideBySide: Bool { sideBySide.withLock { $0 } }
  /// Builds as on several hosts.
  func buildSideBySide() { sideBySide.withLock { $0 = true } }

  /// Called with the tree and the commit of what is built.
  private let inspection = Mutex<(@Sendable (String, String) async throws -> Void)?>(nil)

  func inspect(_ body: @escaping @Sendable (String, String) async throws -> Void) {
    inspection.withLock { $0 = body }
  }

  func set(version: Int) { state.withLock { $0.version = version } }
  func lose(_ names: Set<String>) { state.withLock { $0.missing = names } }
  /// The configurations of what was built.
  var configurations: Set<String> { requested.withLock { $0 } }
  /// What was asked for, in order.
  var found: [String] { state.withLock { $0.found } }

  func find(
    _ source: KernelSource, refresh: Bool, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> KernelBuild {
    let name = "\(source)"
    let (version, isMissing) = state.withLock { state in
      state.found.append(name)
      return (state.version, state.missing.contains(name))
    }
    if isMissing { throw KernelError.notFound(path: name) }
    let path = name.hasPrefix("/") ? name : "/kernels/\(name)-\(version)"
    let label = path.split(separator: "/").last.map(String.init) ?? path
    return KernelBuild(
      label: label, release: "6.12.0", imagePath: path, imageFormat: .vmlinux,
      config: KernelConfig(parsing: "CONFIG_A=y\n"),
      identity: path, source: .path(path))
  }

  func build(
    _ request: KernelBuildRequest, progress: @escaping @Sendable (KernelBuildProgress) -> Void
  ) async throws -> BuiltKernel {
    guard case .revision(let tree, let commit) = request.source else { throw Failure(.host, "nothing is built here") }
    requested.withLock { _ = $0.insert(request.configurationKey) }
    let inspection = inspection.withLock { $0 }
    try await inspection?(tree, commit)
    let path = "/kernels/\(commit)"
    let origin = KernelOrigin.source(tree: tree, revision: commit).built(
      at: path, state: "git:\(commit)", base: "allnoconfig", compiler: "cc 1")
    let kernel = KernelBuild(
      label: "6.12.0@\(commit.prefix(12))", release: "6.12.0", imagePath: path, imageFormat: .vmlinux,
      config: KernelConfig(parsing: "CONFIG_A=y\n"), identity: path, source: origin)
    return BuiltKernel(
      kernel: kernel, directory: path, buildDirectory: "/b/obj", sourceDirectory: tree, sourceState: commit, seconds: 1,
      filesCompiled: 3, warnings: [], log: nil, isFromCache: false, supplements: [])
  }
}

/// A plan with a suite of its own, whose nights come one a day.
final class NightPlace: Sendable {
  let tree: TemporaryTree
  let kernels = NightKernels()
  let guests: KernelGuests
  let display = RecordingDisplay()
  private let today = Locked(0)
  private let qemu = Locked("9.9")

  /// - Parameter play: what a guest of a version of the kernel does with a case; nil for a case that passes.
  convenience init(
    _ cases: [String], play: @escaping @Sendable (_ version: Int, _ request: CaseRequest) -> [GuestEvent]?
  ) throws {
    try self.init(
      cases,
      KernelGuests { boot, request in play(boot.name.split(separator: "-").last.flatMap { Int($0) } ?? 0, request) })
  }

  init(_ cases: [String], _ guests: KernelGuests) throws {
    tree = try TemporaryTree()
    self.guests = guests
    try tree.put("home/images/tiny.yaml", "image: tiny\nlayers:\n  - directory: /mnt\n")
    let agent = try tree.put("agent", "no program")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: agent)
    try suite(cases)
  }

  func suite(_ cases: [String], guest: String = "{clock: time}") throws {
    let lines = cases.map { "  - {name: \($0), run: [\($0)], format: ktap}\n" }.joined()
    try tree.put("home/suites/s.yaml", "suite: s\nimage: tiny\nguest: \(guest)\ncases:\n\(lines)")
  }

  var state: String { tree.path + "/state" }

  var session: Session {
    Session(
      places: Places(
        stateDirectory: state, cacheDirectory: tree.path + "/cache", workingDirectory: tree.path,
        home: tree.path + "/home", agent: tree.path + "/agent"),
      arguments: ["nightly", "n.yaml"], display: display, kernels: kernels)
  }

  /// The version of the host's QEMU.
  func emulator(_ version: String) { qemu.with { $0 = version } }

  var host: OpenHost {
    OpenHost(
      guests: guests, settings: RunSettings(accelerator: .tcg, timeFactor: 1, settle: .milliseconds(1)), accel: .tcg,
      qemu: qemu.with { $0 }, machine: RunManifest.Host(cpus: 2, memory: 8 << 30, kernel: "6.1"))
  }

  /// Whether a search was begun.
  var hasSearch: Bool { !HostFiles.names(in: state + "/bisects").isEmpty }

  var archive: NightArchive { NightArchive(of: "n", in: state) }

  static let hours = NightPlan.Budget(time: .seconds(8 * 3600), runs: 100, searches: 0)

  func plan(_ budget: NightPlan.Budget = NightPlace.hours) -> NightPlan {
    NightPlan(name: "n", kernels: [.init(name: "k", source: .named("k"))], suites: [.init(name: "s")], budget: budget)
  }

  func job(_ plan: NightPlan? = nil, day: Int? = nil, tellers: [any NightTeller] = []) throws -> NightJob {
    if let day { today.with { $0 = day } }
    var effects = NightEffects()
    effects.tellers = tellers
    effects.clock = { [today] in WallTime(milliseconds: 1_790_000_000_000 + Int64(today.with { $0 }) * 86_400_000) }
    let session = session
    return try NightJob(try NightOrder(plan ?? self.plan(), in: session), in: session, effects: effects)
  }

  /// One night with the kernel of that version.
  @discardableResult
  func night(_ day: Int, version: Int? = nil, _ plan: NightPlan? = nil) async throws -> NightRecord {
    kernels.set(version: version ?? day)
    return try await job(plan, day: day).perform(on: host)
  }
}

extension NightRecord {
  var words: [String] { findings.map { "\($0.word) \($0.series.name)" } }
}
