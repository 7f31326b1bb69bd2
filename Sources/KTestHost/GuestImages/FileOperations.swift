import Glibc
import KTestValues

/// The status of a file; two equal stamps mean that nobody has written to it in between.
struct FileStamp: Sendable, Equatable {
  var size: Int
  var modified: String
  var mode: UInt32
  var isDirectory: Bool { mode & 0o170000 == 0o040000 }
  var isRegular: Bool { mode & 0o170000 == 0o100000 }
  var isLink: Bool { mode & 0o170000 == 0o120000 }

  /// The size and the time of the last change, as text for keys.
  package var text: String { "\(size) \(modified)" }

  /// Returns nil if there is no such file.
  init?(_ path: String, followingLinks: Bool = true) {
    var result = stat()
    guard (followingLinks ? stat(path, &result) : lstat(path, &result)) == 0 else { return nil }
    size = Int(result.st_size)
    modified = "\(result.st_mtim.tv_sec).\(result.st_mtim.tv_nsec)"
    mode = UInt32(result.st_mode)
  }
}

/// File operations for images, with errors that name the file.
package enum Files {
  package static func failure(_ action: String, _ path: String, _ code: Int32 = errno) -> ImageError {
    code == ENOSPC || code == EDQUOT
      ? .diskFull(path: path) : .inputOutput(action: action, path: path, reason: String(cString: strerror(code)))
  }

  package static func exists(_ path: String) -> Bool { FileStamp(path) != nil }

  /// The maximum size in bytes of a file that goes into an image or that an image is made from: all of it ends up in
  /// the guest's memory.
  package static let limit = 1 << 30

  /// Opens a regular file of at most ``limit`` bytes.
  package static func open(_ path: String) throws -> RegularFile {
    do {
      return try RegularFile(path, limit: limit)
    } catch { throw failure("read", error) }
  }

  package static func read(_ path: String) throws -> [UInt8] {
    let file = try open(path)
    do {
      return try file.bytes()
    } catch { throw failure("read", error) }
  }

  package static func failure(_ action: String, _ problem: FileProblem) -> ImageError {
    switch problem {
    case .absent(let path): failure(action, path, ENOENT)
    case .failed(let path, let code): failure(action, path, code)
    case .notRegular, .tooLarge: .fileUnfit(path: problem.path, reason: problem.reason)
    }
  }

  package static func text(_ path: String) throws -> String { String(decoding: try read(path), as: UTF8.self) }

  /// Works like `mkdir -p`.
  package static func makeDirectory(_ path: String) throws {
    do {
      try HostFiles.makeDirectory(path)
    } catch { throw failure("create the directory", error) }
  }

  static func list(_ path: String) -> [String] { HostFiles.names(in: path) }
  static func remove(_ path: String) { HostFiles.remove(path) }

  /// Returns the path without symbolic links, or nil if there is no such file.
  static func real(_ path: String) -> String? { try? HostFiles.resolved(path) }

  /// Returns the target of a symbolic link as written, or nil for anything else.
  package static func target(ofLink path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
      }
    }
    guard count > 0 && count < buffer.count else { return nil }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  /// Returns the first file with a name in a directory's tree, in sorted order; links to directories are not followed.
  package static func find(_ name: String, below folder: String) -> String? {
    if exists(folder + "/" + name) { return real(folder + "/" + name) }
    for child in list(folder) where FileStamp(folder + "/" + child, followingLinks: false)?.isDirectory == true {
      if let found = find(name, below: folder + "/" + child) { return found }
    }
    return nil
  }

  /// Returns paths, sizes and times of all files below a directory, without `.git`, as one key.
  package static func fingerprint(tree: String) -> String {
    var hash = SHA256()
    var pending = [""]
    while let folder = pending.popLast() {
      for name in list(tree + folder) where name != ".git" {
        guard let stamp = FileStamp(tree + folder + "/" + name, followingLinks: false) else { continue }
        if stamp.isDirectory {
          pending.append(folder + "/" + name)
        } else {
          hash.update("\(folder)/\(name)\0\(stamp.text) \(stamp.mode)\n")
        }
      }
    }
    return hash.hex()
  }
}
