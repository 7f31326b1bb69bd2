import KTestValues

/// A build of a commit that is the same on every host with the same compiler. Here is what this host knows of it: whether
/// it is in the cache, and where a finished one from another host goes.
package struct CommitBuild: Sendable {
  package let request: KernelBuildRequest
  package let commit: String
  /// The compiler and all else of this host that decides over a kernel, see ``equipment()``.
  package let equipment: [String]
  private let toolchain: String
  /// The entry of the cache, on every host.
  package let entry: String
  /// The directory with the objects of the user's repository, and its format.
  package let objects: (path: String, format: String)
  private let building: KernelBuilding
  private let checkout: RevisionCheckout

  /// Creates the build; returns nil for a request of anything but a commit as it is.
  ///
  /// - Throws: ``KernelBuildError``.
  package init?(
    _ request: KernelBuildRequest, cache: KernelBuildCache,
    progress: @escaping @Sendable (KernelBuildProgress) -> Void = { _ in }
  ) async throws {
    guard case .revision(let path, let revision) = request.source, request.reverting == nil else { return nil }
    let start = ContinuousClock.now
    (equipment, toolchain) = (try await CommitBuild.equipment(), try await BuildTools.toolchain())
    checkout = try await RevisionCheckout(revision, of: path, cache: cache)
    self.request = request
    (commit, objects) = (checkout.commit, checkout.objects)
    building = KernelBuilding(request: request, cache: cache, toolchain: toolchain, start: start, progress: progress)
    entry = building.entry(checkout.state)
  }

  /// Returns the programs of this host that decide over a kernel, with their versions. A host with others may configure the same
  /// commit in another way.
  ///
  /// - Throws: ``KernelBuildError``.
  package static func equipment() async throws -> [String] {
    try BuildTools.check()
    return try await BuildTools.equipment()
  }

  /// Whether a directory has a kernel for another host, all of it.
  package static func isWhole(_ directory: String) -> Bool {
    guard let entries = TreeSeal.entries(of: directory) else { return false }
    return entries.allSatisfy { path, digest in
      TreeSeal.isInside(path) && (try? RegularFile("\(directory)/\(path)").digest()) == digest
    }
  }

  /// Returns whether a kernel that was built for another request has what this one asks for.
  package func isGranted(by directory: String) -> Bool {
    guard let text = building.cache.text("\(directory)/.config") else { return false }
    return request.isGranted(by: KernelConfig(parsing: text), lacks: { _ in false })
  }

  /// Returns the kernel if this host has it, and may use it.
  package func cached() -> BuiltKernel? { building.cached(checkout.state, tree: checkout.directory) }

  /// Puts a kernel into the cache that another host has built.
  ///
  /// - Parameter directory: an entry of another cache, whole.
  /// - Throws: ``KernelBuildError``, `KernelError`.
  package func take(_ directory: String, _ news: BuildNews) async throws -> BuiltKernel {
    let kernels = building.cache.kernels
    guard CommitBuild.isWhole(directory) else {
      throw KernelBuildError.hostFailed(reason: "the kernel in \(directory) is not whole", log: directory)
    }
    if request.refresh { HostFiles.remove(kernels.path(of: entry)) }
    let state = checkout.state
    let kernel = try await kernels.entry(entry) { partial in
      guard try TreeSeal.copy(directory, to: partial) else {
        throw KernelBuildError.hostFailed(reason: "the kernel in \(directory) is not whole", log: directory)
      }
      var kernel = try await resolveKernel(.path(partial), cache: kernels)
      kernel.label = KernelBuilding.label(kernel.release, state)
      kernel.source = KernelOrigin(request.source).built(
        at: kernels.path(of: entry), state: state, base: "\(request.base)", compiler: toolchain)
      return kernel
    }
    return BuiltKernel(
      kernel: kernel, directory: kernels.path(of: entry), buildDirectory: "", sourceDirectory: "",
      sourceState: state, seconds: news.seconds, filesCompiled: news.filesCompiled, warnings: news.warnings,
      log: nil, isFromCache: news.isFromCache, supplements: news.supplements,
      compiled: news.compiled.map { CompiledFiles(paths: Set($0)) })
  }
}

/// What a host tells of a kernel that it has built for another one.
package struct BuildNews: Codable, Sendable, Equatable {
  package var filesCompiled = 0
  package var warnings: [CompilerMessage] = []
  /// See ``BuiltKernel/supplements``.
  package var supplements: [String] = []
  package var isFromCache = true
  /// Without the time that it waited for a host and travelled.
  package var seconds = 0.0
  /// The files that were compiled into it; nil if that is unknown.
  package var compiled: [String]?

  package init() {}

  package init(_ built: BuiltKernel) {
    (filesCompiled, warnings) = (built.filesCompiled, built.warnings)
    (supplements, isFromCache, seconds) = (built.supplements, built.isFromCache, built.seconds)
    compiled = built.compiledFiles?.paths.sorted()
  }
}

extension BuiltKernel {
  /// Copies the kernel, without what this host alone knows of it, to a new directory for another host.
  ///
  /// - Throws: `FileProblem`, ``KernelBuildError``.
  package func pack(into folder: String) throws {
    guard try TreeSeal.copy(directory, to: folder) else {
      throw KernelBuildError.hostFailed(reason: "the kernel in \(directory) is damaged", log: directory)
    }
    try TreeSeal.seal(folder)
  }

  /// The name of its entry.
  package var entry: String { Paths.last(directory) }
}

extension TreeSeal {
  static func isInside(_ path: String) -> Bool { !path.hasPrefix("/") && !path.split(separator: "/").contains("..") }

  /// Copies the files that a seal lists, and compares each with its digest. Records of a cache are not copied: they are of
  /// the place where they lie.
  ///
  /// - Returns: false if a file is not what the seal says, or there is no seal.
  static func copy(_ directory: String, to target: String) throws -> Bool {
    guard let entries = entries(of: directory) else { return false }
    for (path, digest) in entries where !KernelCache.records.contains(path) {
      guard isInside(path), try RegularFile("\(directory)/\(path)").digest() == digest,
        try BuildFiles.copy("\(directory)/\(path)", to: "\(target)/\(path)")
      else { return false }
    }
    return true
  }
}
