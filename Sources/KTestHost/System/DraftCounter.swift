import Synchronization

/// Numbers for the names of unfinished files.
package final class DraftCounter: Sendable {
  private let last = Atomic(0)

  package init() {}

  package func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
