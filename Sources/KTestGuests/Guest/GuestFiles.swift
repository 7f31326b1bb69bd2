internal import CLinux
internal import Glibc
internal import Synchronization

/// Gives kernels and initramfs to a QEMU that runs as another user and has no access to a private cache.
///
/// Files that QEMU cannot reach are hard-linked into a directory that it can search, which costs nothing. A file on
/// another file system, or one that only its owner may read, is copied instead, once for all guests of this process.
struct GuestFiles: Sendable {
  /// The directory that only this user may search.
  let directory: String
  /// The user as whom QEMU runs, or nil if it is ktest's own user.
  let user: GuestUser?
  /// The number of copies kept at the same time: a boot needs one kernel and one initramfs, and runs alternate between
  /// a few.
  private static let copies = 8

  /// Returns a path by which QEMU can read the file, until ``takeBack(from:)``.
  ///
  /// - Parameter role: distinguishes the files of one guest.
  func lend(_ path: String, to guest: String, as role: String) throws(GuestError) -> String {
    guard let user else { return path }
    // QEMU gets the path that was looked at: a link to it may lie where only ktest can search.
    if let open = GuestFiles.openToEverybody(path) { return open }
    let lent = "\(directory)/\(guest).\(role)"
    unlink(lent)
    var information = stat()
    // The status is read first: a link, even one that is removed again, changes the file's status, which identifies
    // copies.
    if stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG, information.st_mode & S_IROTH != 0,
      linkat(AT_FDCWD, path, AT_FDCWD, lent, AT_SYMLINK_FOLLOW) == 0
    {
      return lent
    }
    // Guests that start at the same time need the same copy, and a copy must not go before it is linked.
    try GuestFiles.turn.withLock { (_) throws(GuestError) in
      let copy = try copied(path, for: user)
      guard link(copy, lent) == 0 else { throw failure(path) }
    }
    return lent
  }

  private static let turn = Mutex(())

  /// Creates a file that QEMU can write; its name is gone after ``takeBack(from:)``.
  func receive(from guest: String, as role: String) throws(GuestError) -> ReceivedFile {
    let path = "\(directory)/\(guest).\(role)"
    unlink(path)
    guard let file = ReceivedFile(creating: path) else { throw failure(path) }
    if let user, fchown(file.descriptor, user.uid, user.gid) != 0 { throw failure(path) }
    return file
  }

  /// Removes the files that were given to a guest. QEMU opens its files before it first answers.
  func takeBack(from guest: String) {
    for name in names where name.hasPrefix("\(guest).") { unlink("\(directory)/\(name)") }
  }

  /// Removes everything, including copies.
  func removeAll() {
    for name in names { unlink("\(directory)/\(name)") }
  }

  private var names: [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  private func failure(_ path: String) -> GuestError {
    .unreadable(path: path, user: user?.name, reason: String(cString: strerror(errno)))
  }

  /// Returns the path without links, or nil unless the modes of the file and of every directory above it let anybody
  /// read it.
  static func openToEverybody(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    let found = String(cString: resolved)
    var place = found
    var wanted = S_IROTH
    while true {
      var information = stat()
      guard stat(place.isEmpty ? "/" : place, &information) == 0, information.st_mode & wanted != 0 else {
        return nil
      }
      guard let slash = place.lastIndex(of: "/") else { return found }
      place = String(place[..<slash])
      wanted = S_IXOTH
    }
  }

  // MARK: copies

  private func copied(_ path: String, for user: GuestUser) throws(GuestError) -> String {
    let source = open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw failure(path) }
    defer { close(source) }
    var information = stat()
    guard fstat(source, &information) == 0 else { throw failure(path) }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, user: user.name, reason: "it is not a regular file")
    }
    let times = [information.st_mtim, information.st_ctim].map { "\($0.tv_sec).\($0.tv_nsec)" }
    let name =
      "copy-\(information.st_dev)-\(information.st_ino)-\(information.st_size)-\(times.joined(separator: "-"))"
    let copy = "\(directory)/\(name)"
    if access(copy, F_OK) == 0 { return copy }
    let older = names.filter { $0.hasPrefix("copy-") }
    if older.count >= GuestFiles.copies { for name in older { unlink("\(directory)/\(name)") } }
    let unfinished = "\(directory)/unfinished-\(name)"
    unlink(unfinished)
    let target = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard target >= 0 else { throw failure(path) }
    defer { close(target) }
    guard GuestFiles.copy(source, to: target), fchown(target, uid_t.max, user.gid) == 0, fchmod(target, 0o640) == 0,
      rename(unfinished, copy) == 0
    else {
      let error = failure(path)
      unlink(unfinished)
      throw error
    }
    return copy
  }

  /// Copies a file. Returns false and sets `errno` if this fails.
  private static func copy(_ source: Int32, to target: Int32) -> Bool {
    // Share the blocks if the file system can.
    while true {
      let count = ktest_copy_file_range(source, target, 1 << 30)
      if count == 0 { return true }
      if count < 0 && errno != EINTR { break }
    }
    // These two file systems cannot share blocks. Both offsets are where the loop stopped.
    let size = 1 << 20
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(source, buffer.baseAddress, size)
      if count == 0 { return true }
      if count < 0 {
        if errno == EINTR { continue }
        return false
      }
      var written = 0
      while written < count {
        let step = write(target, buffer.baseAddress.map { $0 + written }, count - written)
        if step < 0 && errno != EINTR { return false }
        written += max(step, 0)
      }
    }
  }
}
