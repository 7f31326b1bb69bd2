import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite(
  .gated(),
  .enabled(
    if: MiniatureTree.hasTools && BuildTools.isInstalled("git"), "git, make, gcc, flex, bison or bc is not installed"))
struct GitSourceTests {
  private func repository() async throws -> (tree: MiniatureTree, commits: [String]) {
    try await MiniatureTree.withCommits()
  }

  @Test func aCommitIsBuiltAndTheRepositoryStaysAsItIs() async throws {
    let (tree, commits) = try await repository()
    // Work that is not committed, and an index that git would like to refresh.
    try tree.files.put("linux/mm/a.c", "broken\n")
    try tree.files.put("linux/mm/c.c", "int c(void) { return 1; }\n")
    let before = tree.snapshot()
    let first = try await tree.build(tree.request(.revision(tree: tree.path, revision: "HEAD~1")))
    #expect(first.sourceState == "git:\(commits[0])" && first.filesCompiled == 3)
    #expect(first.kernel.label == "6.12.117-test@\(commits[0].prefix(12))")
    let second = try await tree.build(tree.request(.revision(tree: tree.path, revision: "main")))
    #expect(second.sourceState == "git:\(commits[1])")
    // One checkout and one build directory: only the file that differs.
    #expect(second.filesCompiled == 1 && second.buildDirectory == first.buildDirectory)
    let again = try await tree.build(tree.request(.revision(tree: tree.path, revision: commits[0])))
    #expect(again.isFromCache && again.directory == first.directory)
    #expect(tree.snapshot() == before)
    #expect(try await tree.git("worktree", "list").split(separator: "\n").count == 1)
  }

  @Test func changesCountAsTheyAre() async throws {
    let (tree, commits) = try await repository()
    let clean = try await tree.build()
    #expect(clean.sourceState == "git:\(commits[1])")
    let before = tree.snapshot()["." + "git/index"]
    // Touched and not changed: the same source.
    try tree.files.put("linux/mm/b.c", "int b(void) { return 22; }\n")
    #expect(try await tree.build().isFromCache)
    try tree.files.put("linux/mm/b.c", "int b(void) { return 4; }\n")
    let changed = try await tree.build()
    #expect(changed.sourceState.hasPrefix("git:\(commits[1])+") && changed.kernel.label.hasSuffix("+"))
    try tree.files.put("linux/mm/new.c", "int n(void) { return 4; }\n")
    #expect(try await tree.build().filesCompiled == 1)
    #expect(tree.snapshot()["." + "git/index"] == before)
  }

  @Test func anUnknownRevisionIsNamed() async throws {
    let (tree, _) = try await repository()
    for revision in ["v9", "--help", "HEAD~9"] {
      await #expect { try await tree.build(tree.request(.revision(tree: tree.path, revision: revision))) } throws: {
        "\($0)".contains("no commit '\(revision)' in ")
      }
    }
    let plain = try MiniatureTree()
    await #expect { try await plain.build(plain.request(.revision(tree: plain.path, revision: "HEAD"))) } throws: {
      "\($0)".contains("is not a git tree")
    }
  }
}
