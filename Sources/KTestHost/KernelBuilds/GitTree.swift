import Glibc

/// A git repository that is only read.
struct GitTree: Sendable {
  let directory: String

  /// Returns nil if there is no sign of git.
  init?(_ directory: String) {
    guard HostFiles.exists("\(directory)/.git") else { return nil }
    self.directory = directory
  }

  /// Creates a tree without checks, also for a bare repository or a folder below the top; git decides whether it is
  /// one.
  init(asking directory: String) { self.directory = directory }

  /// Returns whether this is the top of a work tree, not a folder inside another one.
  func isTop() async throws -> Bool {
    guard BuildTools.isInstalled("git") else { return false }
    let top: Git.Result
    do {
      top = try await run(["rev-parse", "--show-toplevel"])
    } catch GitFailure.distrusted {
      // git does not read a tree of another user: it is treated as a plain folder.
      return false
    }
    guard top.succeeded,
      let one = try? KernelFiles.resolved(GitTree.line(top)),
      let other = try? KernelFiles.resolved(directory)
    else { return false }
    return one == other
  }

  /// Returns the commit of a revision, or nil if there is none.
  func commit(_ revision: String) async throws -> String? {
    guard Git.isRevision(revision) else { return nil }
    let result = try await run(["rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"])
    return result.succeeded ? GitTree.line(result) : nil
  }

  /// Returns the sorted paths that differ from HEAD, including untracked but not ignored ones. Only the commit of a
  /// submodule counts: to look into it, git would obey that repository's configuration.
  func changes() async throws -> [String] {
    let result = try await run([
      "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty",
    ])
    guard result.succeeded else {
      throw KernelBuildError.fetchFailed(source: directory, reason: "git status: \(GitTree.complaint(result))")
    }
    return result.text.split(separator: "\0").map { String($0.dropFirst(3)) }.sorted()
  }

  /// Returns the directory of the objects, or nil if this is not a repository.
  func objects() async throws -> (path: String, format: String)? {
    let result = try await run(
      ["rev-parse", "--path-format=absolute", "--git-path", "objects", "--show-object-format"])
    let lines = result.text.split(separator: "\n").map(String.init)
    return result.succeeded && lines.count == 2 ? (lines[0], lines[1]) : nil
  }

  /// Runs git. Throws ``KernelBuildError/toolMissing(tool:package:)``, ``GitFailure``, `CancellationError`.
  package func run(_ arguments: [String], input: [UInt8] = []) async throws -> Git.Result {
    do {
      return try await Git.run(arguments, in: directory, input: input)
    } catch GitFailure.missing {
      throw KernelBuildError.toolMissing(tool: "git", package: "git")
    }
  }

  static func line(_ result: Git.Result) -> String { result.text.split(separator: "\n").first.map(String.init) ?? "" }

  package static func complaint(_ result: Git.Result) -> String {
    let lines = result.complaint.split(whereSeparator: \.isNewline).prefix(3)
    return lines.isEmpty ? "it printed nothing" : lines.joined(separator: "; ")
  }
}
