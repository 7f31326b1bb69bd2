internal import Foundation
import KTestHost

/// Removal of roots in a directory for temporary files. The driver's knowledge about QEMU is kept elsewhere.
extension EmbeddedRoot {
  static let temporaryDirectories = ["/tmp", "/var/tmp"]

  /// The prefix of every directory of temporary roots of this user.
  static var temporaryPrefix: String { "ktest-\(geteuid())-" }

  /// Removes a root, and the directory of roots if it was the last one. The caller holds its lock.
  static func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
    rmdir(Paths.parent(path))
  }

  /// Removes the temporary roots that killed processes of this user have left, whatever their caches were. A root with
  /// a guest that still runs is left to the next process of its own cache, which ends the guest and reports it, unless
  /// that cache is gone: then nobody would come.
  ///
  /// - Returns: the names of the guests that were ended.
  @discardableResult
  static func removeAbandoned(user: GuestUser?, in folders: [String] = temporaryDirectories) -> [String] {
    var ended: [String] = []
    for folder in folders {
      for name in names(in: folder) where name.hasPrefix(temporaryPrefix) && isOwnDirectory("\(folder)/\(name)") {
        let place = "\(folder)/\(name)"
        for number in names(in: place) where Int(number) != nil {
          let path = "\(place)/\(number)"
          guard access("\(path)/ktest.lock", F_OK) == 0, let lock = try? lock(path) else { continue }
          let root = EmbeddedRoot(path: path, user: user, lock: lock, isTemporary: false)
          if root.isOfNoCache { ended += root.endLeftGuests() }
          if !root.hasGuests {
            ForkMemory.remove(ForkMemory.directory(for: path))
            remove(path)
          }
        }
        // This succeeds only if no root is left in it.
        rmdir(place)
      }
    }
    return ended
  }

  /// Whether what the driver knows about QEMU is kept in a cache that is gone.
  private var isOfNoCache: Bool {
    var status = stat()
    return lstat("\(path)/cache", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
      && stat("\(path)/cache", &status) != 0 && errno == ENOENT
  }

  private static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  private static func isOwnDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_uid == geteuid() && status.st_mode & S_IFMT == S_IFDIR
  }
}
