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

  private func fleet(
    losses: [String] = [], equipment: [String]? = nil, cache: String? = nil, missing: [String] = []
  ) -> BuildingFleet {
    BuildingFleet(
      "\(tree.files.path)/work", losses: losses, equipment: equipment, cache: cache, missing: missing)
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

  @Test("a lost host's build goes to another, and if none can build, this host does, and asks no more after the second")
  func losses() async throws {
    let fleet = fleet(losses: ["power cut"])
    #expect(try await kernels(fleet).build(request(commits[0])) { _ in }.filesCompiled == 3)
    #expect(await fleet.starts == 2 && !hasCompiled)
    let poor = self.fleet(losses: Array(repeating: "no gcc", count: 9))
    let kernels = kernels(poor, cache: KernelBuildCache(root: "\(tree.files.path)/other"))
    let third = try await tree.commit("nothing", isEmpty: true)
    #expect(try await kernels.build(request(commits[0])) { _ in }.filesCompiled == 3)
    #expect(try await kernels.build(request(commits[1])) { _ in }.filesCompiled == 1)
    #expect(try await kernels.build(request(third)) { _ in }.filesCompiled == 0)
    #expect(await poor.starts == 6)
    #expect(await poor.unwanted == [[], [], [], ["h1"], ["h1"], ["h1"]])
    let notices = said.with { $0 }.filter { $0.contains(" is built here: ") }
    #expect(notices.count == 2 && notices.allSatisfy { $0.contains("no gcc") }, "\(notices)")
  }

  @Test("a kernel that does not arrive whole is a lost host")
  func incomplete() async throws {
    let fleet = fleet(missing: ["vmlinux"])
    #expect(try await kernels(fleet).build(request(commits[0])) { _ in }.directory.hasPrefix(tree.cache.root))
    #expect(await fleet.starts == 2 && !hasCompiled)
  }

  @Test("a host with the same cache leaves the kernel to this one, with the user's source in it")
  func oneCache() async throws {
    let built = try await kernels(fleet(cache: tree.cache.root)).build(request(commits[0])) { _ in }
    #expect(built.kernel.source.tree == tree.path && built.kernel.source.commit == commits[0])
    #expect(try await kernels(fleet()).build(request(commits[0])) { _ in }.kernel.source.tree == tree.path)
  }

  @Test("a host with another compiler builds nothing")
  func compilers() async throws {
    let fleet = fleet(equipment: ["gcc 1.0", "pahole 1"])
    #expect(try await kernels(fleet).build(request(commits[0])) { _ in }.filesCompiled == 3)
    #expect(await fleet.starts == 3 && hasCompiled)
    #expect(said.with { $0 }.contains { $0.contains(" and lacks gcc 1.0, pahole 1: its kernels") })
  }

  @Test("a host that cannot configure the kernel is not the last word")
  func configuration() async throws {
    let fleet = fleet()
    var wanted = request(commits[0])
    wanted.wishes = [ConfigWish("NEVER", origin: "test")]
    await #expect { try await kernels(fleet).build(wanted) { _ in } } throws: { error in
      guard case .configurationImpossible(let source, _, _)? = error as? KernelBuildError else { return false }
      return source == "\(tree.path)@\(commits[0])"
    }
    #expect(await fleet.starts == 1)
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
    // Who makes it anew makes it anew for all.
    let mark = { KernelFiles.stamp(of: "\(shared.root)/kernels/\(built.entry)/vmlinux") }
    let before = mark()
    var again = request(commits[0])
    again.refresh = true
    _ = try await kernels(fleet(), shared: shared).build(again) { _ in }
    #expect(before != nil && mark() != nil && mark() != before)
  }
}
