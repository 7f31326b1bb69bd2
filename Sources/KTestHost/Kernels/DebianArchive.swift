package import KTestValues

/// Kernels and sources of kernels in Debian's archive: what this machine's apt knows, or one suite by lists of its own.
package struct DebianArchive: Sendable {
  private let apt: Apt
  private let suite: DebianSuite?

  /// The packages that this machine's apt is set up for.
  package static let host = DebianArchive(apt: .host, suite: nil)

  /// Opens the archive, and fetches the lists of the suite if necessary. `refresh` fetches them in any case.
  ///
  /// Throws `KernelError`: `noSuchSuite`, `untrustedSuite`, `unreachableSuite`, `noMirror`, `toolMissing`, `toolFailed`.
  package static func open(
    suite: DebianSuite?, cache: KernelCache, refresh: Bool = false
  ) async throws -> DebianArchive {
    guard let suite else { return .host }
    let lists = SuiteLists(suite: "\(suite)", directory: "\(cache.archives)/\(suite)")
    return try await open(suite, lists, refresh: refresh)
  }

  static func open(_ suite: DebianSuite, _ lists: SuiteLists, refresh: Bool = false) async throws -> DebianArchive {
    do {
      let apt = try await forKernels("read the packages of \(suite)") { try await lists.apt(refresh: refresh) }
      return DebianArchive(apt: apt, suite: suite)
    } catch let failure as SuiteListsFailure {
      throw KernelError(failure, suite: suite, directory: lists.directory)
    }
  }

  /// The kernel that `debian:NAME` means today: the newest that can be had. A meta-package (`linux-image-amd64`) means the
  /// kernel it depends on.
  ///
  /// Throws `KernelError`: `noPackageLists`, `noSuchPackage`, `partMissing`, `toolMissing`, `toolFailed`.
  func find(_ name: DebianKernelName) async throws -> ArchiveKernel {
    let names = try await packageNames()
    var candidates = name.candidates(in: names)
    if let meta = candidates.first, DebianKernelPackage(meta) == nil {
      guard let real = try await show(meta).depends.compactMap(DebianKernelPackage.init).first else {
        throw unknown(name, among: names)
      }
      let unsigned = "\(real.name)-unsigned"
      candidates = [!real.isUnsigned && names.contains(unsigned) ? unsigned : real.name]
    }
    var problem: KernelError?
    for kernel in try await kernels(candidates) {
      do {
        return try kernel.get()
      } catch {
        guard case .partMissing = error else { throw error }
        problem = problem ?? error
      }
    }
    throw problem ?? unknown(name, among: names)
  }

  func unknown(_ name: DebianKernelName, among names: Set<String>) -> KernelError {
    .noSuchPackage(name: full("\(name)"), nearest: name.nearest(in: names).map(full))
  }

  /// Returns the kernels of image packages in the same order, or why one cannot be had.
  func kernels(_ names: [String]) async throws -> [Result<ArchiveKernel, KernelError>] {
    guard !names.isEmpty else { return [] }
    let images = try await forKernels("show \(names[0])") { try await apt.show(names) }
    let parts = images.flatMap { ArchiveKernel.Part.parts(of: $0).map(\.name) }
    let present =
      parts.isEmpty ? [] : try await forKernels("show \(parts[0])") { try await apt.versions(of: parts) }
    return names.map { name in
      guard let image = images.first(where: { $0.name == name }), image.isInArchive else {
        return .failure(.toolFailed(tool: "apt-cache", purpose: "show \(name)", output: "no archive has it"))
      }
      return Result { () throws(KernelError) in try kernel(image, among: present) }
    }
  }

  private func kernel(_ image: DebianPackage, among present: [DebianPackage]) throws(KernelError) -> ArchiveKernel {
    let parts = ArchiveKernel.Part.parts(of: image)
    guard !parts.isEmpty else { return ArchiveKernel(image: image, files: [image]) }
    let files = try parts.map { part throws(KernelError) in
      let versions = present.filter { $0.name == part.name }
      guard let file = versions.first(where: { $0.version == part.version }) else {
        throw .partMissing(
          kernel: full(DebianKernelPackage(image.name)?.shortForm ?? image.name), part: part.name,
          version: part.version, present: versions.map(\.version))
      }
      return file
    }
    return ArchiveKernel(image: image, files: files)
  }

  /// Returns a package `linux-source-…`.
  package func source(_ name: String) async throws -> DebianPackage {
    let names = try await forKernels("list packages") { try await apt.names(beginningWith: "linux-source-") }
    guard names.contains(name) else {
      let nearest = names.sorted { DebianVersion($0) > DebianVersion($1) }.prefix(6)
      throw KernelError.noSuchPackage(name: full(name), nearest: nearest.map(full))
    }
    return try await show(name)
  }

  /// Downloads package files into a directory and returns their paths in the same order. apt checks their hashes.
  /// `subject` is the package in `progress`.
  func download(
    _ packages: [DebianPackage], for subject: DebianPackage, into directory: String,
    progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> [String] {
    let total = ArchiveKernel(image: subject, files: packages).size
    let report = { @Sendable in
      progress(
        FetchProgress(
          phase: .downloading, package: subject.name, received: KernelFiles.size(ofFilesIn: directory), total: total))
    }
    try await forDownload(of: subject) {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          try await apt.download(packages, into: directory)
          return true
        }
        group.addTask {
          // apt writes into the file it will be, so its growth is the progress.
          while !Task.isCancelled {
            report()
            try? await Task.sleep(for: .milliseconds(100))
          }
          return false
        }
        defer { group.cancelAll() }
        while let isDownloaded = try await group.next() {
          if isDownloaded { return }
        }
        throw CancellationError()
      }
    }
    let files = try packages.map { package throws(KernelError) in
      guard let path = Apt.file(of: package, in: directory) else {
        throw .fetchFailed(package: package.name, reason: "apt-get reported success and left no file")
      }
      return path
    }
    report()
    return files
  }

  private func forDownload(of package: DebianPackage, _ body: () async throws -> Void) async throws {
    try await forKernels("download a kernel") {
      do {
        try await body()
      } catch let failure as AptFailure {
        throw KernelError.fetchFailed(package: package.name, reason: failure.reason)
      }
    }
  }

  func packageNames() async throws -> Set<String> {
    let names = try await forKernels("list packages") { try await apt.names(beginningWith: "linux-image-") }
    if names.isEmpty {
      guard let suite else { throw KernelError.noPackageLists }
      throw KernelError.noSuchSuite(name: "\(suite)")
    }
    return names
  }

  /// The name as it is written after `debian:`.
  func full(_ name: String) -> String { suite.map { "\(name)@\($0)" } ?? name }

  /// What apt would install under a name. Throws `KernelError.toolFailed` where apt knows none.
  func show(_ name: String) async throws -> DebianPackage {
    let packages = try await forKernels("show \(name)") { try await apt.show([name]) }
    guard let package = packages.first, package.isInArchive else {
      throw KernelError.toolFailed(tool: "apt-cache", purpose: "show \(name)", output: "no archive has it")
    }
    return package
  }
}
