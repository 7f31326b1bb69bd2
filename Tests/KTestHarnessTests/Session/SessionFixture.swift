import Foundation
import Synchronization

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// A session in a directory of its own: suites, the smallest image, an agent that is no program, and kernels that nobody
/// fetched or compiled.
final class SessionFixture: Sendable {
  let tree: TemporaryTree
  let display = RecordingDisplay()
  let supply: ReadyKernels

  /// - Parameter suites: the texts of suites by their paths below `suites`, without `.yaml`.
  init(_ suites: [String: String] = ["demo": SessionFixture.demo], supply: ReadyKernels = ReadyKernels()) throws {
    tree = try TemporaryTree()
    self.supply = supply
    for (name, text) in suites { try tree.put("home/suites/\(name).yaml", text) }
    try tree.put("home/images/base.yaml", "image: base\nlayers:\n  - directory: /etc\n")
    let agent = try tree.put("ktest-agent", "no program\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: agent)
  }

  static let demo = """
    suite: demo
    guest: {memory: 256MiB}
    cases:
      - {name: a, run: [a], format: ktap}
      - {name: b, run: [b], format: ktap}
    """

  static let matrix = """
    suite: cells
    matrix: {thp: [always, madvise]}
    cases:
      - {name: a, run: [a], format: ktap}
      - {name: b, run: [b], format: ktap}
    """

  var places: Places {
    Places(
      stateDirectory: "\(tree.path)/state", cacheDirectory: "\(tree.path)/cache", workingDirectory: "\(tree.path)/here",
      home: "\(tree.path)/home", agent: "\(tree.path)/ktest-agent")
  }

  var session: Session {
    Session(places: places, arguments: ["run", "demo"], display: display, kernels: supply)
  }

  func host(_ guests: any GuestHost = ScriptedHost(), memory: UInt64 = 8 << 30) -> OpenHost {
    OpenHost(
      guests: guests, settings: RunSettings(accelerator: .kvm, settle: .milliseconds(1)), qemu: "7.2", libvirt: "9.0",
      machine: RunManifest.Host(cpus: 2, memory: memory, kernel: "6.1"))
  }

  func kernel(_ label: String = "k", source: KernelOrigin = .path("/k")) -> KernelBuild {
    KernelBuild(
      label: label, release: "6.12.0", imagePath: "/k/vmlinux", imageFormat: .vmlinux, identity: "id-\(label)",
      source: source)
  }

  func job(_ suites: String..., kernels: [KernelBuild]? = nil) throws -> RunJob {
    let session = session
    return RunJob(session, suites: try suites.map(session.suite), kernels: kernels ?? [kernel()])
  }
}

/// Kernels that are just there, and remember what was asked for.
final class ReadyKernels: KernelSupply {
  private let state = Mutex<(found: [String], built: [KernelBuildRequest])>(([], []))
  private let compiler: (any TargetCompiler)?

  init(compiler: (any TargetCompiler)? = nil) { self.compiler = compiler }

  var found: [String] { state.withLock { $0.found } }
  var built: [KernelBuildRequest] { state.withLock { $0.built } }

  func find(
    _ source: KernelSource, refresh: Bool, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> KernelBuild {
    state.withLock { $0.found.append("\(source)") }
    return KernelBuild(
      label: "found", release: "6.12.0", imagePath: "/k/vmlinux", imageFormat: .vmlinux, identity: "id-found",
      source: .path("\(source)"))
  }

  func build(
    _ request: KernelBuildRequest, progress: @escaping @Sendable (KernelBuildProgress) -> Void
  ) async throws -> BuiltKernel {
    state.withLock { $0.built.append(request) }
    progress(.step("compiling"))
    let kernel = KernelBuild(
      label: "built", release: "6.12.0", imagePath: "/b/vmlinux", imageFormat: .vmlinux, identity: "id-built",
      source: KernelOrigin(request.source))
    return BuiltKernel(
      kernel: kernel, directory: "/b", buildDirectory: "/b/obj", sourceDirectory: "/s", sourceState: "files:0",
      seconds: 1.5, filesCompiled: 3, warnings: [], log: nil, isFromCache: false, supplements: [])
  }

  func compiling<Result: Sendable>(
    _ source: KernelTreeName, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    _ body: (any TargetCompiler) async throws -> Result
  ) async throws -> Result {
    guard let compiler else { throw Failure(.host, "this test has no compiler") }
    progress(.step("reading the source"))
    return try await body(compiler)
  }
}

/// Keeps what a session shows.
final class RecordingDisplay: SessionDisplay {
  private let state = Mutex<(notices: [String], steps: [String], diagnostics: [String], events: [RunEvent])>(
    ([], [], [], []))

  var notices: [String] { state.withLock { $0.notices } }
  var steps: [String] { state.withLock { $0.steps } }
  var diagnostics: [String] { state.withLock { $0.diagnostics } }
  var events: [RunEvent] { state.withLock { $0.events } }

  func show(_ progress: SessionProgress) { state.withLock { $0.steps.append("\(progress)") } }
  func clear() {}
  func notice(_ text: String) { state.withLock { $0.notices.append(text) } }
  func diagnostics(_ text: String) { state.withLock { $0.diagnostics.append(text) } }
  func run(namesKernels: Bool) -> (any RunDisplay)? { Run(display: self) }

  private struct Run: RunDisplay {
    let display: RecordingDisplay

    func show(_ event: RunEvent) async { display.state.withLock { $0.events.append(event) } }
    func finish() async {}
  }
}
