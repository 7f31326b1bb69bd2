import Glibc
package import KTestValues

/// Reads files, blocking, and reports failures as `KernelError`.
package enum KernelFiles {
  /// Returns the path, absolute and without symbolic links. Throws `notFound` or `unreadable`.
  package static func resolved(_ path: String) throws(KernelError) -> String {
    do {
      return try HostFiles.resolved(path)
    } catch { throw KernelError(error) }
  }

  /// Removes what a cache must not contain from an unpacked package.
  static func clean(_ directory: String) throws(KernelError) {
    do {
      try UnpackedTree.dropSpecialBits(below: directory)
      try UnpackedTree.removeSpecialFiles(below: directory)
    } catch { throw KernelError(error) }
  }

  /// Returns the number of bytes of all regular files directly in a directory.
  package static func size(ofFilesIn directory: String) -> Int {
    HostFiles.names(in: directory).reduce(0) { $0 + (HostFiles.size(of: "\(directory)/\($1)") ?? 0) }
  }

  /// Returns the first `limit` bytes of a regular file.
  package static func read(_ path: String, limit: Int = .max) throws(KernelError) -> [UInt8] {
    do {
      return try RegularFile(path).bytes(limit: limit)
    } catch { throw KernelError(error) }
  }

  /// Returns the SHA-256 (hex) of a regular file, read in pieces.
  package static func digest(of path: String) throws(KernelError) -> String {
    do {
      return try RegularFile(path).digest()
    } catch { throw KernelError(error) }
  }

  /// Returns size, time of change and place on disk on one line: an equal line means that the file was not touched.
  package static func stamp(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_dev):\(status.st_ino)"
  }

  /// Removes a file. It is not an error if there is none.
  package static func remove(_ path: String) { unlink(path) }

  package static func message(_ code: Int32) -> String { String(cString: strerror(code)) }
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
