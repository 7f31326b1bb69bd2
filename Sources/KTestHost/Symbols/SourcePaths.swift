/// Converts the paths in debug information, which depend on where the kernel was built, to paths from the top of the
/// tree.
struct SourcePaths {
  private let prefix: String?

  /// Creates a converter. `start` is the file of `start_kernel`, which is `init/main.c` in every tree.
  init(startKernel start: String?) {
    let main = "init/main.c"
    let path = start.map(Paths.normalized)
    prefix = path.flatMap { $0.hasSuffix("/" + main) ? String($0.dropLast(main.count)) : nil }
  }

  func relative(_ path: String) -> String {
    let path = Paths.normalized(path)
    guard let prefix, path.hasPrefix(prefix) else { return path }
    return String(path.dropFirst(prefix.count))
  }
}
