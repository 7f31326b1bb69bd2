import Glibc
import KTestValues

/// An open regular file, closed with the object.
///
/// All files that a user names are opened this way. A pipe without a writer would block forever, and a device such as
/// `/dev/zero` has no end.
package final class RegularFile: Sendable {
  package let path: String
  /// The size in bytes when it was opened.
  package let size: Int
  let descriptor: Int32

  /// Opens a file. `limit` is the maximum size in bytes. Throws ``FileProblem``.
  package init(_ path: String, limit: Int = .max) throws(FileProblem) {
    // It must not block: opening a pipe would wait for its writer. The flag has no effect on a regular file.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw .of(errno, path) }
    var status = stat()
    let code = fstat(descriptor, &status) == 0 ? 0 : errno
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
    // The object is complete, so it closes the descriptor if anything is thrown from here on.
    guard code == 0 else { throw .of(code, path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .notRegular(path: path, kind: RegularFile.kind(status.st_mode))
    }
    guard size <= limit else { throw .tooLarge(path: path, size: size, limit: limit) }
  }

  deinit { close(descriptor) }

  /// Reads the next bytes into the buffer from `start` to at most its end; returns 0 at the end of the file.
  func read(into buffer: inout [UInt8], from start: Int = 0) throws(FileProblem) -> Int {
    while true {
      let (count, code) = buffer.withUnsafeMutableBytes { bytes in
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
        let count = Glibc.read(descriptor, rest.baseAddress, rest.count)
        return (count, errno)
      }
      if count >= 0 { return count }
      guard code == EINTR else { throw .of(code, path) }
    }
  }

  /// Returns the first `limit` bytes, or all that existed when the file was opened.
  package func bytes(limit: Int = .max) throws(FileProblem) -> [UInt8] {
    let wanted = min(limit, size)
    var bytes = [UInt8](repeating: 0, count: wanted)
    var used = 0
    while used < wanted {
      let count = try read(into: &bytes, from: used)
      if count == 0 { break }
      used += count
    }
    bytes.removeLast(wanted - used)
    return bytes
  }

  /// Returns `count` bytes from an offset on, or less at the end of the file. It does not move what ``read(into:from:)`` reads.
  func bytes(at offset: Int, count: Int) throws(FileProblem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    while true {
      let got = pread(descriptor, &bytes, count, off_t(offset))
      if got >= 0 { return Array(bytes[..<got]) }
      guard errno == EINTR else { throw .of(errno, path) }
    }
  }

  /// Returns the SHA-256 (hex) of the whole file.
  package func digest() throws(FileProblem) -> String {
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try read(into: &buffer)
      if count == 0 { return hash.hex() }
      hash.update(buffer[..<count])
    }
  }

  /// Returns the bytes of a file of at most `limit` bytes; a larger one is refused. Throws ``FileProblem``.
  package static func bytes(of path: String, limit: Int) throws(FileProblem) -> [UInt8] {
    try RegularFile(path, limit: limit).bytes()
  }

  private static func kind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something else"
    }
  }
}
