import Glibc
import KTestValues

/// The SHA-256 of files, cached in a directory of a cache.
///
/// A digest is used until the file is touched or the host reboots: damage on a disk shows when it is read into memory
/// again.
package struct DigestMemory: Sendable {
  /// The directory, which is created when first needed.
  let directory: String

  package init(in directory: String) { self.directory = directory }

  /// Returns the SHA-256 (hex) of a regular file. Throws ``FileProblem``.
  package func digest(of path: String) throws(FileProblem) -> String {
    guard let mark = FileMark(path) else { return try RegularFile(path).digest() }
    if let known = recall(path, mark.text) { return known }
    let digest = try RegularFile(path).digest()
    if mark.isSettled, FileMark(path) == mark { remember(path, mark.text, digest) }
    return digest
  }

  /// Returns the value stored for a path in this `state`; nil also after a reboot of the host.
  func recall(_ path: String, _ state: String) -> String? {
    guard let file = try? RegularFile(place(of: path), limit: 4096), let bytes = try? file.bytes() else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[0] == FileMark.boot, !lines[0].isEmpty, lines[1] == state else { return nil }
    return lines[2].isEmpty ? nil : String(lines[2])
  }

  /// Stores a value, best effort: a missing value is computed again. It is not flushed to the disk because it is not
  /// used after a reboot.
  func remember(_ path: String, _ state: String, _ value: String) {
    mkdir(directory, 0o755)
    let target = place(of: path)
    let draft = "\(target).\(getpid())-\(DigestMemory.counter.next())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    let code = writeBytes(Array("\(FileMark.boot)\n\(state)\n\(value)\n".utf8), to: descriptor)
    close(descriptor)
    if code != 0 || rename(draft, target) != 0 { unlink(draft) }
  }

  private func place(of path: String) -> String { "\(directory)/\(SHA256.hex(of: path).prefix(32))" }
  private static let counter = DraftCounter()
}
