internal import CLinux
import Glibc

/// Bytes in a file without a name, for a program's standard input.
///
/// A program may end before it has read its input, which would block the writer of a pipe; a file is just closed.
enum AnonymousFile {
  /// Returns a descriptor at the file's beginning, which the caller closes. Throws ``FileProblem``.
  static func holding(_ bytes: some Collection<UInt8>) throws(FileProblem) -> Int32 {
    let descriptor = ktest_anonymous_file()
    guard descriptor >= 0 else { throw .failed(path: "memory", errno: errno) }
    let code = writeBytes(Array(bytes), to: descriptor)
    guard code == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      close(descriptor)
      throw .failed(path: "memory", errno: code == 0 ? EIO : code)
    }
    return descriptor
  }
}
