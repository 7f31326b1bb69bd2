import Synchronization

/// The damaged files of a cache, each once.
final class DamageNotes: Sendable {
  private let paths = Mutex<[String]>([])

  /// Notes a file. Returns whether it is new.
  @discardableResult
  func add(_ path: String) -> Bool {
    paths.withLock { paths in
      guard !paths.contains(path) else { return false }
      paths.append(path)
      return true
    }
  }

  /// One sentence for each file.
  var sentences: [String] {
    paths.withLock { $0.map { "the cached file \($0) was damaged and is rebuilt" } }
  }
}
