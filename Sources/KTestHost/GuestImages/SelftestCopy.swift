import Glibc

/// A copy of the parts of a kernel's tree that selftests are built from: their Makefiles write into their folder, and
/// nothing may be written into the user's tree.
///
/// A file that has changed gets the present time, not its own: `make` then builds what depends on it, even if the tree
/// now has an older state. Files that a build has made stay, because the copy knows which files are its own.
struct SelftestCopy {
  let source: String
  let copy: String
  /// The file that records what was copied.
  let record: String

  /// The parts, with `*` for any name in a folder. Tests include headers from all of these.
  static let parts =
    SelftestHeaders.parts + [
      "include/vdso", "tools/testing/selftests", "tools/testing/vsock", "tools/arch", "tools/build", "tools/lib",
      "tools/scripts", "lib/*.h", "mm/*.h",
    ]

  /// Returns the parts that a tree has, without `*`.
  static func present(in source: String) -> [String] {
    var found: Set<String> = []
    for part in parts {
      guard let star = part.firstIndex(of: "*") else {
        if Files.exists("\(source)/\(part)") { found.insert(part) }
        continue
      }
      let (folder, ending) = (part[..<star], part[part.index(after: star)...])
      for name in Files.list("\(source)/\(folder)") where name.hasSuffix(ending) { found.insert(folder + name) }
    }
    // A part inside of another one is a part of it.
    return found.sorted().filter { part in !found.contains { part.hasPrefix($0 + "/") } }
  }

  /// Returns a text that changes with the name, size or time of any file of the parts.
  static func state(of source: String) -> String {
    LayerBuild.key(
      present(in: source).flatMap { part -> [String] in
        let path = source + "/" + part
        guard let stamp = FileStamp(path) else { return [part, "absent"] }
        return [part, stamp.isDirectory ? Files.fingerprint(tree: path) : stamp.text]
      })
  }

  /// Copies what has changed since the last time, and removes what is gone.
  func refresh() throws {
    var before: [Substring: Substring] = [:]
    for line in ((try? Files.text(record)) ?? "").split(separator: "\n") {
      let fields = line.split(separator: "\t", maxSplits: 1)
      if fields.count == 2 { before[fields[1]] = fields[0] }
    }
    var lines: [String] = []
    for part in SelftestCopy.present(in: source) {
      try Files.makeDirectory(Paths.parent("\(copy)/\(part)"))
      try refresh(part, &before, &lines)
    }
    for path in before.keys { Files.remove("\(copy)/\(path)") }
    do {
      try DurableFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: record)
    } catch { throw Files.failure("write", error) }
  }

  private func refresh(_ path: String, _ before: inout [Substring: Substring], _ lines: inout [String]) throws {
    try Task.checkCancellation()
    guard let stamp = FileStamp("\(source)/\(path)", followingLinks: false) else { return }
    if stamp.isDirectory {
      try Files.makeDirectory("\(copy)/\(path)")
      for name in Files.list("\(source)/\(path)") where name != ".git" {
        try refresh("\(path)/\(name)", &before, &lines)
      }
      return
    }
    guard stamp.isRegular || stamp.isLink else { return }
    let state = "\(stamp.text) \(stamp.mode)"
    let old = before.removeValue(forKey: path[...])
    if old.map(String.init) != state || FileStamp("\(copy)/\(path)", followingLinks: false) == nil {
      Files.remove("\(copy)/\(path)")
      let files = SourceCopy(source: source, copy: copy, keepsTimes: false)
      try stamp.isLink ? files.copyLink("/" + path) : files.copyFile("/" + path, mode: stamp.mode & 0o777)
    }
    lines.append("\(state)\t\(path)")
  }
}
