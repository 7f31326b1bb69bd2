import Glibc
import KTestHost
import KTestValues

/// A file that the user names for a result. It is checked before the work begins, so that a wrong one costs nothing.
///
/// A regular file is replaced as a whole: a reader sees the old or the new content. A link is followed. Anything else
/// (a device, a FIFO, the descriptor of a shell's `>(…)`) is opened and written to, never replaced.
package struct OutputFile: Sendable, Equatable {
  /// The path as the user wrote it.
  package let path: String
  private let way: Way

  private enum Way: Sendable, Equatable {
    /// The path with links resolved.
    case replace(String)
    case open
    /// A descriptor of this process, such as `/dev/stdout`.
    case descriptor(Int32)
  }

  /// - Throws: ``OutputProblem`` if the file cannot be written.
  package init(_ path: String) throws(OutputProblem) {
    self.path = path
    var status = stat()
    guard !path.isEmpty, !path.utf8.contains(0) else { throw OutputProblem(path, "that is not a file name") }
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw OutputProblem(path, errno) }
      way = .replace(try OutputFile.target(of: path))
      return
    }
    let own = [STDOUT_FILENO, STDERR_FILENO].first { OutputFile.isSame(status, descriptor: $0) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw OutputProblem(path, "it is a directory; name a file in it")
    case S_IFBLK: throw OutputProblem(path, "it is a disk, which a report must not overwrite")
    case S_IFREG:
      // The shell has it open and would go on writing to the replaced file.
      if let own {
        way = .descriptor(own)
        return
      }
      let descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw OutputProblem(path, errno) }
      close(descriptor)
      let target = try OutputFile.resolved(path)
      // Another name of the file would keep the old content.
      way = status.st_nlink == 1 && access(Paths.parent(target), W_OK | X_OK) == 0 ? .replace(target) : .open
    case S_IFSOCK: throw OutputProblem(path, "it is a socket; name a file")
    default:
      guard access(path, W_OK) == 0 else { throw OutputProblem(path, errno) }
      way = .open
    }
  }

  /// Writes the text without the secrets of its URLs.
  ///
  /// - Throws: ``OutputProblem``, with `wasChecked`.
  package func write(_ text: String) throws(OutputProblem) {
    let bytes = Array(withoutSecrets(text).utf8)
    do throws(OutputProblem) {
      switch way {
      case .replace(let target): try replace(target, with: bytes)
      case .open: try overwrite(bytes)
      case .descriptor(let descriptor):
        let code = writeBytes(bytes, to: descriptor)
        if code != 0 { throw OutputProblem(path, code) }
      }
    } catch {
      throw OutputProblem(path: path, reason: error.reason, wasChecked: true)
    }
  }

  private func overwrite(_ bytes: [UInt8]) throws(OutputProblem) {
    // It must not block: a FIFO without a reader must not hang a finished run.
    let descriptor = Glibc.open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENXIO { throw OutputProblem(path, "no process reads from it") }
      throw OutputProblem(path, errno)
    }
    defer { close(descriptor) }
    let code = writeBytes(bytes, to: descriptor)
    if code != 0 { throw OutputProblem(path, code) }
  }

  private func replace(_ target: String, with bytes: [UInt8]) throws(OutputProblem) {
    var old = stat()
    let exists = stat(target, &old) == 0
    // A file that was put there since the check must not be replaced.
    if exists, old.st_mode & S_IFMT != S_IFREG { return try overwrite(bytes) }
    let draft = "\(Paths.parent(target))/.ktest-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw OutputProblem(path, errno) }
    var code = writeBytes(bytes, to: descriptor)
    if code == 0, exists {
      if fchown(descriptor, old.st_uid, old.st_gid) != 0 || fchmod(descriptor, old.st_mode & 0o777) != 0 {
        code = errno
      }
    }
    if code == 0, fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { code = errno }
    close(descriptor)
    if code == 0, rename(draft, target) != 0 { code = errno }
    if code == 0 { return }
    unlink(draft)
    throw OutputProblem(path, code)
  }

  /// Returns the path where a file that does not exist yet will be: a dangling link names the place.
  private static func target(of path: String) throws(OutputProblem) -> String {
    var name = path
    for _ in 0..<40 {
      var buffer = [CChar](repeating: 0, count: 4096)
      let count = readlink(name, &buffer, buffer.count)
      if count <= 0 { break }
      let link = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      name = link.hasPrefix("/") ? link : "\(Paths.parent(name))/\(link)"
    }
    guard !name.hasSuffix("/") else { throw OutputProblem(path, "no such directory") }
    let folder = Paths.parent(name)
    guard access(folder, W_OK | X_OK) == 0 else {
      throw errno == ENOENT
        ? OutputProblem(path, "no directory \(folder); create it first") : OutputProblem(path, errno)
    }
    return name
  }

  private static func resolved(_ path: String) throws(OutputProblem) -> String {
    guard let real = realpath(path, nil) else { throw OutputProblem(path, errno) }
    defer { free(real) }
    return String(cString: real)
  }

  private static func isSame(_ status: stat, descriptor: Int32) -> Bool {
    var other = stat()
    return fstat(descriptor, &other) == 0 && other.st_dev == status.st_dev && other.st_ino == status.st_ino
  }
}

/// The reason why a file that the user named cannot be written.
package struct OutputProblem: Error, Sendable, Equatable, CustomStringConvertible {
  package var path: String
  package var reason: String
  /// Whether the check before the work began had succeeded.
  package var wasChecked = false

  package var description: String {
    wasChecked
      ? "cannot write \(path): \(reason)"
      : "cannot write to \(path): \(reason); nothing was run, choose another file"
  }

  init(path: String, reason: String, wasChecked: Bool) {
    (self.path, self.reason, self.wasChecked) = (path, reason, wasChecked)
  }

  init(_ path: String, _ reason: String) { self.init(path: path, reason: reason, wasChecked: false) }
  init(_ path: String, _ code: Int32) { self.init(path, String(cString: strerror(code))) }
}
