import Glibc
import KTestHost

/// Files by their content in a folder, so that each is there once for all runs.
struct SharedFiles: Sendable {
  /// The folder of all work, in which ``WorkFolder/files`` is.
  var root: String

  /// Puts a file there, and returns its name below ``root``.
  ///
  /// - Throws: `FileProblem`.
  func add(_ path: String) throws -> String {
    let folder = "\(root)/\(WorkFolder.files)"
    try HostFiles.makeDirectory(folder, mode: 0o755)
    let digest = try DigestMemory(in: "\(root)/digests").digest(of: path)
    let target = "\(folder)/\(digest)"
    let known = HostFiles.exists(target) ? try DigestMemory(in: "\(root)/digests").digest(of: target) : nil
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
}
