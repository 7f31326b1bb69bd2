import FoundationEssentials
import Glibc

/// Where sources, build directories and finished kernels are kept.
///
/// - `kernels/build-…`: what can be booted, complete or not there at all, and never changed ( ``KernelCache``).
/// - `builds/ID`: one `make O=` directory for each tree, configuration and compiler. What is in it may be half done; its
///   record says what was finished in it.
/// - `sources`: unpacked source packages, and one checkout for each git repository.
public struct KernelBuildCache: Sendable {
  public let root: String
  /// Is told of a finished kernel that is not what it was.
  private let notice: @Sendable (String) -> Void

  public init(root: String, notice: @escaping @Sendable (String) -> Void = { _ in }) {
    self.root = root
    self.notice = notice
  }

  public var kernels: KernelCache { KernelCache(directory: "\(root)/kernels", notice: notice) }

  func build(_ id: String) -> String { "\(root)/builds/\(id)" }
  func source(_ name: String) -> String { "\(root)/sources/\(name)" }

  func makeDirectory(_ path: String) throws(KernelBuildError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw KernelFiles.isDirectory(path)
        ? .cannotWrite(path: path, reason: "\(error)") : KernelBuildError.writing(path, errno)
    }
  }

  /// Whole or not at all.
  func write(_ text: String, to path: String) throws(KernelBuildError) {
    do {
      try DurableFile.write(Array(text.utf8), to: path)
    } catch {
      throw BuildFault.of(error, path: path)
    }
  }

  func text(_ path: String, limit: Int = 16 << 20) -> String? {
    (try? KernelFiles.read(path, limit: limit)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Runs `body` while nobody else is at what `name` stands for. The system gives the lock free when its owner dies.
  /// `waiting` is called once when somebody else is at it.
  func locked<Result>(
    _ name: String, waiting: () -> Void, _ body: () async throws -> Result
  ) async throws -> Result {
    try makeDirectory("\(root)/builds/.locks")
    let path = "\(root)/builds/.locks/\(name)"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw KernelBuildError.writing(path, errno) }
    defer { close(descriptor) }
    var hasWaited = false
    // Asked again and again, for a blocking wait would hold a thread of the pool.
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw KernelBuildError.writing(path, errno) }
      if !hasWaited { waiting() }
      hasWaited = true
      try await Task.sleep(for: .milliseconds(100))
    }
    return try await body()
  }
}

/// What was finished in a build directory.
struct BuildRecord: Codable, Sendable, Equatable {
  /// The tree, for people.
  var source: String
  /// `SourceState` of the last build that was finished; nil while one is under way.
  var complete: String?
  /// Files that a build of everything compiles.
  var files: Int
  /// Symbols that are set.
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

/// What Foundation's errors mean here.
enum BuildFault {
  static func of(_ error: any Error, path: String) -> KernelBuildError {
    if let error = error as? KernelBuildError { return error }
    if case .failed(_, let code)? = error as? FileProblem { return .writing(path, code) }
    let text = "\(error)"
    let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace || text.contains("No space left")
    return isFull ? .diskFull(path: path) : .cannotWrite(path: path, reason: text)
  }
}
