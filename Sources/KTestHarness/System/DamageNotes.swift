import Synchronization

/// Files of a cache that were not what was put there, each once.
final class DamageNotes: Sendable {
  private let paths = Mutex<[String]>([])

  /// Whether it is news.
  @discardableResult
  func add(_ path: String) -> Bool {
    paths.withLock { paths in
      guard !paths.contains(path) else { return false }
      paths.append(path)
      return true
    }
  }

  /// One sentence for each.
  var sentences: [String] {
    paths.withLock { $0.map { "the cached file \($0) was damaged: it is made anew" } }
  }
}
