internal import CLinux
package import Glibc

extension RegularFile {
  /// Copies the whole file to a new one; where the file system can, they share their blocks.
  ///
  /// Throws ``FileProblem``; nothing is left at the path then.
  package func copy(to path: String, mode: mode_t) throws(FileProblem) {
    let target = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard target >= 0 else { throw .failed(path: path, errno: errno) }
    var code: Int32 = 0
    while code == 0 {
      let count = ktest_copy_file_range(descriptor, target, 1 << 30)
      if count == 0 { break }
      if count < 0, errno != EINTR { code = errno }
    }
    // Not between these two file systems: byte by byte, from where it stands.
    if code == EXDEV || code == EINVAL || code == EOPNOTSUPP || code == ENOSYS { code = copyBytes(to: target) }
    if code == 0, fsync(target) != 0 { code = errno }
    if close(target) != 0, code == 0 { code = errno }
    guard code == 0 else {
      unlink(path)
      throw .failed(path: path, errno: code)
    }
  }

  private func copyBytes(to target: Int32) -> Int32 {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      guard let count = try? read(into: &buffer) else { return EIO }
      if count == 0 { return 0 }
      let code = writeBytes(Array(buffer[..<count]), to: target)
      if code != 0 { return code }
    }
  }
}
