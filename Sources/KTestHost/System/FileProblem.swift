import Glibc

/// The reason why a file cannot be read or written.
package enum FileProblem: Error, Sendable, Equatable, CustomStringConvertible {
  case absent(path: String)
  /// The file is not regular; `kind` says what it is: `a pipe`.
  case notRegular(path: String, kind: String)
  /// The file is too large; sizes are in bytes.
  case tooLarge(path: String, size: Int, limit: Int)
  /// A system call failed with this error number.
  case failed(path: String, errno: Int32)

  /// What is wrong, without the path.
  package var reason: String {
    switch self {
    case .absent: String(cString: strerror(ENOENT))
    case .notRegular(_, let kind): "it is \(kind), not a regular file"
    case .tooLarge(_, let size, let limit): "it has \(size) bytes; the limit is \(limit)"
    case .failed(_, let code): String(cString: strerror(code))
    }
  }

  /// The error number that is closest to the problem.
  package var code: Int32 {
    switch self {
    case .absent: ENOENT
    case .notRegular: EINVAL
    case .tooLarge: EFBIG
    case .failed(_, let code): code
    }
  }

  /// Whether there is no room: of the disk, or in a quota.
  package var isFull: Bool { code == ENOSPC || code == EDQUOT }

  package var path: String {
    switch self {
    case .absent(let path), .notRegular(let path, _), .tooLarge(let path, _, _), .failed(let path, _): path
    }
  }

  package var description: String { "\(path): \(reason)" }

  static func of(_ code: Int32, _ path: String) -> FileProblem {
    code == ENOENT || code == ENOTDIR ? .absent(path: path) : .failed(path: path, errno: code)
  }
}
