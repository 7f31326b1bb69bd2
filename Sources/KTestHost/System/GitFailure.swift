/// The reasons why git could not be called.
package enum GitFailure: Error, Sendable, Equatable, CustomStringConvertible {
  case missing
  case notStarted(reason: String)
  /// The repository belongs to another user, so git refuses to read it.
  case distrusted(path: String)

  package var isUsage: Bool {
    if case .distrusted = self { return true }
    return false
  }

  package var description: String {
    switch self {
    case .missing: "git is not installed; install the package git"
    case .notStarted(let reason): "cannot start git: \(reason)"
    case .distrusted(let path):
      "git refuses \(path), which belongs to another user; if you trust it: "
        + "git config --global --add safe.directory '\(path)'"
    }
  }
}
