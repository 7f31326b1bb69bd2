internal import CLinux
import Glibc

/// Writes that have their name only when they are on the disk.
///
/// A rename can reach the disk before the bytes of the renamed file do: after a power cut the file is there, and full of
/// zeros.
enum DurableFile {
  /// Puts a file in place as a whole or not at all, and returns when it will stay. Throws ``FileProblem``.
  static func write(_ bytes: [UInt8], to path: String) throws(FileProblem) {
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

  /// Renames a directory when everything in it is on the disk. Throws ``FileProblem``.
  static func moveTree(_ draft: String, to path: String) throws(FileProblem) {
    let descriptor = open(draft, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .failed(path: draft, errno: errno) }
    // One call for all: a kernel has thousands of modules.
    let code = ktest_syncfs(descriptor) == 0 ? 0 : errno
    close(descriptor)
    guard code == 0 else { throw .failed(path: draft, errno: code) }
    guard rename(draft, path) == 0 else { throw .failed(path: path, errno: errno) }
    syncDirectory(of: path)
  }

  /// Has the names in the directory above a path on the disk, where the file system can.
  static func syncDirectory(of path: String) {
    sync(directory: Paths.parent(path))
  }

  /// Has the names in a directory on the disk, where the file system can.
  static func sync(directory: String) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static let counter = DraftCounter()
}
