import Glibc

/// A kernel's source as it lies on this machine, at rest.
struct KernelSourceTree: Sendable {
  /// Where it is; absolute.
  var directory: String
  /// As the user named it.
  var name: String
  /// For the label of the kernel; empty where the release says it all.
  var mark: String
  /// A checkout of ours, which moves from commit to commit.
  var isCheckout = false

  /// What is in it now: `git:COMMIT`, `git:COMMIT+HASH` with changes that are not committed, or `files:HASH`.
  ///
  /// Nothing is written into the tree, git's index included.
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

  /// Names, sizes and times of all files.
  private func fileState() -> String {
    var hash = SHA256()
    var pending = [""]
    while let folder = pending.popLast() {
      var lines: [UInt8] = []
      for name in KernelFiles.names(in: directory + folder) where name != ".git" {
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

  /// Built in place, so that `make O=` refuses it; the rule is the one of the kernel's own Makefile.
  var isBuiltInPlace: Bool {
    KernelFiles.exists("\(directory)/.config") || KernelFiles.isDirectory("\(directory)/include/config")
      || KernelFiles.isDirectory("\(directory)/arch/x86/include/generated")
  }

  /// The output directory of a `make O=…`.
  var isOutput: Bool {
    !KernelFiles.exists("\(directory)/Kconfig") && KernelFiles.exists("\(directory)/.config")
      && KernelFiles.exists("\(directory)/source") && KernelFiles.exists("\(directory)/Makefile")
  }

  var isSource: Bool {
    KernelFiles.exists("\(directory)/Kconfig") && KernelFiles.exists("\(directory)/Makefile")
  }
}
