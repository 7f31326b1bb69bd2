internal import Glibc
import KTestHost
package import KTestValues

/// Where the running ktests of a user note what their guests take of the host.
///
/// Each process has a file of its own with a line for each guest, and keeps it locked until it ends: what a killed process
/// had is free at once. Whoever reads and changes the notes holds the lock `turn` meanwhile.
package final class ShareLedger: Sendable {
  package let directory: String
  /// The lock of this process's file.
  private let own: FileLock

  /// The maximum size of a file of shares in bytes.
  private static let limit = 1 << 20
  private static let turn = "turn"

  /// The directory of this user's ktests on this host.
  package static var place: String { "/tmp/ktest-shares-\(geteuid())" }

  /// - Throws: ``GuestError/noLedger``.
  package init(in directory: String = ShareLedger.place) throws(GuestError) {
    self.directory = directory
    mkdir(directory, 0o700)
    var status = stat()
    guard lstat(directory, &status) == 0 else {
      throw .noLedger(path: directory, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
      throw .noLedger(path: directory, reason: "it is not a directory of this user")
    }
    do {
      own = try ShareLedger.ownFile(in: directory)
    } catch { throw .noLedger(path: directory, reason: error.reason) }
  }

  private static func ownFile(in directory: String) throws(FileProblem) -> FileLock {
    var number = 0
    while true {
      // Somebody who looks for abandoned files may have this one just now, and remove it.
      let path = "\(directory)/\(getpid())-\(number)"
      if let lock = try FileLock(ifFree: path, mode: 0o600), lock.isLinked { return lock }
      number += 1
    }
  }

  deinit { unlink(own.path) }

  /// Replaces what this process has noted by what `change` makes of the shares of the others, while nobody else changes
  /// anything; nothing is written where it returns nil.
  ///
  /// - Returns: what `change` found out.
  /// - Throws: ``GuestError/noLedger``, `CancellationError`.
  package func update<Answer: Sendable>(
    _ change: @Sendable (_ others: [GuestShare]) -> (shares: [GuestShare]?, answer: Answer)
  ) async throws -> Answer {
    do {
      let turn = try await FileLock("\(directory)/\(ShareLedger.turn)")
      defer { withExtendedLifetime(turn) {} }
      let (shares, answer) = change(othersShares())
      if let shares { try write(shares) }
      return answer
    } catch let problem as FileProblem {
      throw GuestError.noLedger(path: problem.path, reason: problem.reason)
    }
  }

  private func othersShares() -> [GuestShare] {
    HostFiles.names(in: directory).flatMap { name -> [GuestShare] in
      let path = "\(directory)/\(name)"
      guard name != ShareLedger.turn, path != own.path else { return [] }
      if let lock = try? FileLock(ifFree: path) {
        withExtendedLifetime(lock) { if lock.isLinked { _ = unlink(path) } }
        return []
      }
      guard let bytes = try? RegularFile.bytes(of: path, limit: ShareLedger.limit) else { return [] }
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { GuestShare(line: $0) }
    }
  }

  /// Writes into the file that is locked: one in its place would not be.
  private func write(_ shares: [GuestShare]) throws(FileProblem) {
    let descriptor = open(own.path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .failed(path: own.path, errno: errno) }
    defer { close(descriptor) }
    let code = writeBytes(Array(shares.map { $0.line + "\n" }.joined().utf8), to: descriptor)
    if code != 0 { throw .failed(path: own.path, errno: code) }
  }
}
