import Glibc

/// A copy of a user's checkout to build in, because builds write into their source tree. (ndctl's own deletes untracked
/// files, for example.)
///
/// Files keep their times, so that a build tool rebuilds only what has changed. `.git` is left out at every level: a
/// build that calls git must not reach the user's repository.
struct SourceCopy {
  let source: String
  let copy: String
  /// Whether files keep their times.
  var keepsTimes = true

  /// Updates the copy: files that differ in kind, size, time or permissions are copied, and files that no longer exist
  /// are removed. Symbolic links are copied as links, into the copy if they pointed into the source; sockets and the
  /// like are skipped.
  func refresh() throws { try refresh("") }

  private func refresh(_ folder: String) throws {
    try Files.makeDirectory(copy + folder)
    let names = Files.list(source + folder).filter { $0 != ".git" }
    let wanted = Set(names)
    for name in Files.list(copy + folder) where !wanted.contains(name) { Files.remove("\(copy)\(folder)/\(name)") }
    for name in names {
      try Task.checkCancellation()
      let path = "\(folder)/\(name)"
      guard let stamp = FileStamp(source + path, followingLinks: false) else { continue }
      let old = FileStamp(copy + path, followingLinks: false)
      if stamp.isDirectory {
        if old?.isDirectory == false { Files.remove(copy + path) }
        try refresh(path)
      } else if old != stamp, stamp.isRegular || stamp.isLink {
        Files.remove(copy + path)
        try stamp.isLink ? copyLink(path) : copyFile(path, mode: stamp.mode & 0o777)
      }
    }
  }

  func copyLink(_ path: String) throws {
    guard var target = Files.target(ofLink: source + path) else { throw Files.failure("read", source + path) }
    if target.hasPrefix(source + "/") { target = copy + target.dropFirst(source.count) }
    guard symlink(target, copy + path) == 0 else { throw Files.failure("create", copy + path) }
    try keepTime(of: path)
  }

  func copyFile(_ path: String, mode: UInt32) throws {
    let input = open(source + path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard input >= 0 else { throw Files.failure("read", source + path) }
    defer { close(input) }
    let output = open(copy + path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
    guard output >= 0 else { throw Files.failure("create", copy + path) }
    defer { close(output) }
    while true {
      let count = sendfile(output, input, nil, 1 << 24)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Files.failure("write", copy + path) }
      if count == 0 { break }
    }
    guard fchmod(output, mode_t(mode)) == 0 else { throw Files.failure("write", copy + path) }
    try keepTime(of: path)
  }

  private func keepTime(of path: String) throws {
    guard keepsTimes else { return }
    var information = stat()
    guard lstat(source + path, &information) == 0 else { throw Files.failure("read", source + path) }
    let times = [information.st_atim, information.st_mtim]
    guard utimensat(AT_FDCWD, copy + path, times, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw Files.failure("write", copy + path)
    }
  }
}
