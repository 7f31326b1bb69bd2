import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// A repository whose configuration, hooks and attributes name a program wherever git would run one.
struct CanaryRepository {
  let sample: SampleRepository
  var canary: String { sample.tree.path + "/canary" }
  var path: String { sample.path }

  /// What the program was run for.
  var songs: String { (try? String(contentsOfFile: canary + ".log", encoding: .utf8)) ?? "" }

  init() async throws {
    sample = try await SampleRepository()
    try await sample.commit("a.c", "one\n", "first")
    try await sample.commit(".gitattributes", "*.c filter=sing merge=sing diff=sing\n", "attributes")
    try await sample.commit("a.c", "two\n", "second")
    let file = try sample.tree.put("canary", "#!/bin/sh\necho \"$@\" >> \(canary).log\ncat\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    for name in [
      "post-checkout", "reference-transaction", "post-index-change", "post-merge", "pre-commit", "post-rewrite",
    ] {
      let hook = try sample.tree.put("repo/.git/hooks/\(name)", "#!/bin/sh\necho hook \(name) >> \(canary).log\n")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
    }
    for (name, word) in [
      ("core.fsmonitor", "fsmonitor"), ("filter.sing.clean", "clean"), ("filter.sing.smudge", "smudge"),
      ("merge.sing.driver", "merge"), ("diff.sing.textconv", "textconv"), ("diff.external", "diff"),
      ("core.pager", "pager"), ("gpg.program", "gpg"), ("core.sshCommand", "ssh"),
    ] { try await sample.git("config", name, "\(canary) \(word)") }
    for (name, value) in [("filter.sing.required", "true"), ("log.showSignature", "true"), ("color.ui", "always")] {
      try await sample.git("config", name, value)
    }
    try? FileManager.default.removeItem(atPath: canary + ".log")
    // The same content with another time: git has to look into the file, and with that to filter it.
    try sample.tree.put("repo/a.c", "two\n")
  }
}

@Suite(.gated()) struct GitCanaryTests {
  /// Without the scrubbing it does sing.
  @Test func thePlainGitRunsThem() async throws {
    let repository = try await CanaryRepository()
    try await repository.sample.git("status", "--porcelain")
    #expect(repository.songs.contains("fsmonitor") && repository.songs.contains("clean"))
  }

  @Test func readingAHistoryRunsNothing() async throws {
    let repository = try await CanaryRepository()
    let history = try await GitHistory(containing: repository.path)
    let head = try await history.commit("HEAD")
    let first = try await history.commit("HEAD~2")
    #expect(try await history.uncommitted() == [])
    #expect(try await history.changedFiles(from: [first], to: head).count == 2)
    #expect(try await history.describe(head).subject == "second")
    await #expect(throws: GitProblem.notARevision(name: "-x")) { try await history.commit("-x") }
    #expect(repository.songs == "")
  }

  @Test func aTreesStateAndACheckoutOfItRunNothing() async throws {
    let repository = try await CanaryRepository()
    let tree = KernelSourceTree(directory: repository.path, name: "tree", mark: "")
    let state = try await tree.state()
    #expect(state.hasPrefix("git:") && !state.contains("+"))
    let cache = KernelBuildCache(root: repository.sample.tree.path + "/cache")
    let checkout = try await RevisionCheckout("HEAD", of: repository.path, cache: cache)
    try await checkout.with(cache: cache, progress: { _ in }) { tree in
      let text = try String(contentsOfFile: tree.directory + "/a.c", encoding: .utf8)
      #expect(text == "two\n")
    }
    try await revert(checkout.commit, in: checkout.directory, name: "tree")
    #expect(try String(contentsOfFile: checkout.directory + "/a.c", encoding: .utf8) == "one\n")
    #expect(repository.songs == "")
  }

  /// A kernel's scripts/setlocalversion asks git whether the tree is clean.
  @Test func aGitThatMakeCallsRunsNothing() async throws {
    let repository = try await CanaryRepository()
    try repository.sample.tree.put("repo/Makefile", "all:\n\tgit status --porcelain a.c\n\tgit diff-index HEAD a.c\n")
    let log = repository.sample.tree.path + "/make.log"
    let make = MakeProcess(
      arguments: ["-C", repository.path], environment: try await BuildTools.environment(for: repository.path),
      log: log, tree: repository.path)
    let (succeeded, _) = try await make.run()
    #expect(succeeded && repository.songs == "")
    #expect(try String(contentsOfFile: log, encoding: .utf8).contains("git status"))
  }
}
