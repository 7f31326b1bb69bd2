internal import Glibc
internal import Synchronization

/// A file that QEMU writes and ktest reads, also when it no longer has a name.
final class ReceivedFile: Sendable {
  let path: String
  let descriptor: Int32
  private let taken = Mutex<off_t>(0)

  /// Creates the file, for ktest's own user; returns nil and sets `errno` if it cannot or if it exists.
  init?(creating path: String) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Returns what was written since the last call.
  func readNew() -> [UInt8] {
    taken.withLock { taken in
      var bytes: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = pread(descriptor, &piece, piece.count, taken)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return bytes }
        bytes += piece.prefix(count)
        taken += count
      }
    }
  }
}
