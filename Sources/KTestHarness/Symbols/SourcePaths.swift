/// Makes the paths in debug information, which say where the kernel was built, paths from the top of the tree.
struct SourcePaths {
  private let prefix: String?

  /// `start` is the file of `start_kernel`, which every tree has in `init/main.c`.
  init(startKernel start: String?) {
    let main = "init/main.c"
    let path = start.map(Self.normalised)
    prefix = path.flatMap { $0.hasSuffix("/" + main) ? String($0.dropLast(main.count)) : nil }
  }

  func relative(_ path: String) -> String {
    let path = Self.normalised(path)
    guard let prefix, path.hasPrefix(prefix) else { return path }
    return String(path.dropFirst(prefix.count))
  }

  /// Without `.` and `..`.
  static func normalised(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}
