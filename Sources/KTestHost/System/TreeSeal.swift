import Glibc
import KTestValues

/// The digests of all regular files below a directory of a cache, stored in it in the format of `sha256sum --check
/// .sha256`.
enum TreeSeal {
  static let name = ".sha256"

  /// Writes the seal, and returns the digests by path. `known` are digests that were already computed. Throws
  /// ``FileProblem``.
  @discardableResult
  static func seal(_ directory: String, known: [String: String] = [:]) throws(FileProblem) -> [String: String] {
    var digests: [String: String] = [:]
    for path in files(in: directory) where path != name {
      let file = "\(directory)/\(path)"
      // One line holds one path.
      guard !path.contains("\n"), !path.contains("\\") else { throw .notRegular(path: file, kind: "oddly named") }
      if let digest = known[path] { digests[path] = digest } else { digests[path] = try RegularFile(file).digest() }
    }
    let text = digests.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }.joined()
    try DurableFile.write(Array(text.utf8), to: "\(directory)/\(name)")
    return digests
  }

  enum State: Equatable {
    case whole
    /// An older ktest stored the directory without a seal.
    case unsealed
    /// The first file that has changed.
    case damaged(String)
  }

  /// Checks every file, reading those that were touched, or all after a reboot of the host.
  static func state(of directory: String, memory: DigestMemory) -> State {
    guard FileMark("\(directory)/\(name)") != nil else { return .unsealed }
    guard let (entries, bytes) = read(directory) else { return .damaged(name) }
    var hash = SHA256()
    hash.update(bytes)
    var isSettled = true
    for (path, _) in entries {
      guard let mark = FileMark("\(directory)/\(path)") else { return .damaged(path) }
      hash.update("\(mark.text)\n")
      isSettled = isSettled && mark.isSettled
    }
    let marks = hash.hex()
    if memory.recall(directory, marks) != nil { return .whole }
    for (path, digest) in entries {
      guard let found = try? RegularFile("\(directory)/\(path)").digest(), found == digest else {
        return .damaged(path)
      }
    }
    if isSettled { memory.remember(directory, marks, "whole") }
    return .whole
  }

  /// Returns the paths below the directory with their digests; nil if there is no seal, or it cannot be read.
  static func entries(of directory: String) -> [(path: String, digest: String)]? { read(directory)?.entries }

  private static func read(_ directory: String) -> (entries: [(path: String, digest: String)], bytes: [UInt8])? {
    guard let bytes = try? RegularFile.bytes(of: "\(directory)/\(name)", limit: 64 << 20) else { return nil }
    var entries: [(path: String, digest: String)] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      guard line.utf8.count > 66, line.dropFirst(64).hasPrefix("  ") else { return nil }
      entries.append((String(line.dropFirst(66)), String(line.prefix(64))))
    }
    return entries.isEmpty ? nil : (entries, bytes)
  }

  /// Returns the regular files below a directory, relative to it; links are neither listed nor followed.
  private static func files(in directory: String) -> [String] {
    var found: [String] = []
    var pending = [""]
    while let folder = pending.popLast() {
      for name in HostFiles.names(in: "\(directory)/\(folder)") {
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        var status = stat()
        guard lstat("\(directory)/\(path)", &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR { pending.append(path) }
        if status.st_mode & S_IFMT == S_IFREG { found.append(path) }
      }
    }
    return found
  }
}
