import FoundationEssentials
import KTestValues

/// The kernels that were fetched or unpacked, one directory each, named `PACKAGE_VERSION` or by content.
///
/// A directory gets its name by one rename when it is complete and on the disk, and never changes afterwards: its seal
/// (``TreeSeal``) has the digests of its files, so that a damaged one is not taken for a bad kernel. Two processes that
/// want the same kernel wait for each other at a lock file, which the system releases if its owner dies.
package struct KernelCache: Sendable {
  /// The directory, which is created when first needed.
  package let directory: String
  /// Called if an entry has been damaged.
  private let notice: @Sendable (String) -> Void
  private let damage = DamageNotes()

  package init(directory: String, notice: @escaping @Sendable (String) -> Void = { _ in }) {
    self.directory = directory
    self.notice = notice
  }

  private var memory: DigestMemory { DigestMemory(in: path(of: ".digests")) }

  /// The directory with the package lists of suites of Debian's archive, beside this one.
  var archives: String { "\(Paths.parent(directory))/apt" }

  func path(of entry: String) -> String { "\(directory)/\(entry)" }

  /// Returns the kernel in an entry for booting, or nil if there is none or it is damaged. The user is told about
  /// damage.
  func load(_ entry: String) -> KernelBuild? {
    let root = path(of: entry)
    use?.note("kernels/\(entry)")
    guard HostFiles.isDirectory(root) else { return nil }
    switch TreeSeal.state(of: root, memory: memory) {
    case .whole: return record(of: entry)
    case .damaged(let file):
      tell(root, file)
      return nil
    case .unsealed:
      // An older ktest stored only the digest of the image in its record.
      guard let build = record(of: entry) else { return nil }
      guard (try? digest(of: build.imagePath)) == build.identity else {
        tell(root, "the image")
        return nil
      }
      _ = try? TreeSeal.seal(root)
      return build
    }
  }

  private func tell(_ root: String, _ file: String) {
    guard damage.add("\(root)/\(file)") else { return }
    notice("the cached kernel \(root) is damaged: \(file) has changed; it is rebuilt")
  }

  /// Returns the record of an entry, or nil if there is none. It does not check the files.
  func record(of entry: String) -> KernelBuild? {
    let root = path(of: entry)
    guard let record = try? KernelFiles.read("\(root)/\(KernelCache.record)"),
      var build = try? JSONDecoder().decode(KernelBuild.self, from: Data(record))
    else { return nil }
    build.imagePath = "\(root)/\(build.imagePath)"
    build.configPath = build.configPath.map { "\(root)/\($0)" }
    build.modulesPath = build.modulesPath.map { $0 == "." ? root : "\(root)/\($0)" }
    build.config = build.configPath.flatMap { try? KernelFiles.read($0) }.map { KernelConfig(parsing: $0) }
    guard HostFiles.size(of: build.imagePath) != nil else { return nil }
    return build
  }

  /// Returns the kernel in an entry that is given by its path, or nil for other paths. `directory` has no symbolic
  /// links.
  ///
  /// Throws `KernelError.cacheDamaged`, because the entry's origin is unknown here.
  func load(at directory: String) throws(KernelError) -> KernelBuild? {
    guard (try? HostFiles.resolved(self.directory)) == Paths.parent(directory) else { return nil }
    let entry = Paths.last(directory)
    guard HostFiles.exists("\(directory)/\(KernelCache.record)") else { return nil }
    guard let build = KernelCache(directory: self.directory).load(entry) else {
      throw .cacheDamaged(path: directory)
    }
    return build
  }

  /// Returns the entry with this name; if it does not exist, `fill` creates it in the given directory.
  ///
  /// `fill` returns the build with paths inside of that directory. Its errors are passed on, and nothing is left.
  func entry(
    _ name: String, fill: (_ directory: String) async throws -> KernelBuild
  ) async throws -> KernelBuild {
    if let build = load(name) { return build }
    return try await locked(name) {
      if let build = load(name) { return build }
      let partial = path(of: ".partial-\(name)")
      // Of a process that was killed; nobody else can be at it, for we hold the lock.
      HostFiles.remove(partial)
      do {
        try makeDirectory(partial)
        var build = try await fill(partial)
        build.imagePath = KernelCache.inside(partial, build.imagePath)
        // A kernel is identified by the digest of the file that boots, whoever made it.
        build.identity = try KernelFiles.digest(of: "\(partial)/\(build.imagePath)")
        build.configPath = build.configPath.map { KernelCache.inside(partial, $0) }
        build.modulesPath = build.modulesPath.map { KernelCache.inside(partial, $0) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try write(Array(encoder.encode(build)), to: "\(partial)/\(KernelCache.record)")
        do {
          try TreeSeal.seal(partial, known: [build.imagePath: build.identity])
          // Only an entry that is damaged or has no readable record is in the way.
          HostFiles.remove(path(of: name))
          try DurableFile.moveTree(partial, to: path(of: name))
        } catch let problem as FileProblem { throw unwritable(problem.reason) }
      } catch {
        HostFiles.remove(partial)
        throw error
      }
      guard let build = load(name) else { throw unwritable("the entry \(name) cannot be read back") }
      return build
    }
  }

  /// Returns the entry that a short form was last resolved to.
  func alias(_ name: String) -> String? {
    guard let bytes = try? KernelFiles.read(path(of: ".aliases/\(name)"), limit: 512), !bytes.isEmpty else {
      return nil
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  func setAlias(_ name: String, to entry: String) throws {
    try makeDirectory(path(of: ".aliases"))
    try write(Array(entry.utf8), to: path(of: ".aliases/\(name)"))
  }

  /// Returns the SHA-256 (hex) of a file, which is cached until the file is touched.
  func digest(of file: String) throws(KernelError) -> String {
    // Caching is best effort: a build tree can be booted even if the cache is read-only.
    try? makeDirectory(path(of: ".digests"))
    do {
      return try memory.digest(of: file)
    } catch { throw KernelError(error) }
  }

  /// Returns the sorted names of the entries; empty if there is no cache yet.
  func entries() -> [String] {
    HostFiles.names(in: directory).filter { !$0.hasPrefix(".") && HostFiles.isDirectory(path(of: $0)) }
  }

  private static let record = "kernel.json"
  /// The files of an entry that are about it: the record and the seal.
  static let records: Set = [record, TreeSeal.name]

  private func locked<Result>(_ name: String, _ body: () async throws -> Result) async throws -> Result {
    try makeDirectory(path(of: ".locks"))
    let lock: FileLock
    do {
      lock = try await FileLock(path(of: ".locks/\(name)"))
    } catch let problem as FileProblem { throw unwritable(problem.reason) }
    defer { withExtendedLifetime(lock) {} }
    return try await body()
  }

  private func makeDirectory(_ path: String) throws(KernelError) {
    do {
      try HostFiles.makeDirectory(path)
    } catch { throw unwritable(error.reason) }
  }

  /// Writes a file completely or not at all.
  private func write(_ bytes: [UInt8], to path: String) throws(KernelError) {
    do {
      try DurableFile.write(bytes, to: path)
    } catch {
      throw unwritable(error.reason)
    }
  }

  private func unwritable(_ reason: String) -> KernelError { .cacheUnwritable(path: directory, reason: reason) }

  private static func inside(_ directory: String, _ path: String) -> String {
    if path == directory { return "." }
    return path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
  }
}
