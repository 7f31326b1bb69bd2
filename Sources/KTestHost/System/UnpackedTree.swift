import Glibc

/// Cleans a directory into which a foreign archive was unpacked.
enum UnpackedTree {
  /// Clears the setuid, setgid and sticky bits of everything below a directory: on the host they would be a way to root.
  static func dropSpecialBits(below directory: String) throws(FileProblem) {
    try visit(directory) { path, status throws(FileProblem) in
      guard status.st_mode & S_IFMT != S_IFLNK, status.st_mode & 0o7000 != 0 else { return }
      guard chmod(path, status.st_mode & 0o777) == 0 else { throw .of(errno, path) }
    }
  }

  /// Removes pipes, sockets and device nodes: opening one in a cache could block, and reading one might never end.
  static func removeSpecialFiles(below directory: String) throws(FileProblem) {
    try visit(directory) { path, status throws(FileProblem) in
      if ![S_IFDIR, S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT) { unlink(path) }
    }
  }

  /// Moves the content of a tree into another one, which is created if necessary. Links are never followed; what is in both
  /// stays as it is in the other.
  static func merge(_ source: String, into target: String) throws(FileProblem) {
    try HostFiles.makeDirectory(target)
    var pending = [""]
    while let folder = pending.popLast() {
      for name in HostFiles.names(in: source + folder) {
        let path = "\(folder)/\(name)"
        var (status, other) = (stat(), stat())
        guard lstat(source + path, &status) == 0 else { throw .of(errno, source + path) }
        let isThere = lstat(target + path, &other) == 0
        if !isThere {
          guard rename(source + path, target + path) == 0 else { throw .of(errno, target + path) }
        } else if status.st_mode & S_IFMT == S_IFDIR, other.st_mode & S_IFMT == S_IFDIR {
          pending.append(path)
        }
      }
    }
  }

  private static func visit(
    _ directory: String, _ look: (_ path: String, _ status: stat) throws(FileProblem) -> Void
  ) throws(FileProblem) {
    var pending = [directory]
    while let folder = pending.popLast() {
      for name in HostFiles.names(in: folder) {
        let path = "\(folder)/\(name)"
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .of(errno, path) }
        try look(path, status)
        if status.st_mode & S_IFMT == S_IFDIR { pending.append(path) }
      }
    }
  }
}
