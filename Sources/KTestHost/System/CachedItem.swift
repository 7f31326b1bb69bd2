import Glibc

/// An entry of a cache that can be made again.
package struct CachedItem: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case kernel, build, source, image
    /// A part that images are made of.
    case part
    /// What a killed process left.
    case leftover
  }

  package var kind: Kind
  package var name: String
  /// The files and directories that it consists of.
  package var paths: [String]
  /// What a process lists that uses it (``CacheUse``).
  package var key: String
  /// What a process locks that makes it.
  package var lock: String?
  /// Whether it can be removed only while no other ktest uses the cache.
  package var needsQuiet = false
  /// In seconds since 1970.
  package var lastUse: Int
  /// Its size on the disk.
  package var bytes: Int

  package init(
    _ kind: Kind, _ path: String, with others: [String] = [], key: String, lock: String? = nil,
    needsQuiet: Bool = false,
    in use: CacheUse
  ) {
    (self.kind, name, paths, self.key) = (kind, Paths.last(path), [path] + others, key)
    (self.lock, self.needsQuiet) = (lock, needsQuiet)
    lastUse = use.lastUse(of: key) ?? CachedItem.lastTouch(of: path)
    bytes = paths.reduce(0) { $0 + DiskUsage.bytes(of: $1) }
  }

  /// The name under which an entry is until its content is gone.
  package static let removedPrefix = ".gc-"

  /// Removes the entry, unless somebody uses or makes it. Returns whether it is gone.
  package func remove(from use: CacheUse) -> Bool {
    var held: FileLock?
    if let lock, HostFiles.isDirectory(Paths.parent(lock)) {
      held = try? FileLock(ifFree: lock)
      if held == nil { return false }
    }
    defer { withExtendedLifetime(held) {} }
    guard !isUsed(by: use.users()) else { return false }
    // From here on, who looks for it finds it gone; who has looked before has listed it.
    var moved: [(from: String, to: String)] = []
    for path in paths where HostFiles.exists(path) {
      let aside = "\(Paths.parent(path))/\(CachedItem.removedPrefix)\(getpid())-\(CachedItem.counter.next())"
      guard rename(path, aside) == 0 else { continue }
      moved.append((path, aside))
    }
    if isUsed(by: use.users()) {
      for (from, to) in moved where rename(to, from) != 0 { HostFiles.remove(to) }
      return false
    }
    for (_, aside) in moved { HostFiles.remove(aside) }
    use.forget(key)
    return !moved.isEmpty && moved.allSatisfy { !HostFiles.exists($0.to) }
  }

  /// Whether one of the processes uses it.
  package func isUsed(by users: [CacheUse.User]) -> Bool {
    needsQuiet ? !users.isEmpty : users.contains { $0.keys.contains(key) }
  }

  private static let counter = DraftCounter()

  /// The time when the path or a file directly in it was read or written last.
  private static func lastTouch(of path: String) -> Int {
    var latest = 0
    for name in [""] + HostFiles.names(in: path) {
      var status = stat()
      guard lstat(name.isEmpty ? path : "\(path)/\(name)", &status) == 0 else { continue }
      // Looking for the sizes has read all directories.
      let wasRead = status.st_mode & S_IFMT == S_IFREG ? status.st_atim.tv_sec : 0
      latest = max(latest, status.st_mtim.tv_sec, wasRead)
    }
    return latest
  }
}

/// The space that files take on the disk.
package enum DiskUsage {
  /// Returns the bytes of a file, or of everything below a directory. Links are not followed, and a file with several names is
  /// counted once.
  package static func bytes(of path: String) -> Int {
    struct Place: Hashable { var device: UInt, inode: UInt }
    var counted: Set<Place> = []
    var total = 0
    var pending = [path]
    while let next = pending.popLast() {
      var status = stat()
      guard lstat(next, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        pending += HostFiles.names(in: next).map { "\(next)/\($0)" }
      } else if status.st_nlink > 1 {
        guard counted.insert(Place(device: UInt(status.st_dev), inode: UInt(status.st_ino))).inserted else { continue }
      }
      total += Int(status.st_blocks) * 512
    }
    return total
  }
}
