package import Glibc

/// Operations on the host's file system that need no open file.
package enum HostFiles {
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether a path is this user's, and nobody else may write to it.
  package static func isOwn(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
  }

  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Returns the size of a regular file in bytes, or nil for anything else.
  package static func size(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  /// Returns the text of a file in procfs or sysfs, or the first 64 KiB of another file.
  package static func smallText(of path: String) -> String? {
    // It must not block: opening a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(descriptor, &bytes, bytes.count)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Returns the absolute path without symbolic links.
  package static func resolved(_ path: String) throws(FileProblem) -> String {
    guard let resolved = realpath(path, nil) else { throw .of(errno, path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Returns the names in a directory, sorted by their bytes; there are none if the directory does not exist.
  package static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    guard let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) else { return [] }
    while let entry = readdir(stream) {
      // The field has 256 bytes, of which only those of the name are there: the last entry may end where the memory ends.
      let name = String(cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Creates a directory and its parents, like `mkdir -p`. It may exist already.
  package static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(FileProblem) {
    if mkdir(path, mode) == 0 { return }
    if errno == ENOENT, Paths.parent(path) != path, Paths.parent(path) != "." {
      try makeDirectory(Paths.parent(path), mode: mode)
      if mkdir(path, mode) == 0 { return }
    }
    let code = errno
    guard code == EEXIST, isDirectory(path) else {
      throw .failed(path: path, errno: code == EEXIST ? ENOTDIR : code)
    }
  }

  /// Removes a file or a whole tree. Links are removed and not followed. Files that cannot be removed stay.
  package static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    chmod(path, 0o700)
    for name in names(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
  }
}
