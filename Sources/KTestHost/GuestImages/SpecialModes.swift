import Glibc

/// The setuid, setgid and sticky bits of an unpacked package. The guest needs them, because the package's programs run
/// there. On the host they would offer everybody an outdated setuid root program, so they are removed from the files
/// and kept in a list next to the folder.
struct SpecialModes: Sendable, Equatable {
  /// The modes with all bits, by path in the package.
  private(set) var modes: [String: UInt32] = [:]

  private static let bits: UInt32 = 0o7000
  private static func list(of folder: String) -> String { folder + ".modes" }

  /// Reads the list of a settled folder.
  init(of folder: String) {
    for line in ((try? Files.text(SpecialModes.list(of: folder))) ?? "").split(separator: "\n") {
      let fields = line.split(separator: "\t", maxSplits: 1)
      if fields.count == 2, let mode = UInt32(fields[0], radix: 8) { modes[String(fields[1])] = mode }
    }
  }

  /// Returns the mode that a file of the folder has in the package.
  func mode(of path: String, in folder: String, stamp: FileStamp) -> UInt32 {
    guard path.hasPrefix(folder + "/") else { return stamp.mode & 0o7777 }
    return modes[String(path.dropFirst(folder.count + 1))] ?? stamp.mode & 0o7777
  }

  /// Removes the bits, once. `name` is the future path of the folder.
  static func settle(_ folder: String, as name: String? = nil, cache: ImageCache) throws {
    let list = list(of: name ?? folder)
    if name == nil, Files.exists(list) { return }
    var lines: [String] = []
    var pending = [""]
    while let place = pending.popLast() {
      for child in Files.list(folder + place) {
        let path = "\(place)/\(child)"
        guard let stamp = FileStamp(folder + path, followingLinks: false), !stamp.isLink else { continue }
        if stamp.mode & bits != 0 {
          guard chmod(folder + path, mode_t(stamp.mode & 0o777)) == 0 else {
            throw Files.failure("write", folder + path)
          }
          lines.append("\(String(stamp.mode & 0o7777, radix: 8))\t\(path.dropFirst())")
        }
        if stamp.isDirectory { pending.append(path) }
      }
    }
    if name != nil, chmod(folder, 0o755) != 0 { throw Files.failure("write", folder) }
    try cache.write(list) { writer in try writer.write(Array(lines.joined(separator: "\n").utf8)) }
  }
}
