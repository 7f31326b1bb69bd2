internal import CLinux
import Glibc

/// Writes of files that get their name only when they are on the disk.
///
/// A rename can reach the disk before the bytes of the renamed file: after a power cut the file would exist but be full
/// of zeros.
package enum DurableFile {
  /// Writes a file completely or not at all, and returns when it is durable. Throws ``FileProblem``.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileProblem) {
    let draft = "\(path).\(getpid())-\(counter.next()).new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .failed(path: path, errno: errno) }
    var code = writeBytes(bytes, to: descriptor)
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, rename(draft, path) != 0 { code = errno }
    guard code == 0 else {
      unlink(draft)
      throw .failed(path: path, errno: code)
    }
    syncDirectory(of: path)
  }

  /// Renames a directory when all its content is on the disk. Throws ``FileProblem``.
  package static func moveTree(_ draft: String, to path: String) throws(FileProblem) {
    let descriptor = open(draft, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .failed(path: draft, errno: errno) }
    // One call for all files, because a kernel has thousands of modules.
    let code = ktest_syncfs(descriptor) == 0 ? 0 : errno
    close(descriptor)
    guard code == 0 else { throw .failed(path: draft, errno: code) }
    guard rename(draft, path) == 0 else { throw .failed(path: path, errno: errno) }
    syncDirectory(of: path)
  }

  /// Writes the names in the parent directory of a path to the disk, if the file system can.
  package static func syncDirectory(of path: String) {
    sync(directory: Paths.parent(path))
  }

  /// Has the names in a directory on the disk, where the file system can.
  package static func sync(directory: String) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static let counter = DraftCounter()
}
