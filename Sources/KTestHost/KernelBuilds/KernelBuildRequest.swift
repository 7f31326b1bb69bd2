package import KTestValues

/// A request to build a kernel.
package struct KernelBuildRequest: Sendable, Equatable, Codable {
  /// What the configuration starts from.
  package enum Base: Sendable, Equatable, Codable, CustomStringConvertible {
    case allnoconfig
    case defconfig
    /// The text of a `.config`; the name is for messages.
    case text(String, name: String)

    package var description: String {
      switch self {
      case .allnoconfig: "allnoconfig"
      case .defconfig: "defconfig"
      case .text(_, let name): name
      }
    }
  }

  package var source: KernelTreeName
  package var base: Base
  /// The symbols that suites and fragments request. The symbols that every guest needs are added automatically.
  package var wishes: [ConfigWish]
  /// Modules that are loaded by name; their symbols are looked up in the tree.
  package var modules: [ModuleWish]
  /// Folders of `tools/testing/selftests` whose file `config` is requested too, as the tree has it.
  package var selftests: [String] = []
  /// The number of concurrent processes.
  package var jobs: Int
  /// Whether to ask apt for a newer source package, and to build even if the kernel is in the cache.
  package var refresh: Bool
  /// A commit whose changes are reverted before the build, for a git tree at a revision.
  package var reverting: String?
  /// A key for the build directory: requests with the same key share one, whatever their configurations, so that
  /// switching between them compiles only the differences. With nil, each configuration has its own directory.
  package var buildDirectoryKey: String?
  /// The symbols that are requested for booting; empty if nothing boots.
  var needs = GuestNeeds.wishes
  /// The variables on `make`'s command line.
  var variables = BuildTools.variables

  /// A host that gets a request has its own variables, and boots what it builds.
  private enum CodingKeys: CodingKey {
    case source, base, wishes, modules, selftests, jobs, refresh, reverting, buildDirectoryKey
  }

  package init(
    source: KernelTreeName, base: Base = .allnoconfig, wishes: [ConfigWish] = [], modules: [ModuleWish] = [],
    jobs: Int = 1, refresh: Bool = false
  ) {
    self.source = source
    self.base = base
    self.wishes = wishes
    self.modules = modules
    self.jobs = jobs
    self.refresh = refresh
  }

  /// A key that depends on everything that determines the configuration, except the tree.
  var configurationKey: String {
    var hash = SHA256()
    if case .text(let text, _) = base {
      hash.update("text \(KernelConfig(parsing: text).hash)\n")
    } else {
      hash.update("\(base)\n")
    }
    for wish in ConfigWishes(own: needs, asked: wishes.filter(\.kernels.isEmpty)).all {
      hash.update("\(wish.symbol) \(wish.value)\n")
    }
    let conditional = wishes.filter { !$0.kernels.isEmpty }.map { "\($0.symbol) \($0.value) of \($0.kernels)" }
    for line in Set(conditional).sorted() { hash.update("\(line)\n") }
    for module in Set(modules.map { "\($0.name) \($0.hasParameters)" }).sorted() { hash.update("module \(module)\n") }
    // What they request is in the tree, and a tree in another state has another key beside this one.
    for folder in Set(selftests).sorted() { hash.update("selftests \(folder)\n") }
    return hash.hex()
  }

  /// Returns the request without what kernels of that version do not need. Its keys are others.
  func adapted(to release: String) -> KernelBuildRequest {
    var request = self
    request.wishes.removeAll { !$0.isNeeded(by: release) }
    return request
  }

  /// Returns whether a finished kernel satisfies the request; it may have been built for a request with optional
  /// symbols.
  ///
  /// - Parameter lacks: whether the tree has no such symbol.
  func isGranted(by config: KernelConfig, lacks: (String) -> Bool) -> Bool {
    wishes.allSatisfy { $0.isOptional || $0.isGranted(by: config) || $0.mayBeAbsent && lacks($0.symbol) }
  }

  /// Returns a sentence for each symbol that the tree does not have, with all that will be skipped for lack of it.
  func absences(in config: KernelConfig, lacks: (String) -> Bool) -> [String] {
    let absent = wishes.filter { ($0.mayBeAbsent || $0.isOptional) && !$0.isGranted(by: config) && lacks($0.symbol) }
    return Set(absent.map(\.symbol)).sorted().map { symbol in
      var origins: [String] = []
      for wish in absent where wish.symbol == symbol && !origins.contains(wish.origin) { origins.append(wish.origin) }
      return "this source has no symbol \(symbol); it will be skipped: \(origins.joined(separator: "; "))"
    }
  }
}

/// A module that a suite loads.
package struct ModuleWish: Sendable, Equatable, Codable {
  package var name: String
  /// Whether it gets parameters and must therefore be a module: built-in code takes parameters only from the command
  /// line.
  package var hasParameters: Bool
  /// The name of whoever loads it.
  package var origin: String
  /// Whether a kernel without it is still usable.
  package var isOptional: Bool

  package init(_ name: String, hasParameters: Bool, origin: String, isOptional: Bool = false) {
    self.name = ModuleIndex.normal(name)
    self.hasParameters = hasParameters
    self.origin = origin
    self.isOptional = isOptional
  }
}

/// A kernel that was built or found in the cache.
package struct BuiltKernel: Sendable {
  package var kernel: KernelBuild
  /// The path to give to `--kernel`.
  package var directory: String
  /// The build directory with `Module.symvers`, generated headers and objects, against which out-of-tree modules are
  /// built. It belongs to the latest build of the tree with this configuration and may have been deleted.
  package var buildDirectory: String
  package var sourceDirectory: String
  /// The state of the source: `git:COMMIT`, `git:COMMIT+HASH` with uncommitted changes, `files:HASH`.
  package var sourceState: String
  /// The seconds from the request to the result.
  package var seconds: Double
  /// The number of compiled files; 0 if the kernel was in the cache.
  package var filesCompiled: Int
  package var warnings: [CompilerMessage]
  /// The path of `make`'s log; nil if make was not called.
  package var log: String?
  package var isFromCache: Bool
  /// The symbols that were switched on as dependencies of requested ones: `ZONE_DEVICE (for DEVICE_PRIVATE)`.
  package var supplements: [String]
  /// What another host has compiled into it; nil for a kernel of this host.
  var compiled: CompiledFiles?
}

/// The progress of a build.
package enum KernelBuildProgress: Sendable, Equatable {
  case fetching(FetchProgress)
  /// A sentence about the current step.
  case step(String)
  /// The number of files compiled so far; `expected` is known from an earlier build.
  case compiling(files: Int, expected: Int?, current: String)
  /// A note for the user.
  case note(String)
}

extension BuiltKernel {
  /// Returns an identity that is equal for kernels that cannot differ in behaviour: image, configuration, and every
  /// module.
  package func contentIdentity() throws -> String? {
    try kernel.contentIdentity()
  }

  /// The files that were compiled into the kernel; nil if that is not known any more.
  package var compiledFiles: CompiledFiles? {
    if let compiled { return compiled }
    guard isBuildDirectoryCurrent else { return nil }
    return CompiledFiles.read(build: buildDirectory, source: sourceDirectory)
  }

  /// Whether the build directory still belongs to this kernel, and not to a later build of another state.
  package var isBuildDirectoryCurrent: Bool {
    guard buildDirectory.hasSuffix("/obj") else { return false }
    return BuildRecord.read(String(buildDirectory.dropLast(4)))?.complete == sourceState
  }
}

extension KernelBuild {
  /// Returns an identity that is equal for kernels that cannot differ in behaviour: the image, the configuration and
  /// every module are the same. Returns nil if a module cannot be read, or if none is listed although the kernel can
  /// load some.
  package func contentIdentity() throws -> String? {
    var hash = SHA256()
    hash.update("\(identity)\n\(configHash ?? "")\n")
    guard let folder = modulesPath else { return hash.hex() }
    guard let order = try? KernelFiles.read("\(folder)/modules.order") else { return nil }
    for file in ModuleIndex.files(inOrder: String(decoding: order, as: UTF8.self)) {
      let names = [file, file + ".xz", file + ".zst", file + ".gz"]
      guard let bytes = names.lazy.compactMap({ try? KernelFiles.read("\(folder)/\($0)") }).first else { return nil }
      hash.update(bytes)
    }
    return hash.hex()
  }
}
