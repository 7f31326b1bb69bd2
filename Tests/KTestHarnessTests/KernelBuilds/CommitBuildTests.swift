import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite(
  "Commits that another host builds", .gated(),
  .enabled(
    if: MiniatureTree.hasTools && BuildTools.isInstalled("git"), "git, make, gcc, flex, bison or bc is not installed"))
struct CommitBuildTests {
  private let tree: MiniatureTree
  private let commits: [String]
  /// The cache of the other host.
  private var there: KernelBuildCache { KernelBuildCache(root: "\(tree.files.path)/there") }

  init() async throws {
    (tree, commits) = try await MiniatureTree.withCommits()
  }

  private func request(_ commit: String) -> KernelBuildRequest {
    tree.request(.revision(tree: tree.path, revision: commit))
  }

  private func build(_ commit: String) async throws -> CommitBuild {
    try #require(try await CommitBuild(request(commit), cache: tree.cache))
  }

  /// Copies the packs as they travel, under other names.
  private func sent(_ packs: CommitPacks) throws -> CommitPacks {
    var packs = packs
    packs.files = try packs.files.mapValues { path in
      let name = "sent/\(SHA256.hex(of: path))"
      return try tree.files.put(name, try RegularFile.bytes(of: path, limit: 1 << 20))
    }
    return packs
  }

  private func buildThere(_ build: CommitBuild) async throws -> BuiltKernel {
    let packs = try sent(try await CommitPacks(of: build, cache: tree.cache))
    return try await packs.withRepository(in: there, on: "h1") { repository in
      var request = build.request
      request.source = .revision(tree: repository, revision: packs.commit)
      // As it travels.
      request = try JSONDecoder().decode(KernelBuildRequest.self, from: try JSONEncoder().encode(request))
      return try await buildKernel(request, cache: there)
    }
  }

  @Test("the kernel is the one that this host would have built, and the user's repository is only read")
  func travels() async throws {
    let before = tree.snapshot()
    let first = try await build(commits[0])
    #expect(first.cached() == nil)
    let built = try await buildThere(first)
    #expect(built.filesCompiled == 3 && built.entry == first.entry)
    try built.pack(into: "\(tree.files.path)/brought")
    let taken = try await first.take("\(tree.files.path)/brought", BuildNews(built))
    #expect(taken.seconds == built.seconds && taken.sourceDirectory.isEmpty)
    #expect(taken.filesCompiled == 3 && !taken.isFromCache && taken.sourceState == "git:\(commits[0])")
    #expect(taken.kernel.label == "6.12.117-test@\(commits[0].prefix(12))")
    #expect(taken.kernel.source.tree == tree.path && taken.kernel.source.commit == commits[0])
    #expect(try taken.contentIdentity() == built.contentIdentity())
    #expect(taken.directory.hasPrefix(tree.cache.root) && first.cached()?.directory == taken.directory)
    // Nothing was checked out here.
    #expect(HostFiles.names(in: "\(tree.cache.root)/sources").allSatisfy { $0.hasPrefix("commits-") })
    // The kernel that is built here is the same.
    let here = try await buildKernel(request(commits[0]), cache: KernelBuildCache(root: "\(tree.files.path)/third"))
    #expect(try here.contentIdentity() == taken.contentIdentity() && here.entry == taken.entry)
    let after = tree.snapshot()
    #expect(Set(after.keys.filter { after[$0] != before[$0] }) == [] && after.count == before.count)
  }

  @Test("the second commit travels as what the first one lacks, and compiles as little")
  func differences() async throws {
    let first = try await CommitPacks(of: try await build(commits[0]), cache: tree.cache)
    let again = try await CommitPacks(of: try await build(commits[0]), cache: tree.cache)
    #expect(first.files.count == 2 && again == first)
    _ = try await buildThere(try await build(commits[0]))
    let second = try await CommitPacks(of: try await build(commits[1]), cache: tree.cache)
    #expect(second.id == first.id && second.files.count == 4)
    let size = { (packs: CommitPacks) in packs.files.values.reduce(0) { $0 + (HostFiles.size(of: $1) ?? 0) } }
    #expect(size(second) - size(first) < size(first))
    let new = try #require(second.files.keys.first { first.files[$0] == nil && $0.hasSuffix(".idx") })
    let names = try await GitTree(asking: "\(tree.cache.root)/sources").run(
      ["show-index"], input: try RegularFile.bytes(of: second.files[new] ?? "", limit: 1 << 20))
    // The commit, two folders and the file.
    #expect(names.text.split(separator: "\n").count == 4)
    #expect(try await buildThere(try await build(commits[1])).filesCompiled == 1)
    // Builds side by side, and another host with the same home, have their own checkouts, and need not wait.
    let (sent, cache) = (try sent(second), there)
    let places = try await sent.withRepository(in: cache, on: "h1") { first in
      let beside = try await sent.withRepository(in: cache, on: "h1") { $0 }
      return [first, beside, try await sent.withRepository(in: cache, on: "h2") { $0 }]
    }
    #expect(Set(places).count == 3)
    #expect(try await sent.withRepository(in: cache, on: "h1") { $0 } == places[0])
  }

  @Test("what was sent and removed is sent again")
  func dangling() async throws {
    let build = try await build(commits[0])
    let packs = try sent(try await CommitPacks(of: build, cache: tree.cache))
    let place = try await packs.withRepository(in: there, on: "h1") { $0 }
    for path in packs.files.values { HostFiles.remove(path) }
    await #expect(throws: (any Error).self) { try await packs.withRepository(in: there, on: "h1") { $0 } }
    let again = try sent(try await CommitPacks(of: build, cache: tree.cache))
    #expect(try await again.withRepository(in: there, on: "h1") { $0 } == place)
  }

  @Test("only a commit as it is can be built elsewhere")
  func others() async throws {
    #expect(try await CommitBuild(tree.request(), cache: tree.cache) == nil)
    var reverted = request(commits[1])
    reverted.reverting = commits[1]
    #expect(try await CommitBuild(reverted, cache: tree.cache) == nil)
  }

  @Test("a kernel that is not whole, or of a folder that is elsewhere, is not taken")
  func damaged() async throws {
    let build = try await build(commits[0])
    let built = try await buildThere(build)
    let brought = "\(tree.files.path)/brought"
    try built.pack(into: brought)
    #expect(TreeSeal.entries(of: brought)?.map(\.path).contains("vmlinux") == true)
    try tree.files.put("brought/vmlinux", "another image")
    await #expect { try await build.take(brought, BuildNews(built)) } throws: {
      ($0 as? KernelBuildError)?.kind == .host && "\($0)".contains("is not whole")
    }
    HostFiles.remove(brought)
    try built.pack(into: brought)
    let secret = try tree.files.put("secret", "s\n")
    let digest = try RegularFile(secret).digest()
    try tree.files.put("brought/\(TreeSeal.name)", "\(digest)  ../secret\n")
    await #expect(throws: KernelBuildError.self) { try await build.take(brought, BuildNews(built)) }
    #expect(build.cached() == nil)
  }

  @Test("a commit that was sent must be one")
  func hostile() async throws {
    let packs = try await CommitPacks(of: try await build(commits[0]), cache: tree.cache)
    for (old, new) in [
      (packs.id, "../../x"), (packs.commit, "--help"), (packs.format, "sha1 --template=/x"),
      (packs.files.keys.sorted()[0], "../../../config"),
    ] {
      let text = String(decoding: try JSONEncoder().encode(packs), as: UTF8.self)
        .replacing(old, with: new.replacing("/", with: "\\/"))
      let changed = try JSONDecoder().decode(CommitPacks.self, from: Data(text.utf8))
      await #expect(throws: (any Error).self, "\(new)") {
        try await changed.withRepository(in: there, on: "h1") { $0 }
      }
    }
    #expect(HostFiles.names(in: "\(there.root)/sources") == [])
  }

  @Test("a cache of several hosts has what one has built, if nobody else may write to it")
  func shared() async throws {
    let build = try await build(commits[0])
    let shared = KernelBuildCache(root: "\(tree.files.path)/shared")
    #expect(shared.finished(build.entry) == nil)
    try await shared.keep(try await buildThere(build))
    let directory = try #require(shared.finished(build.entry))
    let taken = try await build.take(directory, BuildNews())
    // Another request may want more of the same commit.
    var more = self.request(commits[0])
    more.wishes.append(ConfigWish("MORE", origin: "test", isOptional: false))
    let other = try #require(try await CommitBuild(more, cache: tree.cache))
    #expect(build.isGranted(by: directory) && !other.isGranted(by: directory))
    #expect(taken.isFromCache && taken.kernel.label.hasSuffix(commits[0].prefix(12)))
    chmod("\(shared.root)/kernels", 0o777)
    #expect(shared.finished(build.entry) == nil)
  }
}
