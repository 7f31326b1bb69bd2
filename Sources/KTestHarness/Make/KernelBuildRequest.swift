/// A kernel to be built.
public struct KernelBuildRequest: Sendable {
  /// What the configuration starts from.
  public enum Base: Sendable, Equatable, CustomStringConvertible {
    case allnoconfig
    case defconfig
    /// Text of a `.config`; the name is what messages call it.
    case text(String, name: String)

    public var description: String {
      switch self {
      case .allnoconfig: "allnoconfig"
      case .defconfig: "defconfig"
      case .text(_, let name): name
      }
    }
  }

  public var source: KernelTreeName
  public var base: Base
  /// What suites and fragments want. What a guest of ours needs to boot at all comes by itself.
  public var wishes: [ConfigWish]
  /// Modules that are loaded by name: the symbols behind them are looked up in the tree.
  public var modules: [ModuleWish]
  /// Processes at once.
  public var jobs: Int
  /// Ask apt for a newer source package, and build also what is in the cache.
  public var refresh: Bool
  /// Of a git tree at a revision: a commit whose changes are taken out again before the build.
  public var reverting: String?
  /// Requests of one name share a build directory whatever their configurations, so that going from one to another
  /// compiles what they have not in common; nil: each configuration has its own.
  public var workplace: String?
  /// What is wished for the sake of booting; empty where nothing boots.
  var needs = GuestNeeds.wishes
  /// What `make` is told on its command line.
  var variables = BuildTools.variables

  public init(
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

  /// Changes with everything that the configuration is made of, short of the tree.
  var configurationKey: String {
    var hash = SHA256()
    if case .text(let text, _) = base {
      hash.update("text \(KernelConfig(parsing: text).hash)\n")
    } else {
      hash.update("\(base)\n")
    }
    let wishes = ConfigWishes(own: needs, asked: wishes).all
    for wish in wishes { hash.update("\(wish.symbol) \(wish.value)\n") }
    for module in Set(modules.map { "\($0.name) \($0.hasParameters)" }).sorted() { hash.update("module \(module)\n") }
    return hash.hex()
  }

  /// Whether a finished kernel does, where one was built for somebody who could do without some of it.
  func isGranted(by config: KernelConfig) -> Bool {
    wishes.allSatisfy { $0.isOptional || $0.isGranted(by: config) }
  }
}

/// A module that a suite loads.
public struct ModuleWish: Sendable, Equatable {
  public var name: String
  /// Then it has to be a module: what is built in takes its parameters from the command line only.
  public var hasParameters: Bool
  /// Who loads it.
  public var origin: String
  /// A kernel without it is still of use.
  public var isOptional: Bool

  public init(_ name: String, hasParameters: Bool, origin: String, isOptional: Bool = false) {
    self.name = ModuleIndex.normal(name)
    self.hasParameters = hasParameters
    self.origin = origin
    self.isOptional = isOptional
  }
}

/// A kernel that was built, or found finished.
public struct BuiltKernel: Sendable {
  public var kernel: KernelBuild
  /// What to give to `--kernel`.
  public var directory: String
  /// Of `make`: `Module.symvers`, generated headers, objects. Modules outside of the tree are built against it. It
  /// belongs to the tree's latest build of this configuration, and may have been deleted.
  public var buildDirectory: String
  public var sourceDirectory: String
  /// `git:COMMIT`, `git:COMMIT+HASH` with uncommitted changes, `files:HASH`.
  public var sourceState: String
  /// From the request to the result.
  public var seconds: Double
  /// 0 when the kernel was in the cache.
  public var filesCompiled: Int
  public var warnings: [CompilerMessage]
  /// What `make` said; nil when it was not called.
  public var log: String?
  public var isFromCache: Bool
  /// What was switched on because something wished depends on it: `ZONE_DEVICE (for DEVICE_PRIVATE)`.
  public var supplements: [String]
}

/// How far a build is.
public enum KernelBuildProgress: Sendable, Equatable {
  case fetching(FetchProgress)
  /// One sentence about what is being done.
  case step(String)
  /// Files compiled so far; `expected` where an earlier build tells.
  case compiling(files: Int, expected: Int?, current: String)
  /// Something the user should know.
  case note(String)
}

extension BuiltKernel {
  /// Equal for kernels that cannot differ in behaviour: image, configuration, and every module.
  public func contentIdentity() throws -> String? {
    try kernel.contentIdentity()
  }

  /// Whether the build directory is as the build of this kernel left it, and not as one of another state has.
  public var isBuildDirectoryCurrent: Bool {
    guard buildDirectory.hasSuffix("/obj") else { return false }
    return BuildRecord.read(String(buildDirectory.dropLast(4)))?.complete == sourceState
  }
}

extension KernelBuild {
  /// Equal for kernels that cannot differ in behaviour: the image, the configuration and every module are the same. nil
  /// where a module cannot be read, or none is listed though the kernel can load some.
  public func contentIdentity() throws -> String? {
    var hash = SHA256()
    hash.update("\(identity)\n\(configHash ?? "")\n")
    guard let folder = modulesPath else { return hash.hex() }
    guard let order = try? KernelFiles.read("\(folder)/modules.order") else { return nil }
    for line in String(decoding: order, as: UTF8.self).split(separator: "\n") {
      let file = line.hasSuffix(".o") ? "\(line.dropLast())ko" : String(line)
      let names = [file, file + ".xz", file + ".zst", file + ".gz"]
      guard let bytes = names.lazy.compactMap({ try? KernelFiles.read("\(folder)/\($0)") }).first else { return nil }
      hash.update(bytes)
    }
    return hash.hex()
  }
}
