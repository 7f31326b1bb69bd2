import Glibc
import KTestHost

/// Opens the index of a state directory and brings it up to date. A damaged one is made anew from the journals.
///
/// One ktest does so at a time, and the others wait as long as it takes: SQLite would give up after some seconds, which on a
/// busy host are none, and must not find the file gone while somebody fills it.
/// - Parameters:
///   - rebuilding: whether it is made anew in any case, also one that a newer ktest has written.
///   - waiting: called once if another ktest is at it.
/// - Throws: ``StoreError``, ``JournalError``, `CancellationError`.
package func openHistory(
  in state: String, rebuilding: Bool = false, waiting: () -> Void = {}
) async throws -> (store: HistoryStore, update: HistoryStore.Update) {
  guard !(try listRuns(in: state)).isEmpty else { throw JournalError.noRuns(path: state + "/runs") }
  let path = HistoryStore.path(in: state)
  let lock: FileLock
  do { lock = try await FileLock(path + ".lock", waiting: waiting) } catch let problem as FileProblem {
    if case .failed(_, ENOSPC) = problem { throw StoreError.full(path: path) }
    throw StoreError.cannotOpen(path: problem.path, reason: problem.reason)
  }
  defer { withExtendedLifetime(lock) {} }
  do {
    let store = try HistoryStore(state: state, erasing: rebuilding)
    return (store, try await store.update())
  } catch StoreError.damaged {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    let store = try HistoryStore(state: state)
    var update = try await store.update()
    update.wasDamaged = true
    return (store, update)
  }
}
