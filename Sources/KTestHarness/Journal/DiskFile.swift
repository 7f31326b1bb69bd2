import Glibc
import KTestHost

/// The call that writes bytes to the disk, so that a test can make the disk full.
package struct DiskWrite: Sendable {
  /// Works like write(2): returns how many bytes were written, or -1 and the error number.
  var call: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> (count: Int, errno: Int32)

  static let system = DiskWrite { descriptor, bytes in
    let count = write(descriptor, bytes.baseAddress, bytes.count)
    return (count, errno)
  }
}

/// The error of a file operation, with the error number.
struct DiskError: Error {
  var errno: Int32
  var isFull: Bool { errno == ENOSPC || errno == EDQUOT }
  var reason: String { String(cString: strerror(errno)) }
}

/// A file that only grows.
final class DiskFile {
  let path: String
  /// The length in bytes.
  private(set) var length: Int
  private let descriptor: Int32
  private let disk: DiskWrite

  /// Opens or creates the file and the folders above it, readable only by the user.
  init(appendingTo path: String, disk: DiskWrite = .system) throws(DiskError) {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
    var descriptor = open(path, flags, 0o600)
    if descriptor < 0, errno == ENOENT {
      try makeDirectory(Paths.parent(path))
      descriptor = open(path, flags, 0o600)
    }
    guard descriptor >= 0 else { throw DiskError(errno: errno) }
    self.path = path
    self.descriptor = descriptor
    self.disk = disk
    length = max(0, Int(lseek(descriptor, 0, SEEK_END)))
  }

  deinit { close(descriptor) }

  /// - Parameter whole: whether to write all bytes or none.
  func append(_ bytes: [UInt8], whole: Bool = false) throws(DiskError) {
    let start = length
    var failure: Int32?
    bytes.withUnsafeBytes { raw in
      var rest = raw[...]
      while !rest.isEmpty, failure == nil {
        let (count, error) = disk.call(descriptor, UnsafeRawBufferPointer(rebasing: rest))
        if count > 0 {
          rest = rest.dropFirst(count)
          length += count
        } else if count == 0 || error != EINTR {
          failure = count == 0 ? EIO : error
        }
      }
    }
    guard let failure else { return }
    if whole, length != start {
      ftruncate(descriptor, off_t(start))
      length = start
    }
    throw DiskError(errno: failure)
  }

  /// Returns when the bytes are on the disk.
  func flush() throws(DiskError) {
    guard fdatasync(descriptor) == 0 || errno == EINVAL || errno == EROFS else { throw DiskError(errno: errno) }
  }
}

/// Creates a folder and those above it, accessible only by the user. An existing folder is not an error.
func makeDirectory(_ path: String) throws(DiskError) {
  do {
    try HostFiles.makeDirectory(path, mode: 0o700)
  } catch { throw DiskError(errno: error.code) }
}

/// Has the names in a folder on the disk, where the file system can; a run does not fail where it cannot.
func flushFolder(_ path: String) { DurableFile.sync(directory: path) }

/// Replaces a file completely or not at all.
func replaceFile(_ path: String, with bytes: [UInt8], disk: DiskWrite) throws(DiskError) {
  let draft = path + ".new"
  unlink(draft)
  do {
    let file = try DiskFile(appendingTo: draft, disk: disk)
    try file.append(bytes)
    try file.flush()
  } catch {
    unlink(draft)
    throw error
  }
  guard rename(draft, path) == 0 else { throw DiskError(errno: errno) }
}

/// Returns the bytes of a regular file, or its last `limit`, or nil if there is no such file. More than 1 GiB is
/// refused.
func readFile(_ path: String, last limit: Int? = nil) throws(DiskError) -> [UInt8]? {
  // Somebody may have sent a run's directory: a FIFO in it must not hang the reader.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else {
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw DiskError(errno: errno)
  }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw DiskError(errno: errno) }
  guard status.st_mode & S_IFMT == S_IFREG else { throw DiskError(errno: EINVAL) }
  if let limit, Int(status.st_size) > limit { lseek(descriptor, -off_t(limit), SEEK_END) }
  guard limit != nil || status.st_size <= 1 << 30 else { throw DiskError(errno: EFBIG) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: min(limit ?? .max, 65_536))
  while bytes.count < limit ?? .max {
    let count = read(descriptor, &buffer, min(buffer.count, (limit ?? .max) - bytes.count))
    if count == 0 { break }
    if count > 0 {
      bytes.append(contentsOf: buffer[..<count])
    } else if errno != EINTR {
      throw DiskError(errno: errno)
    }
  }
  return bytes
}
