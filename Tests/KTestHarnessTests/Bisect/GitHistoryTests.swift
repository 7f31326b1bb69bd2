import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// A small repository, made with git itself.
struct SampleRepository {
  let tree: TemporaryTree
  var path: String { tree.path + "/repo" }

  init() async throws {
    tree = try TemporaryTree()
    try await git("init", "-q", "-b", "main", path)
  }

  @discardableResult
  func git(_ arguments: String...) async throws -> String {
    let folder = arguments.first == "init" ? tree.path : path
    let names = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    let result = try await Tool(name: "git", package: "git").run(
      ["-C", folder] + names + arguments, purpose: "test")
    try #require(result.succeeded, "git \(arguments): \(result.complaint)")
    return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @discardableResult
  func commit(_ file: String, _ text: String, _ subject: String) async throws -> String {
    try tree.put("repo/" + file, text)
    try await git("add", "-A")
    try await git("commit", "-q", "-m", subject)
    return try await git("rev-parse", "HEAD")
  }
}

@Suite(.gated()) struct GitHistoryTests {
  @Test func aHistoryWithAMerge() async throws {
    let sample = try await SampleRepository()
    let first = try await sample.commit("mm/a.c", "a\n", "mm: first")
    try await sample.git("checkout", "-q", "-b", "side")
    let side = try await sample.commit("mm/with space ü.c", "b\n", "mm: side")
    try await sample.git("checkout", "-q", "main")
    let main = try await sample.commit("lib/c.c", "c\n", "lib: \"main\"")
    try await sample.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    let merge = try await sample.git("rev-parse", "HEAD")

    let history = try await GitHistory(containing: sample.path + "/mm")
    #expect(history.folder == sample.path)
    #expect(try await history.commit("HEAD") == merge)
    #expect(try await history.commit(String(side.prefix(9))) == side)
    #expect(try await history.isAncestor(first, of: merge))
    #expect(try await !history.isAncestor(merge, of: first))
    #expect(try await history.mergeBase(side, main) == first)
    let graph = try CommitGraph(
      revList: try await history.commits(from: [first], to: merge), bad: merge, goods: [first])
    #expect(graph.count == 4 && graph.candidates == 3)
    let files = try await history.changedFiles(from: [first], to: merge)
    #expect(files == [side: ["mm/with space ü.c"], main: ["lib/c.c"], merge: []])
    let said = try await history.describe(main)
    #expect(said.reference == "\(main.prefix(12)) (\"lib: \"main\"\")")
    #expect(said.author == "A <a@example.org>" && said.parents == [first])
  }

  @Test func whatIsNotCommitted() async throws {
    let sample = try await SampleRepository()
    try await sample.commit("a.c", "a\n", "first")
    let history = try await GitHistory(containing: sample.path)
    #expect(try await history.uncommitted() == [])
    try sample.tree.put("repo/a.c", "other\n")
    try sample.tree.put("repo/new.c", "new\n")
    let index = try Data(contentsOf: URL(filePath: sample.path + "/.git/index"))
    #expect(try await history.uncommitted() == ["a.c"])
    #expect(try Data(contentsOf: URL(filePath: sample.path + "/.git/index")) == index)
  }

  @Test func whatIsWrongIsSaid() async throws {
    let sample = try await SampleRepository()
    try await sample.commit("a.c", "a\n", "first")
    try await sample.git("tag", "v6.12")
    let history = try await GitHistory(containing: sample.path)
    await #expect(throws: GitProblem.unknownRevision(name: "v6.21", folder: sample.path, near: ["v6.12"])) {
      try await history.commit("v6.21")
    }
    await #expect(throws: GitProblem.notARevision(name: "--all")) {
      try await history.commit("--all")
    }
    let elsewhere = try TemporaryTree()
    await #expect(throws: GitProblem.self) { try await GitHistory(containing: elsewhere.path) }
  }

  @Test func theEndsOfAGitBisectStay() async throws {
    let sample = try await SampleRepository()
    var commits: [String] = []
    for name in ["a", "b", "c", "d", "e"] { commits.append(try await sample.commit(name, name, name)) }
    let history = try await GitHistory(containing: sample.path)
    #expect(try await history.bisectEnds() == nil)
    try await sample.git("bisect", "start", commits[4], commits[0])
    for mark in ["bad", "good"] {
      let ends = try #require(try await history.bisectEnds())
      #expect(ends.bad == commits[4] && ends.good == commits[0])
      try await sample.git("bisect", mark)
    }
  }
}
