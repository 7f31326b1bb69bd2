import Synchronization

/// Numbers for the names of unfinished files.
final class DraftCounter: Sendable {
  private let last = Atomic(0)

  func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
