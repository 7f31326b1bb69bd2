import Foundation
import Synchronization

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// A compiler that compiles nothing: a kernel is a path that says what it was made of, `/kernels/COMMIT,option,…`.
///
/// Every symbol of a configuration that is `y`, and `-COMMIT` for a commit that was reverted, is an option.
final class FakeKernels: KernelSupply {
  struct Rules: Sendable {
    /// Commits that do not compile.
    var broken: Set<String> = []
    /// Commits whose kernel is that of another commit.
    var same: [String: String] = [:]
    /// The configuration of a build by its name.
    var configurations: [String: String] = [:]
    /// Where the commit of a build is known, by its name.
    var commits: [String: String] = [:]
    /// Source files that every build compiles; empty if that cannot be known.
    var compiled: [String] = []
  }

  private let folder: String
  private let state = Mutex<(rules: Rules, built: [String], found: [String])>((Rules(), [], []))

  init(folder: String) { self.folder = folder }

  func set(_ change: (inout Rules) -> Void) { state.withLock { change(&$0.rules) } }
  private var rules: Rules { state.withLock { $0.rules } }

  /// What was compiled, in order: the kernels' names with their options.
  var built: [String] { state.withLock { $0.built } }

  func find(
    _ source: KernelSource, refresh: Bool, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> KernelBuild {
    let name = "\(source)"
    state.withLock { $0.found.append(name) }
    guard name != "missing" else { throw KernelError.notFound(path: name) }
    return try kernel(
      name.split(separator: "/").last.map(String.init) ?? name, rules.configurations[name] ?? "CONFIG_A=y\n",
      source: rules.commits[name].map { FakeKernels.origin($0) } ?? .path(name))
  }

  func build(
    _ request: KernelBuildRequest, progress: @escaping @Sendable (KernelBuildProgress) -> Void
  ) async throws -> BuiltKernel {
    var commit = "\(request.source)"
    if case .revision(_, let revision) = request.source { commit = revision }
    guard !rules.broken.contains(commit) else {
      throw KernelBuildError.doesNotCompile(source: commit, messages: [], lines: ["mm/a.c:1: error"], log: "make.log")
    }
    var config = "CONFIG_A=y\n"
    if case .text(let text, _) = request.base { config = text }
    let kernel = try kernel(
      (rules.same[commit] ?? commit) + (request.reverting.map { ",-\($0)" } ?? ""), config,
      source: FakeKernels.origin(commit))
    let isKnown = state.withLock { state in
      defer { state.built.append(kernel.imagePath) }
      return state.built.contains(kernel.imagePath)
    }
    let place = folder + "/../build"
    try putObjects(in: place, state: commit)
    return BuiltKernel(
      kernel: kernel, directory: kernel.imagePath, buildDirectory: place + "/obj", sourceDirectory: place + "/tree",
      sourceState: commit, seconds: 7, filesCompiled: 3, warnings: [], log: nil, isFromCache: isKnown, supplements: [])
  }

  private static func origin(_ commit: String) -> KernelOrigin {
    KernelOrigin.source(tree: "tree", revision: commit).built(
      at: "/kernels/\(commit)", state: "git:\(commit)", base: "allnoconfig", compiler: "cc 1")
  }

  private func kernel(_ name: String, _ config: String, source: KernelOrigin) throws -> KernelBuild {
    let parsed = KernelConfig(parsing: config)
    let options = parsed.symbols.filter { parsed.value(of: $0) == .yes }.map { ",\($0)" }.joined()
    let path = "/kernels/\(name)\(options)"
    let file = "\(folder)/\(SHA256.hex(of: config).prefix(12))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(config.utf8).write(to: URL(filePath: file))
    return KernelBuild(
      label: String(name.prefix(12)), release: "6.12.0", imagePath: path, imageFormat: .vmlinux, configPath: file,
      config: parsed, identity: path, source: source)
  }

  /// What a build leaves that says which files it compiled.
  private func putObjects(in place: String, state: String) throws {
    guard !rules.compiled.isEmpty else { return }
    let files = FileManager.default
    for folder in ["obj", "tree"] {
      try files.createDirectory(atPath: "\(place)/\(folder)", withIntermediateDirectories: true)
    }
    let lines = rules.compiled.map { "source_x.o := \(place)/tree/\($0)\n" }.joined()
    try Data(lines.utf8).write(to: URL(filePath: "\(place)/obj/.x.o.cmd"))
    try BuildRecord(source: "tree", complete: state, files: 3, symbols: 1).write(place)
  }
}
