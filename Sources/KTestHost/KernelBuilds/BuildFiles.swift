import Glibc

/// File operations that throw ``KernelBuildError``.
enum BuildFiles {
  static func makeDirectory(_ path: String) throws(KernelBuildError) {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .writing(path, errno) }
  }

  static func rename(_ old: String, to new: String) throws(KernelBuildError) {
    guard Glibc.rename(old, new) == 0 else { throw .writing(new, errno) }
  }

  /// Copies a file and creates the directories above its new place. Returns false if there is no such file.
  @discardableResult
  static func copy(_ old: String, to new: String) throws(KernelBuildError) -> Bool {
    guard let from = try? RegularFile(old) else { return false }
    do {
      try HostFiles.makeDirectory(Paths.parent(new))
    } catch { throw BuildFault.of(error, path: new) }
    let to = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard to >= 0 else { throw .writing(new, errno) }
    defer { close(to) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got: Int
      do {
        got = try from.read(into: &buffer)
      } catch { throw .cannotWrite(path: old, reason: error.reason) }
      if got == 0 { return true }
      let code = buffer[..<got].withUnsafeBytes { writeBytes($0, to: to) }
      guard code == 0 else { throw .writing(new, code) }
    }
  }
}
