package import Glibc

/// An exclusive lock on a file (flock(2)). It is held until the object is released, or until its process ends.
package final class FileLock: Sendable {
  package let path: String
  private let descriptor: Int32

  /// Locks a file, which is created if it is missing, and waits for another holder without blocking a thread. If there is
  /// one, `waiting` is called once.
  ///
  /// Throws ``FileProblem`` and `CancellationError`.
  package init(_ path: String, waiting: () -> Void = {}) async throws {
    self.path = path
    descriptor = try FileLock.opened(path, mode: 0o644)
    var hasWaited = false
    // Poll, because a blocking wait would hold a thread of the pool.
    while try !FileLock.take(descriptor, path) {
      if !hasWaited { waiting() }
      hasWaited = true
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Locks a file if nobody else holds the lock, and is nil otherwise. A new file gets this mode.
  package init?(ifFree path: String, mode: mode_t = 0o644) throws(FileProblem) {
    self.path = path
    descriptor = try FileLock.opened(path, mode: mode)
    guard try FileLock.take(descriptor, path) else { return nil }
  }

  deinit {
    // A program that is being started just now has the descriptor too, until its exec: to close it would not be enough.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Whether the locked file still has its name: a file that was removed meanwhile protects nothing.
  package var isLinked: Bool {
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
