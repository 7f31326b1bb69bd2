import Glibc
import KTestHost

/// Files by their content in a folder, so that each is there once for all runs.
struct SharedFiles: Sendable {
  /// The folder of all work, in which ``WorkFolder/files`` is.
  var root: String

  private var folder: String { "\(root)/\(WorkFolder.files)" }
  private var memory: DigestMemory { DigestMemory(in: "\(root)/digests") }

  /// Puts a file there, and returns its name below ``root``.
  ///
  /// - Throws: `FileProblem`.
  func add(_ path: String) throws -> String {
    try HostFiles.makeDirectory(folder, mode: 0o755)
    let digest = try memory.digest(of: path)
    // This must come before the look whether it is there: who removes old files looks for uses again when one has no name
    // any more.
    noteUse(of: digest)
    let target = "\(folder)/\(digest)"
    let known = HostFiles.exists(target) ? try memory.digest(of: target) : nil
    if known != digest { try copy(path, to: target) }
    return "\(WorkFolder.files)/\(digest)"
  }

  private func copy(_ path: String, to target: String) throws(FileProblem) {
    let file = try RegularFile(path)
    // Several tasks, processes and hosts may have the same file at the same time.
    let draft = "\(target).\(UInt64.random(in: 0 ... .max)).new"
    try file.copy(to: draft, mode: access(path, X_OK) == 0 ? 0o755 : 0o644)
    guard rename(draft, target) == 0 else {
      let code = errno
      unlink(draft)
      throw .failed(path: target, errno: code)
    }
  }

  /// The path below ``root`` of the empty file whose time says when a file was used last. The file's own time would not do:
  /// its digest would have to be computed again after each use.
  static func use(of name: String) -> String { "\(WorkFolder.uses)/\(Paths.last(name))" }

  private func noteUse(of digest: String) {
    let mark = "\(root)/\(SharedFiles.use(of: digest))"
    if utimensat(AT_FDCWD, mark, nil, 0) == 0 { return }
    mkdir("\(root)/\(WorkFolder.uses)", 0o755)
    let descriptor = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Why nothing of use can be written there, if there is no room; nil otherwise.
  func shortage() -> FileProblem? {
    var space = statvfs()
    if statvfs(root, &space) == 0, space.f_blocks > 0,
      UInt64(space.f_bavail) * UInt64(space.f_frsize) < SharedFiles.leastRoom
    {
      return .failed(path: root, errno: ENOSPC)
    }
    // A quota shows only when something is written.
    do throws(FileProblem) {
      let probe = "\(folder)/.room"
      try DurableFile.write([UInt8](repeating: 1, count: 1 << 16), to: probe)
      unlink(probe)
      return nil
    } catch { return error.isFull ? .failed(path: root, errno: error.code) : nil }
  }

  /// The bytes that must be free so that a worker is worth starting: consoles and outputs are written there.
  private static let leastRoom: UInt64 = 16 << 20
}
