import Glibc
import KTestValues

/// Fetches and unpacks Debian packages for images into the cache, and reports failures as ``ImageError``.
struct PackageSource: Sendable {
  let cache: ImageCache
  /// The name of the layer for messages.
  let title: String
  /// The archive.
  private(set) var apt = Apt.host

  private static let advice = "the host must have apt, like Debian or Ubuntu"

  /// Returns the dependency closure of a package, nearest first, and the version that apt would install of each.
  func closure(of name: String) async throws -> (graph: PackageGraph, versions: [String: DebianPackage]) {
    try await explained(name) {
      let graph = PackageGraph(aptCacheDepends: try await Apt.host.dependencies(of: name))
      let packages = try await Apt.host.show(graph.closure(of: name))
      let versions = Dictionary(packages.map { ($0.name, $0) }) { first, _ in first }
      // A package may depend on a virtual one; the requested one must be real.
      guard versions[name] != nil else { throw ImageError.packageUnknown(package: name) }
      return (graph, versions)
    }
  }

  /// Returns the packages of another suite of the archive, through the lists that kernels are fetched with.
  func of(suite: String) async throws -> PackageSource {
    var source = self
    source.apt = try await explained(suite) {
      try await SuiteLists(suite: suite, directory: "\(Paths.parent(cache.root))/apt/\(suite)").apt(refresh: false)
    }
    return source
  }

  /// Returns the package that apt would install for a name.
  func candidate(of name: String) async throws -> DebianPackage {
    try await explained(name) {
      guard let package = try await apt.show([name]).first(where: { $0.name == name }) else {
        throw ImageError.packageUnknown(package: name)
      }
      return package
    }
  }

  /// Returns the unpacked packages, each in a folder of its own, and fetches those that are not in the cache.
  func unpacked(_ packages: [DebianPackage], _ progress: (String) -> Void) async throws -> [FileRoot] {
    let folders = packages.map { cache.root + "/sysroots/" + $0.folder }
    for folder in folders where Files.exists(folder) { try SpecialModes.settle(folder, cache: cache) }
    let absent = zip(packages, folders).filter { !cache.isWhole(tree: $0.1) }
    if !absent.isEmpty {
      progress("fetching " + absent.map(\.0.text).joined(separator: ", "))
      let work = cache.temporary()
      try Files.makeDirectory(work)
      defer { Files.remove(work) }
      let files = try await fetch(absent.map(\.0), into: work)
      progress("unpacking " + Phrase.count(absent.count, "package"))
      for (file, (package, folder)) in zip(files, absent) { try await unpack(file, of: package, to: folder) }
    }
    return folders.map { FileRoot(path: $0) }
  }

  /// Downloads packages into a folder. Returns their files, in the same order.
  func fetch(_ packages: [DebianPackage], into work: String) async throws -> [String] {
    let all = packages.map(\.text).joined(separator: ", ")
    return try await explained(all) {
      do {
        try await apt.download(packages, into: work)
      } catch let failure as AptFailure where !isDiskFull(failure.complaint) {
        throw ImageError.packageFetchFailed(package: all, lines: Array(HostTool.lines(of: failure.complaint).suffix(8)))
      }
      return packages.compactMap { Apt.file(of: $0, in: work) }
    }
  }

  /// Unpacks `parts` of the kernel source in a package's file. The folder `scratch` must not exist yet; the caller removes
  /// it afterwards.
  func unpack(linuxSource file: String, parts: [String], into folder: String, scratch: String) async throws {
    try await explained(Paths.last(file)) {
      try await Archive.unpack(linuxSource: file, parts: parts, into: folder, scratch: scratch)
    }
  }

  private func unpack(_ file: String, of package: DebianPackage, to folder: String) async throws {
    let unfinished = cache.temporary()
    defer { Files.remove(unfinished) }
    // Nobody else may run a setuid program before its bits are cleared.
    try Files.makeDirectory(unfinished)
    guard chmod(unfinished, 0o700) == 0 else { throw Files.failure("write", unfinished) }
    try await explained(package.text) { try await Archive.unpack(package: file, into: unfinished) }
    try SpecialModes.settle(unfinished, as: folder, cache: cache)
    try cache.seal(unfinished, as: folder)
  }

  private func explained<Value>(_ package: String, _ body: () async throws -> Value) async throws -> Value {
    do {
      let value = try await body()
      if DiskSpace.isExhausted(at: cache.root) { throw ImageError.diskFull(path: cache.root) }
      return value
    } catch HostProgramFailure.missing(let name) {
      throw ImageError.toolMissing(tool: name, layer: title, advice: PackageSource.advice)
    } catch HostProgramFailure.notRun(let name, let reason) {
      throw ImageError.toolFailed(tool: name, status: "it cannot be started", lines: [reason])
    } catch let failure as AptFailure {
      if failure.isUnknown { throw ImageError.packageUnknown(package: package) }
      throw self.failure(failure.tool, failure.status, failure.complaint)
    } catch let failure as SuiteListsFailure {
      throw ImageError.packageFetchFailed(package: "the package lists of \(package)", lines: [failure.text])
    } catch let failure as ArchiveFailure {
      switch failure {
      case .refused(let tool, let file, let result):
        throw self.failure("\(tool) for \(Paths.last(file))", result.status, result.complaint)
      case .lacks(let file, let what): throw ImageError.fileMissing(path: what, layer: Paths.last(file))
      case .tooLarge(let file, _): throw ImageError.fileUnfit(path: file, reason: failure.reason)
      }
    } catch let problem as FileProblem {
      throw Files.failure("write", problem)
    }
  }

  private func isDiskFull(_ complaint: String) -> Bool {
    DiskSpace.isExhausted(at: cache.root) || DiskSpace.isBlamed(in: complaint)
  }

  private func failure(_ tool: String, _ status: HostProgramStatus, _ complaint: String) -> ImageError {
    if isDiskFull(complaint) { return .diskFull(path: cache.root) }
    return .toolFailed(tool: tool, status: "\(status)", lines: Array(HostTool.lines(of: complaint).suffix(8)))
  }
}
