internal import Foundation
import KTestHost
import KTestValues

/// A known bug among the newest commits of a branch, as commits that no branch has.
struct PlantedBug: Sendable, Equatable {
  /// The newest commit below all of them that does not have the bug for certain.
  var good: String
  var culprit: String
  /// The newest one.
  var head: String

  /// The planted commit lies among so many commits of the branch.
  private static let depth = 8

  /// Makes the commits. A reference of ktest's own keeps them, and the repository's index and files stay as they are.
  ///
  /// - Parameters:
  ///   - patch: a file for `git apply`.
  ///   - name: for the message, and for the reference.
  ///   - place: says where it lies; any number.
  /// - Throws: ``Failure``, ``GitProblem``, ``GitFailure``.
  init(
    _ patch: String, named name: String, in history: GitHistory, at commit: String, place: Int, keptAs reference: String
  ) async throws {
    let line = try await history.must(["rev-list", "--first-parent", "--max-count=\(PlantedBug.depth + 1)", commit])
    let path = Array(line.text.split(separator: "\n").map(String.init).reversed())
    guard let first = path.first else { throw Failure(.host, "git names no commit below \(commit)") }
    let below = Int(UInt(bitPattern: place) % UInt(path.count))
    let folder = FileManager.default.temporaryDirectory.appending(path: "ktest-drill-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let scratch = try await ScratchRepository(folder, of: history)
    good = first
    culprit = try await scratch.commit(
      path[below], with: patch, on: path[below], "\(name): a bug that ktest planted for a drill")
    head = culprit
    for next in path[(below + 1)...] {
      let subject = try await scratch.git(["log", "-1", "--format=%s", next])
      head = try await scratch.commit(next, with: patch, on: head, subject.isEmpty ? "no subject" : subject)
    }
    _ = try await scratch.git(["update-ref", "refs/heads/drill", head])
    let fetched = try await Git.run(
      ["fetch", "--quiet", "--no-tags", folder, "+refs/heads/drill:\(reference)"], in: history.folder, fetches: true)
    guard fetched.succeeded else {
      throw Failure(.host, "git cannot take the planted commits into \(history.folder): \(fetched.complaint.firstLine)")
    }
  }
}

/// A repository of its own that borrows the objects of another one. It has the index that a patch is applied to.
private struct ScratchRepository {
  let folder: String

  init(_ folder: String, of history: GitHistory) async throws {
    self.folder = folder
    let objects = try await history.must(["rev-parse", "--path-format=absolute", "--git-path", "objects"]).text
      .firstLine
    let made = try await Git.run(["init", "--quiet", "--bare", folder], in: history.folder)
    guard made.succeeded else { throw Failure(.host, "git cannot make \(folder): \(made.complaint.firstLine)") }
    do {
      try Data("\(objects)\n".utf8).write(to: URL(filePath: "\(folder)/objects/info/alternates"))
    } catch { throw Failure(.host, "cannot write below \(folder): \(error)") }
  }

  /// Returns the first line of what git prints.
  func git(_ arguments: [String]) async throws -> String {
    let result = try await Git.run(arguments, in: folder)
    guard result.succeeded else {
      throw Failure(.host, "git \(arguments.first ?? "") fails for a drill: \(result.complaint.firstLine)")
    }
    return result.text.firstLine
  }

  /// Commits the files of another commit, with the patch.
  func commit(_ tree: String, with patch: String, on parent: String, _ message: String) async throws -> String {
    _ = try await git(["read-tree", tree])
    let applied = try await Git.run(["apply", "--cached", "--whitespace=nowarn", patch], in: folder)
    guard applied.succeeded else {
      throw Failure(
        .data, "the patch \(patch) does not apply to \(tree.prefix(12)): \(applied.complaint.firstLine)")
    }
    return try await git(["commit-tree", try await git(["write-tree"]), "-p", parent, "-m", message])
  }
}
