import Synchronization

/// Numbers for the names of files that are not finished.
final class DraftCounter: Sendable {
  private let last = Atomic(0)

  func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
