import Glibc

/// A git repository that is only ever read.
struct GitTree: Sendable {
  let directory: String

  /// nil where there is no sign of git.
  init?(_ directory: String) {
    guard KernelFiles.exists("\(directory)/.git") else { return nil }
    self.directory = directory
  }

  /// Also for a bare repository and a folder below the top; whether it is one, git says.
  init(asking directory: String) { self.directory = directory }

  /// Whether this is the top of a work tree, and not a folder in somebody else's.
  func isTop() async throws -> Bool {
    guard BuildTools.isInstalled("git") else { return false }
    let top: Git.Result
    do {
      top = try await run(["rev-parse", "--show-toplevel"])
    } catch GitFailure.distrusted {
      // A tree of somebody else's that git does not read: a folder with files.
      return false
    }
    guard top.succeeded,
      let one = try? KernelFiles.resolved(GitTree.line(top)),
      let other = try? KernelFiles.resolved(directory)
    else { return false }
    return one == other
  }

  /// The commit that a revision means; nil where there is none.
  func commit(_ revision: String) async throws -> String? {
    guard Git.isRevision(revision) else { return nil }
    let result = try await run(["rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"])
    return result.succeeded ? GitTree.line(result) : nil
  }

  /// Paths that are not as in HEAD, untracked ones included and ignored ones not; sorted. Of a submodule only its commit
  /// counts: to look into it, git would obey that repository's configuration.
  func changes() async throws -> [String] {
    let result = try await run([
      "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty",
    ])
    guard result.succeeded else {
      throw KernelBuildError.fetchFailed(source: directory, reason: "git status: \(GitTree.complaint(result))")
    }
    return result.text.split(separator: "\0").map { String($0.dropFirst(3)) }.sorted()
  }

  /// The directory with the objects; nil when this is no repository.
  func objects() async throws -> (path: String, format: String)? {
    let result = try await run(
      ["rev-parse", "--path-format=absolute", "--git-path", "objects", "--show-object-format"])
    let lines = result.text.split(separator: "\n").map(String.init)
    return result.succeeded && lines.count == 2 ? (lines[0], lines[1]) : nil
  }

  /// Throws ``KernelBuildError/toolMissing(tool:package:)``, ``GitFailure``, `CancellationError`.
  func run(_ arguments: [String]) async throws -> Git.Result {
    do {
      return try await Git.run(arguments, in: directory)
    } catch GitFailure.missing {
      throw KernelBuildError.toolMissing(tool: "git", package: "git")
    }
  }

  static func line(_ result: Git.Result) -> String { result.text.split(separator: "\n").first.map(String.init) ?? "" }

  static func complaint(_ result: Git.Result) -> String {
    let lines = result.complaint.split(whereSeparator: \.isNewline).prefix(3)
    return lines.isEmpty ? "it said nothing" : lines.joined(separator: "; ")
  }
}
