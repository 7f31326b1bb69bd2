/// The reasons why a kernel's symbols cannot be used.
package enum SymbolError: Error, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case notSymbols(path: String, reason: String)
  case noTool
  case toolFailed(tool: String, path: String, complaint: String)
  case notATree(path: String)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .notSymbols(let path, let reason):
      "\(path) is not a vmlinux or module with symbols: \(reason); a bzImage or vmlinuz has none"
    case .noTool: "source lines need addr2line or llvm-symbolizer; install the package binutils"
    case .toolFailed(let tool, let path, let complaint): "\(tool) could not read \(path): \(complaint)"
    case .notATree(let path): "\(path) is not a kernel source tree: it has no scripts/get_maintainer.pl"
    }
  }

  /// Whether the named file or directory is at fault, not this host.
  package var isUsage: Bool {
    switch self {
    case .unreadable, .notSymbols, .notATree: true
    case .noTool, .toolFailed: false
    }
  }
}
