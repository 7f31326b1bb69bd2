import FoundationEssentials

/// The cache of sources, build directories and finished kernels.
///
/// - `kernels/build-…`: bootable kernels, each complete or absent, and never changed (``KernelCache``).
/// - `builds/ID`: one `make O=` directory for each tree, configuration and compiler. Its content may be incomplete; its
///   record says what was finished in it.
/// - `sources`: unpacked source packages, and one checkout for each git repository.
package struct KernelBuildCache: Sendable {
  package let root: String
  /// Called if a finished kernel has been damaged.
  private let notice: @Sendable (String) -> Void

  package init(root: String, notice: @escaping @Sendable (String) -> Void = { _ in }) {
    self.root = root
    self.notice = notice
  }

  package var kernels: KernelCache { KernelCache(directory: "\(root)/kernels", notice: notice) }

  func build(_ id: String) -> String { "\(root)/builds/\(id)" }
  func source(_ name: String) -> String { "\(root)/sources/\(name)" }

  func makeDirectory(_ path: String) throws(KernelBuildError) {
    do {
      try HostFiles.makeDirectory(path)
    } catch { throw BuildFault.of(error, path: path) }
  }

  /// Writes a file completely or not at all.
  func write(_ text: String, to path: String) throws(KernelBuildError) {
    do {
      try DurableFile.write(Array(text.utf8), to: path)
    } catch {
      throw BuildFault.of(error, path: path)
    }
  }

  package func text(_ path: String, limit: Int = 16 << 20) -> String? {
    (try? KernelFiles.read(path, limit: limit)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Runs `body` while no other process uses the resource `name`. The system releases the lock if its owner dies.
  /// `waiting` is called once if another process holds it.
  func locked<Result>(
    _ name: String, waiting: () -> Void, _ body: () async throws -> Result
  ) async throws -> Result {
    try makeDirectory("\(root)/builds/.locks")
    let path = "\(root)/builds/.locks/\(name)"
    let lock: FileLock
    do {
      lock = try await FileLock(path, waiting: waiting)
    } catch let problem as FileProblem { throw BuildFault.of(problem, path: path) }
    defer { withExtendedLifetime(lock) {} }
    return try await body()
  }
}

extension KernelBuildCache {
  /// Locks a resource if no other process uses it; returns nil otherwise.
  func lock(ifFree name: String) throws(KernelBuildError) -> FileLock? {
    try makeDirectory("\(root)/builds/.locks")
    let path = "\(root)/builds/.locks/\(name)"
    do { return try FileLock(ifFree: path) } catch { throw BuildFault.of(error, path: path) }
  }
}

/// A record of what was finished in a build directory.
struct BuildRecord: Codable, Sendable, Equatable {
  /// The tree, for people.
  var source: String
  /// The `SourceState` of the last finished build; nil while one is under way.
  var complete: String?
  /// The number of files that a complete build compiles.
  var files: Int
  /// The number of symbols that are set.
  var symbols: Int

  static func read(_ directory: String) -> BuildRecord? {
    guard let bytes = try? KernelFiles.read("\(directory)/record.json", limit: 1 << 16) else { return nil }
    return try? JSONDecoder().decode(BuildRecord.self, from: Data(bytes))
  }

  func write(_ directory: String) throws(KernelBuildError) {
    let path = "\(directory)/record.json"
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try DurableFile.write(Array(encoder.encode(self)), to: path)
    } catch {
      throw BuildFault.of(error, path: path)
    }
  }
}

/// Translates Foundation's errors.
enum BuildFault {
  static func of(_ error: any Error, path: String) -> KernelBuildError {
    if let error = error as? KernelBuildError { return error }
    if case .failed(_, let code)? = error as? FileProblem { return .writing(path, code) }
    let text = "\(error)"
    let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace || text.contains("No space left")
    return isFull ? .diskFull(path: path) : .cannotWrite(path: path, reason: text)
  }
}
