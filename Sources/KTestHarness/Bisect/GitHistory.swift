import GuestProtocol
import KTestHost
import KTestValues

/// A user's repository, read only: no command here writes a reference, an index or a file of it.
package struct GitHistory: Sendable {
  /// The root of the working tree, or of a bare repository.
  package let folder: String

  /// - Throws: ``GitProblem/noRepository(path:reason:)``, ``GitFailure``.
  package init(containing path: String) async throws {
    let inside = try await GitHistory.git(["rev-parse", "--is-bare-repository"], in: path)
    guard inside.succeeded else { throw GitProblem.noRepository(path: path, reason: inside.complaint.firstLine) }
    let question = inside.text.firstLine == "true" ? "--absolute-git-dir" : "--show-toplevel"
    folder = try await GitHistory.git(["rev-parse", question], in: path).text.firstLine
  }

  /// Returns the full hash of a commit given by a hash, a tag, a branch, or `HEAD~3`.
  /// - Throws: ``GitProblem/unknownRevision(name:folder:near:)``.
  package func commit(_ name: String) async throws -> String {
    guard Git.isRevision(name) else { throw GitProblem.notARevision(name: name) }
    let found = try await git(["rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"])
    guard found.succeeded else {
      throw GitProblem.unknownRevision(name: name, folder: folder, near: try await names(near: name))
    }
    return found.text.firstLine
  }

  package func isAncestor(_ old: String, of new: String) async throws -> Bool {
    try await git(["merge-base", "--is-ancestor", old, new]).succeeded
  }

  /// Returns nil if the two have no common history.
  package func mergeBase(_ left: String, _ right: String) async throws -> String? {
    let found = try await git(["merge-base", left, right])
    return found.succeeded ? found.text.firstLine : nil
  }

  /// Returns the input of ``CommitGraph/init(revList:bad:goods:)``.
  package func commits(from goods: [String], to bad: String) async throws -> String {
    try await must(["rev-list", "--parents", "--topo-order", bad] + goods.map { "^" + $0 }).text
  }

  /// Returns by commit the files in which it differs from its parent; for a merge, those in which it differs from every
  /// parent (git-log(1), "combined diff").
  package func changedFiles(from goods: [String], to bad: String) async throws -> [String: [String]] {
    let arguments = [
      "log", "-z", "--format=%x01%H", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv",
      "--diff-merges=combined", bad,
    ]
    let bytes = try await must(arguments + goods.map { "^" + $0 }).output
    var files: [String: [String]] = [:]
    for entry in bytes.split(separator: 1) {
      let words = entry.split { $0 == 0 || $0 == UInt8(ascii: "\n") }.map { String(decoding: $0, as: UTF8.self) }
      guard let commit = words.first else { continue }
      files[commit, default: []] += words.dropFirst()
    }
    return files
  }

  /// Returns the tracked files that differ from the last commit; empty in a bare repository.
  package func uncommitted() async throws -> [String] {
    let status = try await git(
      ["status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=dirty"])
    guard status.succeeded else { return [] }
    return status.output.split(separator: 0).map { String(decoding: $0.dropFirst(3), as: UTF8.self) }
  }

  package struct Description: Sendable, Equatable, Codable {
    package var commit: String
    package var subject: String
    /// The author as `Name <address>`.
    package var author: String
    /// The date in ISO 8601.
    package var date: String
    package var parents: [String]

    /// The reference as kernel mails and `Fixes:` tags write it: `123456789abc ("mm: do this")`
    /// (submitting-patches.rst).
    package var reference: String { "\(commit.prefix(12)) (\"\(subject)\")" }
  }

  package func describe(_ commit: String) async throws -> Description {
    let text = try await must(["show", "-s", "--format=%H%x00%s%x00%aN <%aE>%x00%aI%x00%P", commit]).text
    let words = text.trimmedLine.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 5 else { throw GitProblem.failed(command: "show", reason: "no output for \(commit)") }
    return Description(
      commit: words[0], subject: words[1], author: words[2], date: words[3],
      parents: words[4].split(separator: " ").map(String.init))
  }

  /// Returns the ends that `git bisect` was started with, from the comments of its log; nil if none is active, or if it
  /// does not have both yet. Its references move with each step.
  package func bisectEnds() async throws -> (bad: String, good: String)? {
    let log = try await git(["bisect", "log"])
    guard log.succeeded else { return nil }
    func first(_ mark: String) -> String? {
      let start = "# \(mark): ["
      return log.text.split(separator: "\n").first { $0.hasPrefix(start) }.map { line in
        String(line.dropFirst(start.count).prefix { $0.isHexDigit })
      }
    }
    guard let bad = first("bad"), let good = first("good") else { return nil }
    return (bad, good)
  }

  private func names(near name: String) async throws -> [String] {
    let all = try await git(["for-each-ref", "--format=%(refname:short)"]).text.split(separator: "\n").map(String.init)
    return Suggestion.nearest(to: name, in: all).map { [$0] } ?? []
  }

  func must(_ arguments: [String]) async throws -> Git.Result {
    let result = try await git(arguments)
    guard result.succeeded else {
      throw GitProblem.failed(command: arguments.first ?? "", reason: result.complaint.firstLine)
    }
    return result
  }

  func git(_ arguments: [String]) async throws -> Git.Result { try await GitHistory.git(arguments, in: folder) }

  private static func git(_ arguments: [String], in folder: String) async throws -> Git.Result {
    try await Git.run(arguments, in: folder, limit: 1 << 30)
  }
}

/// An error about a repository or a revision.
package enum GitProblem: Error, Equatable, CustomStringConvertible {
  case noRepository(path: String, reason: String)
  case unknownRevision(name: String, folder: String, near: [String])
  /// A text that git would take for an option or for several commits.
  case notARevision(name: String)
  case failed(command: String, reason: String)

  package var description: String {
    switch self {
    case .noRepository(let path, let reason):
      "\(path) is not in a git repository (\(reason)); give the kernel's repository with --repo"
    case .unknownRevision(let name, let folder, let near):
      "no commit '\(name)' in \(folder)"
        + (near.first.map { "; did you mean '\($0)'?" } ?? "; if it is on a remote, run 'git fetch'")
    case .notARevision(let name): "'\(name)' is not a revision: give a hash, a tag or a branch"
    case .failed(let command, let reason): "git \(command) failed: \(reason)"
    }
  }
}

extension String {
  var firstLine: String { String(prefix { $0 != "\n" && $0 != "\r\n" }) }
  fileprivate var trimmedLine: String { hasSuffix("\n") ? String(dropLast()) : self }
}
