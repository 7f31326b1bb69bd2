/// The reasons why a console log cannot be read.
package enum LogError: Error, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  /// The file has a gzip header but is damaged or truncated. The readable part was already delivered.
  case badGzip(path: String, complaint: String)
  case cannotFollowGzip(path: String)
  case gzipMissing

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read the log \(path): \(reason)"
    case .badGzip(let path, let complaint):
      "\(path) is damaged or truncated and could only be read in part: \(complaint)"
    case .cannotFollowGzip(let path): "\(path) is compressed with gzip and cannot be followed; remove --follow"
    case .gzipMissing: "reading this log needs gzip; install the package gzip"
    }
  }

  /// Whether the log is at fault, not this host.
  package var isUsage: Bool { self != .gzipMissing }
}
