import Glibc

extension KernelFiles {
  /// Takes pipes, sockets and device nodes out of an unpacked package: no kernel needs them, and whoever opens one that
  /// lies in a cache waits, or reads without an end.
  static func removeSpecialFiles(below directory: String) throws(KernelError) {
    var folders = [directory]
    while let folder = folders.popLast() {
      for name in names(in: folder) {
        let path = "\(folder)/\(name)"
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .unreadable(path: path, reason: message(errno)) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: folders.append(path)
        case S_IFREG, S_IFLNK: continue
        default: remove(path)
        }
      }
    }
  }
}
