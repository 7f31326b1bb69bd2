import Glibc

/// Blocking reads and looks at the file system, in the words of `KernelError`.
enum KernelFiles {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Absolute and without symbolic links. Throws `notFound` or `unreadable`.
  static func resolved(_ path: String) throws(KernelError) -> String {
    guard let resolved = realpath(path, nil) else {
      let code = errno
      throw code == ENOENT || code == ENOTDIR ? .notFound(path: path) : unreadable(path, code)
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Names in a directory, sorted; empty where there is no such directory.
  static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Takes setuid, setgid and sticky bits off everything below a directory: nothing of a kernel package needs them, and
  /// on the host they would be somebody's way to root.
  static func dropSpecialBits(below directory: String) throws(KernelError) {
    var pending = [directory]
    while let folder = pending.popLast() {
      for name in names(in: folder) {
        let path = "\(folder)/\(name)"
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { continue }
        if status.st_mode & 0o7000 != 0, chmod(path, status.st_mode & 0o777) != 0 { throw unreadable(path, errno) }
        if status.st_mode & S_IFMT == S_IFDIR { pending.append(path) }
      }
    }
  }

  /// Bytes of all regular files directly in a directory.
  static func size(ofFilesIn directory: String) -> Int {
    names(in: directory).reduce(0) { $0 + (size(of: "\(directory)/\($1)") ?? 0) }
  }

  static func size(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  /// The first `limit` bytes of a regular file.
  static func read(_ path: String, limit: Int = .max) throws(KernelError) -> [UInt8] {
    do {
      return try RegularFile(path).bytes(limit: limit)
    } catch { throw KernelError(error) }
  }

  /// SHA-256 (hex) of a regular file, read in pieces.
  static func digest(of path: String) throws(KernelError) -> String {
    do {
      return try RegularFile(path).digest()
    } catch { throw KernelError(error) }
  }

  /// Size, time of change and place on disk in one line: the same line means that the file was not touched.
  static func stamp(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_dev):\(status.st_ino)"
  }

  /// A file that is not there is removed already.
  static func remove(_ path: String) { unlink(path) }

  static func message(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func unreadable(_ path: String, _ code: Int32) -> KernelError {
    .unreadable(path: path, reason: message(code))
  }
}

extension KernelError {
  init(_ problem: FileProblem) {
    if case .absent(let path) = problem {
      self = .notFound(path: path)
    } else {
      self = .unreadable(path: problem.path, reason: problem.reason)
    }
  }
}
