import Glibc

/// The files of a source tree that a build was made from, according to kbuild's own dependency files (`.NAME.o.cmd`,
/// written by scripts/basic/fixdep.c).
package struct CompiledFiles: Sendable, Equatable {
  /// The paths relative to the source tree.
  package private(set) var paths: Set<String> = []

  package init() {}

  package init(paths: Set<String>) { self.paths = paths }

  /// Reads a build directory. `source` is the absolute path of the tree that was built.
  /// - Returns: nil if there are no dependency files, so that nothing is known.
  package static func read(build: String, source: String) -> CompiledFiles? {
    var files = CompiledFiles()
    let roots = Self.roots(of: source, for: build)
    var folders = [""]
    while let folder = folders.popLast() {
      for name in HostFiles.names(in: build + folder) {
        let path = "\(folder)/\(name)"
        // `source` is a link to the tree, which has its own folders.
        var status = stat()
        guard lstat(build + path, &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR {
          folders.append(path)
        } else if name.hasPrefix("."), name.hasSuffix(".cmd"), let bytes = try? KernelFiles.read(build + path) {
          files.add(bytes, roots: roots)
        }
      }
    }
    return files.paths.isEmpty ? nil : files
  }

  package mutating func formUnion(_ other: CompiledFiles) { paths.formUnion(other.paths) }

  /// Returns whether a change of these files can lead to another kernel: one of them was compiled or included, or it
  /// controls the build.
  package func matter(_ changed: [String]) -> Bool { changed.contains { paths.contains($0) || Self.steers($0) } }

  /// Returns the prefixes of paths into the tree. The kernel's Makefile uses the real path of the tree, whatever link
  /// led there, and `..` from a build directory directly below it.
  private static func roots(of source: String, for build: String) -> [String] {
    let real = (try? KernelFiles.resolved(source)) ?? source
    let above = (try? KernelFiles.resolved(build + "/..")) ?? ""
    return [source, real] + (above == real ? [".."] : [])
  }

  /// Returns whether the file controls the build. Makefiles, Kconfig and the build's programs are in no dependency
  /// file, nor are the tables, maps and scripts that code is generated from. Only sources that are not listed are known
  /// not to have been compiled.
  static func steers(_ path: String) -> Bool {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if ["Makefile", "Kbuild"].contains(name) || name.hasPrefix("Kconfig") || name.hasPrefix("Makefile.") {
      return true
    }
    let tools = ["scripts/", "tools/objtool/", "tools/lib/", "tools/include/", "tools/build/", "tools/arch/"]
    if tools.contains(where: path.hasPrefix) { return true }
    let others = ["Documentation/", "LICENSES/", "tools/", "samples/"]
    // Files at the top of the tree are the maintainers, the licence and the like.
    if others.contains(where: path.hasPrefix) || !path.contains("/") { return false }
    let sources = [".c", ".h", ".rs", ".dts", ".dtsi", ".dtso", ".rst", ".md", ".gitignore", ".kunitconfig"]
    return !sources.contains(where: name.hasSuffix)
  }

  /// Parses `source_mm/gup.o := PATH`, then `deps_mm/gup.o := \` and one path per line.
  mutating func add(_ text: [UInt8], source: String) { add(text, roots: [source]) }

  private mutating func add(_ text: [UInt8], roots: [String]) {
    let roots = roots.map { Array(($0.hasSuffix("/") ? $0 : $0 + "/").utf8) }
    for line in text.split(separator: UInt8(ascii: "\n")) {
      var word = line[...]
      if line.starts(with: "source_".utf8), let sign = line.firstRange(of: Array(":= ".utf8)) {
        word = line[sign.upperBound...]
      } else if line.first == UInt8(ascii: " ") {
        word = line.drop { $0 == UInt8(ascii: " ") }
        if word.last == UInt8(ascii: "\\") { word = word.dropLast() }
        while word.last == UInt8(ascii: " ") { word = word.dropLast() }
      } else {
        continue
      }
      if let root = roots.first(where: word.starts(with:)) { word = word.dropFirst(root.count) }
      // Remaining absolute paths belong to the host's compiler; `$(wildcard include/config/…)` is a symbol.
      guard let first = word.first, first != UInt8(ascii: "/"), first != UInt8(ascii: "$") else { continue }
      if word.starts(with: "./".utf8) { word = word.dropFirst(2) }
      paths.insert(String(decoding: word, as: UTF8.self))
    }
  }
}
