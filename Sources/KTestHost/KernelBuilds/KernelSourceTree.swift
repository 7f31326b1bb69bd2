import Glibc
import KTestValues

/// A kernel's source on this machine, which does not change meanwhile.
struct KernelSourceTree: Sendable {
  /// The absolute path.
  var directory: String
  /// The name that the user gave.
  var name: String
  /// An addition to the kernel's label; empty if the release is sufficient.
  var mark: String
  /// Whether it is ktest's checkout, which moves from commit to commit.
  var isCheckout = false

  /// Returns the state of its content: `git:COMMIT`, `git:COMMIT+HASH` with uncommitted changes, or `files:HASH`.
  ///
  /// Nothing is written into the tree, not even git's index.
  func state() async throws -> String {
    guard let git = GitTree(directory), try await git.isTop() else { return "files:\(fileState())" }
    guard let head = try await git.commit("HEAD") else { return "files:\(fileState())" }
    let changes = try await git.changes()
    guard !changes.isEmpty else { return "git:\(head)" }
    var hash = SHA256()
    for path in changes {
      hash.update("\(path)\0")
      let file = "\(directory)/\(path)"
      hash.update((try? KernelFiles.digest(of: file)) ?? KernelFiles.stamp(of: file) ?? "absent")
    }
    return "git:\(head)+\(hash.hex().prefix(16))"
  }

  /// Returns a hash of names, sizes and times of all files.
  private func fileState() -> String {
    var hash = SHA256()
    var pending = [""]
    while let folder = pending.popLast() {
      var lines: [UInt8] = []
      for name in HostFiles.names(in: directory + folder) where name != ".git" {
        var status = stat()
        guard lstat("\(directory)\(folder)/\(name)", &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR {
          pending.append("\(folder)/\(name)")
        } else {
          lines += "\(folder)/\(name)\0\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)\n".utf8
        }
      }
      hash.update(lines)
    }
    return hash.hex()
  }

  /// The version from `VERSION = 6` and the following lines of the Makefile: `6.12.117`, `7.3.0-rc2`; nil if there are
  /// none.
  var version: String? {
    let makefile = (try? KernelFiles.read("\(directory)/Makefile", limit: 1 << 20)) ?? []
    var values: [String: String] = [:]
    for line in String(decoding: makefile.prefix(4096), as: UTF8.self).split(separator: "\n").prefix(20) {
      let words = line.split(separator: " ")
      guard words.count == 3, words[1] == "=" else { continue }
      values[String(words[0])] = String(words[2])
    }
    let numbers = ["VERSION", "PATCHLEVEL", "SUBLEVEL"].compactMap { values[$0] }.joined(separator: ".")
    return numbers.isEmpty ? nil : numbers + (values["EXTRAVERSION"] ?? "")
  }

  /// Whether it was built in place, so that `make O=` refuses it; the rule is that of the kernel's own Makefile.
  var isBuiltInPlace: Bool {
    HostFiles.exists("\(directory)/.config") || HostFiles.isDirectory("\(directory)/include/config")
      || HostFiles.isDirectory("\(directory)/arch/x86/include/generated")
  }

  /// Whether it is the output directory of a `make O=…`.
  var isOutput: Bool {
    !HostFiles.exists("\(directory)/Kconfig") && HostFiles.exists("\(directory)/.config")
      && HostFiles.exists("\(directory)/source") && HostFiles.exists("\(directory)/Makefile")
  }

  var isSource: Bool {
    HostFiles.exists("\(directory)/Kconfig") && HostFiles.exists("\(directory)/Makefile")
  }
}
