import Glibc

/// A directory that is treated as `/`: the host itself, or an unpacked package.
///
/// Symbolic links are followed inside of it, even absolute ones; nothing leads out.
struct FileRoot: Sendable, Equatable {
  /// The path without a trailing slash; empty for the host.
  let path: String

  static let host = FileRoot(path: "")

  /// Returns the real place of a path of this root, or nil if there is no such file. `/lib/x` and `/usr/lib/x` are the
  /// same file, because a package may use the other layout.
  func locate(_ wanted: String) -> String? {
    if let found = follow(wanted) { return found }
    let merged = ["/bin/", "/sbin/", "/lib/", "/lib64/"]
    if merged.contains(where: wanted.hasPrefix) { return follow("/usr" + wanted) }
    if wanted.hasPrefix("/usr"), merged.contains(where: wanted.dropFirst(4).hasPrefix) {
      return follow(String(wanted.dropFirst(4)))
    }
    return nil
  }

  private func follow(_ wanted: String) -> String? {
    var pending = Array(wanted.split(separator: "/").map(String.init).reversed())
    var place: [String] = []
    var links = 0
    while let name = pending.popLast() {
      if name == "." { continue }
      if name == ".." {
        _ = place.popLast()
        continue
      }
      let here = path + "/" + (place + [name]).joined(separator: "/")
      guard let stamp = FileStamp(here, followingLinks: false) else { return nil }
      guard stamp.isLink else {
        place.append(name)
        continue
      }
      links += 1
      guard links <= 40, let target = Files.target(ofLink: here) else { return nil }
      if target.hasPrefix("/") { place = [] }
      pending += target.split(separator: "/").map(String.init).reversed()
    }
    let result = path + "/" + place.joined(separator: "/")
    return Files.exists(result) ? result : nil
  }
}
