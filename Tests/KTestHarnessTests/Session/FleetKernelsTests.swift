import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite(
  "Kernels that other hosts build", .gated(),
  .enabled(
    if: MiniatureTree.hasTools && BuildTools.isInstalled("git"), "git, make, gcc, flex, bison or bc is not installed"))
struct FleetKernelsTests {
  private let tree: MiniatureTree
  private let commits: [String]
  private let said = Locked<[String]>([])

  init() async throws {
    (tree, commits) = try await MiniatureTree.withCommits()
  }

  private func kernels(
    _ fleet: BuildingFleet, shared: KernelBuildCache? = nil, cache: KernelBuildCache? = nil
  ) -> FleetKernels {
    let (said, cache) = (said, cache ?? tree.cache)
    return FleetKernels(
      base: CachedKernels(root: cache.root), cache: cache,
      builder: Dispatcher(
        fleet: fleet, version: ktestVersion, guests: .init(accelerator: "tcg", timeFactor: nil, channel: "virtio"),
        records: nil),
      shared: shared, notice: { text in said.with { $0.append(text) } })
  }

  private func fleet(losses: [String] = [], toolchain: String? = nil) -> BuildingFleet {
    BuildingFleet("\(tree.files.path)/work", losses: losses, toolchain: toolchain)
  }

  private func request(_ commit: String) -> KernelBuildRequest {
    tree.request(.revision(tree: tree.path, revision: commit))
  }

  /// Whether this host has compiled anything.
  private var hasCompiled: Bool { !HostFiles.names(in: "\(tree.cache.root)/builds").filter { $0 != ".locks" }.isEmpty }

  @Test("a commit is built on a host, once, and is in this host's cache")
  func once() async throws {
    let fleet = fleet()
    let kernels = kernels(fleet)
    let built = try await kernels.build(request(commits[0])) { _ in }
    #expect(built.filesCompiled == 3 && built.directory.hasPrefix(tree.cache.root))
    #expect(said.with { $0 } == ["\(tree.path)@\(commits[0]) was built on h1"])
    #expect(try await kernels.build(request(commits[0])) { _ in }.isFromCache)
    #expect(await fleet.titles == ["the build of \(tree.path)@\(commits[0])"])
    #expect(!hasCompiled)
    // A tree has no commit that could travel.
    #expect(try await kernels.build(tree.request()) { _ in }.filesCompiled == 3)
    #expect(await fleet.starts == 1 && hasCompiled)
  }

  @Test("a session asks for all of its kernels at once")
  func sideBySide() async throws {
    let fleet = fleet()
    var session = try SessionFixture().session
    session.kernels = kernels(fleet)
    let found = try await session.kernels(
      commits.map { "\(tree.path)@\($0)" }, building: KernelBuildOptions(jobs: 1), for: [])
    #expect(found.map(\.source.commit) == commits && !hasCompiled)
  }

  @Test("source that does not compile is no lost host, and has the name that the user gave it")
  func broken() async throws {
    try tree.files.put("linux/mm/a.c", "int a(void) { return nothing; }\n")
    let commit = try await tree.commit("break it")
    let fleet = fleet()
    await #expect {
      try await kernels(fleet).build(request(commit)) { _ in }
    } throws: { error in
      guard let error = error as? KernelBuildError, error.kind == .source else { return false }
      let text = error.description
      return text.contains("\(tree.path)@\(commit) does not compile") && text.contains("mm/a.c:1:")
        && text.contains("nothing")
    }
    #expect(await fleet.starts == 1 && !hasCompiled)
  }

  @Test("a lost host's build goes to another, and if none can build, this host does, and says so once")
  func losses() async throws {
    let fleet = fleet(losses: ["power cut"])
    #expect(try await kernels(fleet).build(request(commits[0])) { _ in }.filesCompiled == 3)
    #expect(await fleet.starts == 2 && !hasCompiled)
    let poor = self.fleet(losses: ["no gcc", "no gcc", "no gcc", "no gcc"])
    let kernels = kernels(poor, cache: KernelBuildCache(root: "\(tree.files.path)/other"))
    #expect(try await kernels.build(request(commits[0])) { _ in }.filesCompiled == 3)
    #expect(try await kernels.build(request(commits[1])) { _ in }.filesCompiled == 1)
    #expect(await poor.starts == 3)
    let notices = said.with { $0 }.filter { $0.hasPrefix("kernels are built here: ") }
    #expect(notices.count == 1 && notices[0].contains("no gcc"), "\(notices)")
  }

  @Test("a host with another compiler builds nothing")
  func compilers() async throws {
    let fleet = fleet(toolchain: "gcc 1.0, ld 1.0")
    #expect(try await kernels(fleet).build(request(commits[0])) { _ in }.filesCompiled == 3)
    #expect(await fleet.starts == 3 && hasCompiled)
    #expect(said.with { $0 }.contains { $0.contains("and the build is for gcc 1.0, ld 1.0") })
  }

  @Test("what one host has built is everybody's")
  func shared() async throws {
    let shared = KernelBuildCache(root: "\(tree.files.path)/shared")
    _ = try await kernels(fleet(), shared: shared).build(request(commits[0])) { _ in }
    let idle = fleet()
    let other = kernels(idle, shared: shared, cache: KernelBuildCache(root: "\(tree.files.path)/other"))
    let built = try await other.build(request(commits[0])) { _ in }
    #expect(built.isFromCache && built.directory.contains("/other/"))
    #expect(await idle.starts == 0)
  }
}
