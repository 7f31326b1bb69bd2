import Glibc
import KTestValues

/// A kernel's source tree.
struct SourceTree: Sendable {
  private let path: String

  /// Throws ``SymbolError`` if the directory is not a kernel tree.
  init(_ path: String) throws(SymbolError) {
    guard let real = realpath(path, nil) else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { free(real) }
    self.path = String(cString: real)
    guard access("\(self.path)/scripts/get_maintainer.pl", R_OK) == 0 else { throw .notATree(path: path) }
  }

  /// Returns the longest suffix of the path that is a file of the tree, or the path itself if none is.
  func relative(_ file: String) -> String {
    var rest = Substring(file)
    while true {
      if has(String(rest)) { return String(rest) }
      guard let slash = rest.firstIndex(of: "/") else { return file }
      rest = rest[rest.index(after: slash)...]
    }
  }

  private func has(_ file: String) -> Bool {
    !file.isEmpty && !file.hasPrefix("/") && !file.hasPrefix("-") && !file.split(separator: "/").contains("..")
      && access("\(path)/\(file)", F_OK) == 0
  }

  /// Returns `Name <address> (role:SUBSYSTEM)` from the tree's own script; empty if the file is not in the tree.
  func maintainers(of file: String) async throws -> [String] {
    guard has(file) else { return [] }
    let arguments = [
      "scripts/get_maintainer.pl", "--nogit", "--nogit-fallback", "--roles", "--norolestats", "-f", file,
    ]
    let environment = Git.environmentWithoutRepository.merging(HostProgram.plainMessages) { $1 }
    do {
      let result = try await HostProgram("perl", arguments, environment: environment, in: path).collect(limit: 1 << 20)
      guard result.succeeded else {
        throw SymbolError.toolFailed(tool: "scripts/get_maintainer.pl", path: file, complaint: result.complaint)
      }
      return result.text.split(separator: "\n").map { sanitised(String($0)) }
    } catch let failure as HostProgramFailure {
      throw SymbolError.toolFailed(tool: "perl scripts/get_maintainer.pl", path: file, complaint: "\(failure)")
    }
  }
}

/// Returns the recipients that `scripts/get_maintainer.pl` of a tree lists for files, as `Name <address>`, each once
/// and in its order; empty if the tree has no such script or it fails.
package func maintainers(of files: [String], in tree: String) async -> [String] {
  guard let source = try? SourceTree(tree) else { return [] }
  var all: [String] = []
  for file in files {
    for line in (try? await source.maintainers(of: file)) ?? [] {
      let address = line.firstRange(of: " (").map { String(line[..<$0.lowerBound]) } ?? line
      if !all.contains(address) { all.append(address) }
    }
  }
  return all
}
