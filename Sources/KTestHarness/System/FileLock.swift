import Glibc

/// An exclusive lock on a file (flock(2)), held until the object goes. The system releases it when its holder dies.
final class FileLock: Sendable {
  let path: String
  private let descriptor: Int32

  /// Takes the lock of a file, which is created where it is missing, and waits for another holder: `waiting` is called
  /// once where there is one. No thread is blocked.
  ///
  /// Throws ``FileProblem`` and `CancellationError`.
  init(_ path: String, waiting: () -> Void = {}) async throws {
    self.path = path
    descriptor = try FileLock.opened(path, mode: 0o644)
    var hasWaited = false
    // Asked again and again, for a blocking wait would hold a thread of the pool.
    while try !FileLock.take(descriptor, path) {
      if !hasWaited { waiting() }
      hasWaited = true
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Takes the lock if nobody holds it, and is nil otherwise. `mode` is that of a new file.
  init?(ifFree path: String, mode: mode_t = 0o644) throws(FileProblem) {
    self.path = path
    descriptor = try FileLock.opened(path, mode: mode)
    guard try FileLock.take(descriptor, path) else { return nil }
  }

  deinit { close(descriptor) }

  /// Whether the file that is locked still has its name: one that was removed in between locks nothing.
  var isLinked: Bool {
    var opened = stat()
    var named = stat()
    return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev
      && opened.st_ino == named.st_ino
  }

  private static func opened(_ path: String, mode: mode_t) throws(FileProblem) -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .failed(path: path, errno: errno) }
    return descriptor
  }

  private static func take(_ descriptor: Int32, _ path: String) throws(FileProblem) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK || errno == EINTR else { throw .failed(path: path, errno: errno) }
    return false
  }
}
