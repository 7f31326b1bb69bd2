import Glibc
import Synchronization

/// Who uses which entries of a cache, and when each was used last, so that what is not used any more can be removed.
///
/// A process lists the entries that it uses in a file of its own, which it keeps locked until it ends. An entry's key is its
/// path below the cache, such as `kernels/NAME`.
package struct CacheUse: Sendable {
  package let cache: String

  package init(_ cache: String) { self.cache = cache }

  /// Says that this process uses an entry until it ends. This must come before the look whether the entry is there: then
  /// either a cleaner finds the entry listed, or this process finds it gone.
  ///
  /// It is best effort: nothing is removed from a cache that cannot be written to.
  package func note(_ key: String) {
    guard !key.contains("\n") else { return }
    CacheUse.lists.withLock { lists in
      if lists[cache] == nil { lists[cache] = UseList(in: "\(cache)/.users") }
      lists[cache]?.add(key)
    }
    let mark = mark(of: key)
    if utimensat(AT_FDCWD, mark, nil, 0) == 0 { return }
    mkdir("\(cache)/.used", 0o755)
    let descriptor = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    if descriptor >= 0 { close(descriptor) }
  }

  /// What one running process uses.
  package struct User: Sendable, Equatable {
    package var pid: Int32
    package var keys: Set<String>
  }

  /// Returns the running processes that use the cache. The lists of others are removed.
  package func users() -> [User] {
    HostFiles.names(in: "\(cache)/.users").compactMap { name in
      let path = "\(cache)/.users/\(name)"
      if let lock = try? FileLock(ifFree: path) {
        withExtendedLifetime(lock) { if lock.isLinked { _ = unlink(path) } }
        return nil
      }
      guard let bytes = try? RegularFile.bytes(of: path, limit: 64 << 20) else { return nil }
      let keys = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      return User(pid: name.split(separator: "-").first.flatMap { Int32($0) } ?? 0, keys: Set(keys))
    }
  }

  /// Returns the time of the last use in seconds since 1970; nil if none was noted.
  package func lastUse(of key: String) -> Int? {
    var status = stat()
    return lstat(mark(of: key), &status) == 0 ? status.st_mtim.tv_sec : nil
  }

  /// Forgets an entry that is gone.
  func forget(_ key: String) { unlink(mark(of: key)) }

  /// Forgets all entries that are gone.
  package func forgetAbsent() {
    for name in HostFiles.names(in: "\(cache)/.used") {
      let key = name.split(separator: "+", omittingEmptySubsequences: false)
      // A name may have a plus itself: `6.12.117+deb12`.
      let folders = key.first == "images" ? 2 : 1
      let path = key.prefix(folders).joined(separator: "/") + "/" + key.dropFirst(folders).joined(separator: "+")
      if !HostFiles.exists("\(cache)/\(path)") { unlink("\(cache)/.used/\(name)") }
    }
  }

  private func mark(of key: String) -> String {
    "\(cache)/.used/" + key.map { $0 == "/" ? "+" : String($0) }.joined()
  }

  private static let lists = Mutex<[String: UseList]>([:])
}

/// The list of one process: a line for each entry.
private struct UseList: Sendable {
  let lock: FileLock
  var keys: Set<String> = []

  init?(in directory: String) {
    mkdir(directory, 0o755)
    // A cleaner may take a new file for one of a process that has ended, before it is locked.
    for _ in 0..<20 {
      let path = "\(directory)/\(getpid())-\(UseList.counter.next())"
      guard let lock = try? FileLock(ifFree: path), lock.isLinked else { continue }
      self.lock = lock
      return
    }
    return nil
  }

  mutating func add(_ key: String) {
    guard keys.insert(key).inserted else { return }
    let descriptor = open(lock.path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return }
    _ = writeBytes(Array((key + "\n").utf8), to: descriptor)
    close(descriptor)
  }

  private static let counter = DraftCounter()
}
