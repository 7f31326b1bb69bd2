internal import GRDB
import Glibc

/// Why the index of runs cannot be used. The runs themselves are not affected.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// `reason` is SQLite's or the system's own message.
  case cannotOpen(path: String, reason: String)
  case locked(path: String)
  case newer(path: String)
  case damaged(path: String)
  case full(path: String)

  package var description: String {
    switch self {
    case .cannotOpen(let path, let reason):
      "cannot use the index of runs \(path): \(reason); the runs themselves are not affected"
    case .locked(let path):
      "the index of runs \(path) is locked: another program has held it for half a minute; try again later"
    case .newer(let path):
      "the index of runs \(path) was written by a newer ktest; use that one, or make it anew with 'ktest history --rebuild'"
    case .damaged(let path):
      "the index of runs \(path) is damaged; make it anew with 'ktest history --rebuild'"
    case .full(let path):
      "the disk is full: \(path) cannot grow; free some space, nothing is lost"
    }
  }

  /// Gives an error of SQLite its meaning. Other errors are returned as they are.
  static func meaning(_ error: any Error, _ path: String) -> any Error {
    // A value is not of its column's type, which SQLite does not check in a damaged page.
    if error is RowDecodingError { return StoreError.damaged(path: path) }
    guard let error = error as? DatabaseError else { return error }
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: return StoreError.damaged(path: path)
    case .SQLITE_BUSY, .SQLITE_LOCKED: return StoreError.locked(path: path)
    case .SQLITE_FULL: return StoreError.full(path: path)
    // SQLite says so where the file that it shares with other processes cannot grow.
    case .SQLITE_IOERR where freeSpace(at: path) < 1 << 20: return StoreError.full(path: path)
    // A table or column of the schema is missing: somebody changed the file.
    case .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_MISMATCH, .SQLITE_CONSTRAINT: return StoreError.damaged(path: path)
    default: return StoreError.cannotOpen(path: path, reason: error.message ?? "SQLite's error \(error.resultCode)")
    }
  }

  /// In bytes, for ordinary users.
  private static func freeSpace(at path: String) -> UInt {
    var space = statvfs()
    return statvfs(path, &space) == 0 ? UInt(space.f_bavail) * UInt(space.f_bsize) : .max
  }
}
