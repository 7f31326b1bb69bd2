internal import GRDB
import Glibc
import KTestHost
import KTestValues

/// An index over the journals of a state directory. It can be deleted at any time: the journals are the truth, and all of its
/// content comes from them. Running tests neither reads nor writes it.
///
/// Several ktests may write into it at once: runs are added in transactions, and SQLite's log lets others read meanwhile.
package struct HistoryStore: Sendable {
  /// What an update did.
  package struct Update: Sendable, Equatable {
    /// Runs that were added.
    package var added = 0
    /// Runs that are gone from the state directory.
    package var removed = 0
    /// Runs whose journal is damaged or of a newer version, with the reason. They are read again the next time.
    package var unreadable: [String: String] = [:]
    /// Whether the index was damaged and made anew.
    package var wasDamaged = false
  }

  package let state: String
  package let path: String
  private let queue: DatabaseQueue

  package static func path(in state: String) -> String { "\(state)/history.sqlite" }

  /// Opens the index, which is created if it is missing.
  /// - Parameter erasing: whether it is emptied first, whatever wrote it.
  /// - Throws: ``StoreError``, ``JournalError/noRuns(path:)`` if there is nothing to index.
  package init(state: String, erasing: Bool = false) throws {
    guard !(try listRuns(in: state)).isEmpty else { throw JournalError.noRuns(path: state + "/runs") }
    try self.init(state: state, path: HistoryStore.path(in: state), erasing: erasing)
  }

  init(state: String, path: String, erasing: Bool) throws {
    (self.state, self.path) = (state, path)
    // SQLite would make it readable for others, and its log takes the mode of the file.
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw StoreError.cannotOpen(path: path, reason: String(cString: strerror(errno))) }
    close(descriptor)
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(30)
    configuration.prepareDatabase { db in
      // The log is not flushed for each run: what a power cut takes is read from the journals again.
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
    }
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      if erasing { try queue.erase() }
      let migrator = StoreSchema.migrator
      guard try !queue.read(migrator.hasBeenSuperseded) else { throw StoreError.newer(path: path) }
      try migrator.migrate(queue)
    } catch { throw StoreError.meaning(error, path) }
  }

  func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
    do { return try await queue.read(body) } catch { throw StoreError.meaning(error, path) }
  }

  func write<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
    do { return try await queue.write(body) } catch { throw StoreError.meaning(error, path) }
  }

  /// The runs that one transaction adds.
  static let batchLength = 128

  /// Reads the journals of runs that are new or have changed. A run that is still running is left for the next time.
  package func update() async throws -> Update {
    var update = Update()
    let names = try listRuns(in: state)
    var known = try await read { db in
      try Row.fetchAll(db, sql: "SELECT name, mark FROM run").reduce(into: [String: String]()) { $0[$1[0]] = $1[1] }
    }
    var gone: [String] = []
    var batch: [MarkedRun] = []
    for name in names {
      try Task.checkCancellation()
      let former = known.removeValue(forKey: name)
      let mark = HistoryStore.mark(of: "\(state)/runs/\(name)")
      guard former != mark else { continue }
      do {
        let journal = try readJournal(at: "\(state)/runs/\(name)")
        guard journal.state != .running else { continue }
        batch.append(MarkedRun(run: IndexedRun(journal, name: name), mark: mark))
      } catch {
        update.unreadable[name] = "\(error)"
        if former != nil { gone.append(name) }
      }
      if batch.count == HistoryStore.batchLength {
        update.added += try await add(batch)
        batch = []
      }
    }
    update.added += try await add(batch)
    update.removed = known.count
    try await remove(gone + known.keys.sorted())
    try await summarise()
    return update
  }

  /// Changes when the events of the run do. Neither a pruned console nor a copy that keeps the times changes it.
  private static func mark(of directory: String) -> String {
    var status = stat()
    guard stat(directory + "/events.jsonl", &status) == 0 else { return "" }
    return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }

  private func remove(_ names: [String]) async throws {
    guard !names.isEmpty else { return }
    try await write { db in
      for name in names { try HistoryStore.remove(name, db) }
    }
  }

  /// Its results stay in the strips, and are passed over there.
  static func remove(_ name: String, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM run WHERE name = ?", arguments: [name])
    try db.execute(sql: "UPDATE series SET isStale = 1")
  }

  /// Computes anew what is kept ready of series that have changed.
  package func summarise() async throws {
    let stale = try await read { db in try Int64.fetchAll(db, sql: "SELECT id FROM series WHERE isStale") }
    for start in stride(from: 0, to: stale.count, by: 1000) {
      try Task.checkCancellation()
      try await write { db in
        var reader = StripReader(db)
        let keeping = SeriesKeeping(db: db)
        for id in stale[start..<min(start + 1000, stale.count)] {
          let (window, newest, counted) = try reader.window(id)
          try keeping.save(window, of: id, newest: newest, counted: counted)
        }
      }
    }
  }
}
