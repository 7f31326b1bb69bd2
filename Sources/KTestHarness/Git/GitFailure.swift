/// Why git could not be asked.
public enum GitFailure: Error, Sendable, Equatable, CustomStringConvertible {
  case missing
  case notStarted(reason: String)
  /// The repository belongs to somebody else, and git does not read such a one by itself.
  case distrusted(path: String)

  public var isUsage: Bool {
    if case .distrusted = self { return true }
    return false
  }

  public var description: String {
    switch self {
    case .missing: "the program git is needed and is not installed; install the package git"
    case .notStarted(let reason): "git could not be started: \(reason)"
    case .distrusted(let path):
      "git does not read \(path), which belongs to another user; if you trust it: "
        + "git config --global --add safe.directory '\(path)'"
    }
  }
}
