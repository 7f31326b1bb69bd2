import Glibc
import KTestHost

/// Opens the index of a state directory and brings it up to date. A damaged one is made anew from the journals.
/// - Parameter rebuilding: whether it is made anew in any case, also one that a newer ktest has written.
/// - Throws: ``StoreError``, ``JournalError``.
package func openHistory(
  in state: String, rebuilding: Bool = false
) async throws -> (store: HistoryStore, update: HistoryStore.Update) {
  do {
    let store = try HistoryStore(state: state, erasing: rebuilding)
    return (store, try await store.update())
  } catch StoreError.damaged {
    let store = try await replaceHistory(in: state)
    var update = try await store.update()
    update.wasDamaged = true
    return (store, update)
  }
}

/// Removes a damaged index and begins a new one, unless another ktest has just done so: SQLite must not find the file gone
/// while somebody fills it.
private func replaceHistory(in state: String) async throws -> HistoryStore {
  let path = HistoryStore.path(in: state)
  let lock: FileLock
  do { lock = try await FileLock(path + ".lock") } catch let problem as FileProblem {
    throw StoreError.cannotOpen(path: problem.path, reason: problem.reason)
  }
  defer { withExtendedLifetime(lock) {} }
  if let store = try? HistoryStore(state: state), await store.isWhole() { return store }
  for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
  return try HistoryStore(state: state)
}
