import FoundationEssentials
import Glibc

/// The kernels that were fetched or unpacked, one directory each, named `PACKAGE_VERSION` or by content.
///
/// A directory appears under its name by one rename when all of it is there, and is never changed afterwards. Two
/// processes that want the same kernel wait for each other at a lock file, which the system gives free when its
/// owner dies.
public struct KernelCache: Sendable {
  /// Made when first needed.
  public let directory: String

  public init(directory: String) { self.directory = directory }

  func path(of entry: String) -> String { "\(directory)/\(entry)" }

  /// The kernel in an entry; nil where there is none, or it is damaged.
  func load(_ entry: String) -> KernelBuild? {
    let root = path(of: entry)
    guard let record = try? KernelFiles.read("\(root)/\(KernelCache.record)"),
      var build = try? JSONDecoder().decode(KernelBuild.self, from: Data(record))
    else { return nil }
    build.imagePath = "\(root)/\(build.imagePath)"
    build.configPath = build.configPath.map { "\(root)/\($0)" }
    build.modulesPath = build.modulesPath.map { $0 == "." ? root : "\(root)/\($0)" }
    build.config = build.configPath.flatMap { try? KernelFiles.read($0) }.map { KernelConfig(parsing: $0) }
    guard KernelFiles.size(of: build.imagePath) != nil else { return nil }
    return build
  }

  /// The kernel in an entry that is given by its place; nil for every other place. `directory` has no symbolic links.
  func load(at directory: String) -> KernelBuild? {
    guard let slash = directory.lastIndex(of: "/"),
      (try? KernelFiles.resolved(self.directory)) == String(directory[..<slash])
    else { return nil }
    return load(String(directory[directory.index(after: slash)...]))
  }

  /// Gives the entry of this name; where it is not there yet, `fill` makes it in the directory it is given.
  ///
  /// `fill` returns the build with paths inside of that directory. What it throws is passed on, and nothing is left.
  func entry(
    _ name: String, fill: (_ directory: String) async throws -> KernelBuild
  ) async throws -> KernelBuild {
    if let build = load(name) { return build }
    return try await locked(name) {
      if let build = load(name) { return build }
      let partial = path(of: ".partial-\(name)")
      // Of a process that was killed; nobody else can be at it, for we hold the lock.
      try? FileManager.default.removeItem(atPath: partial)
      do {
        try makeDirectory(partial)
        var build = try await fill(partial)
        build.imagePath = KernelCache.inside(partial, build.imagePath)
        build.configPath = build.configPath.map { KernelCache.inside(partial, $0) }
        build.modulesPath = build.modulesPath.map { KernelCache.inside(partial, $0) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try write(Array(encoder.encode(build)), to: "\(partial)/\(KernelCache.record)")
        // Only an entry without a readable record is in the way.
        try? FileManager.default.removeItem(atPath: path(of: name))
        guard rename(partial, path(of: name)) == 0 else { throw unwritable(KernelFiles.message(errno)) }
      } catch {
        try? FileManager.default.removeItem(atPath: partial)
        throw error
      }
      guard let build = load(name) else { throw unwritable("the entry \(name) cannot be read back") }
      return build
    }
  }

  /// The entry that a short form was last resolved to.
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

  /// SHA-256 (hex) of a file, remembered for as long as the file is not touched.
  func digest(of file: String) throws(KernelError) -> String {
    guard let stamp = KernelFiles.stamp(of: file) else { throw .notFound(path: file) }
    let memory = path(of: ".digests/\(SHA256.hex(of: file).prefix(32))")
    if let bytes = try? KernelFiles.read(memory, limit: 512) {
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      if lines.count == 2, lines[0] == stamp, lines[1].utf8.count == 64 { return String(lines[1]) }
    }
    let digest = try KernelFiles.digest(of: file)
    // Best effort: a build tree can be booted with a cache that cannot be written.
    if (try? makeDirectory(path(of: ".digests"))) != nil { try? write(Array("\(stamp)\n\(digest)\n".utf8), to: memory) }
    return digest
  }

  /// Names of the entries, sorted; empty where there is no cache yet.
  func entries() -> [String] {
    KernelFiles.names(in: directory).filter { !$0.hasPrefix(".") && KernelFiles.isDirectory(path(of: $0)) }
  }

  private static let record = "kernel.json"

  private func locked<Result>(_ name: String, _ body: () async throws -> Result) async throws -> Result {
    try makeDirectory(path(of: ".locks"))
    let descriptor = open(path(of: ".locks/\(name)"), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw unwritable(KernelFiles.message(errno)) }
    defer { close(descriptor) }
    // Asked again and again, for a blocking wait would hold a thread of the pool.
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw unwritable(KernelFiles.message(errno)) }
      try await Task.sleep(for: .milliseconds(50))
    }
    return try await body()
  }

  private func makeDirectory(_ path: String) throws(KernelError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw unwritable(KernelFiles.isDirectory(path) ? "\(error)" : KernelFiles.message(errno))
    }
  }

  /// Whole or not at all.
  private func write(_ bytes: [UInt8], to path: String) throws(KernelError) {
    do {
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw unwritable("\(error)")
    }
  }

  private func unwritable(_ reason: String) -> KernelError { .cacheUnwritable(path: directory, reason: reason) }

  private static func inside(_ directory: String, _ path: String) -> String {
    if path == directory { return "." }
    return path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
  }
}
