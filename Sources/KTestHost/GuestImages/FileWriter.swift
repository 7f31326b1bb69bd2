import Glibc
import KTestValues

/// Writes a new file from its start and hashes what it writes.
struct FileWriter: ~Copyable {
  let path: String
  private let descriptor: Int32
  private var hash = SHA256()
  private(set) var size = 0

  init(_ path: String, mode: UInt32 = 0o644) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
    guard descriptor >= 0 else { throw Files.failure("create", path) }
  }

  deinit { close(descriptor) }

  /// The SHA-256 of everything written so far.
  var sha256: String { hash.hex() }

  mutating func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Copies a file, which must have exactly `size` bytes.
  mutating func write(file: String, size expected: Int) throws {
    let source = try Files.open(file)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var total = 0
    while true {
      let count: Int
      do {
        count = try source.read(into: &buffer)
      } catch { throw Files.failure("read", error) }
      if count == 0 { break }
      total += count
      guard total <= expected else { break }
      try buffer.withUnsafeBytes { try write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
    guard total == expected else {
      throw ImageError.fileUnfit(path: file, reason: "it changed from \(expected) bytes while it was copied")
    }
  }

  /// Returns when everything written is on the disk.
  func flush() throws {
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else { throw Files.failure("write", path) }
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    let code = writeBytes(bytes, to: descriptor)
    guard code == 0 else { throw Files.failure("write", path, code) }
    hash.update(bytes)
    size += bytes.count
  }
}
