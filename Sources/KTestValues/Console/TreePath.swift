/// Turns the paths of a log, which depend on where and how the kernel was built, into paths from the top of its source
/// tree: `./include/linux/mm.h`, `net/core/../ipv4/tcp.c`, `/build/linux-6.12/mm/slub.c`.
struct TreePath: Sendable {
  /// The directory of the tree with a slash at its end, or nil if no path is absolute or they do not agree.
  private let root: String?

  /// Creates a converter for paths of one log.
  init(_ paths: [String]) {
    let absolute = Set(paths.map(Self.plain).filter { $0.hasPrefix("/") })
    var candidates: [String] = []
    if let first = absolute.min() {
      let parts = first.split(separator: "/", omittingEmptySubsequences: false)
      candidates = (1..<max(1, parts.count)).map { parts.prefix($0).joined(separator: "/") + "/" }
    }
    root = candidates.first { root in
      absolute.allSatisfy { $0.hasPrefix(root) && Self.isOfTree($0.dropFirst(root.count)) }
    }
  }

  func relative(_ path: String) -> String {
    let path = Self.plain(path)
    guard let root, path.hasPrefix(root) else { return path }
    return String(path.dropFirst(root.count))
  }

  /// Removes `.`, `..` and empty parts. Leading `..` are removed as well: the tree is above the build directory.
  static func plain(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// Returns whether a path begins with a directory of the kernel's source tree that has code.
  private static func isOfTree(_ path: Substring) -> Bool {
    let parts = path.split(separator: "/")
    guard parts.count > 1, directories.contains(parts[0]) else { return false }
    // People also call the tree itself `kernel`.
    return parts[0] != "kernel" || parts.count == 2 || kernelDirectories.contains(parts[1])
  }

  private static let directories: Set<Substring> = [
    "arch", "block", "certs", "crypto", "drivers", "fs", "include", "init", "io_uring", "ipc", "kernel", "lib", "mm",
    "net", "rust", "samples", "security", "sound", "tools", "virt",
  ]

  private static let kernelDirectories: Set<Substring> = [
    "bpf", "cgroup", "configs", "debug", "dma", "entry", "events", "futex", "gcov", "irq", "kcsan", "livepatch",
    "liveupdate", "locking", "module", "power", "printk", "rcu", "sched", "time", "trace", "unwind",
  ]
}
