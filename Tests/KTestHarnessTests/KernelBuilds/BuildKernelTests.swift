import Foundation
import Synchronization
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite(.gated(), .enabled(if: MiniatureTree.hasTools, "make, gcc, flex, bison or bc is not installed"))
struct BuildKernelTests {
  @Test func aSecondBuildComesOutOfTheCache() async throws {
    let tree = try MiniatureTree()
    let before = tree.snapshot()
    let first = try await tree.build()
    #expect(!first.isFromCache && first.filesCompiled == 3)
    #expect(first.kernel.release == "6.12.117-test" && first.kernel.label == "6.12.117-test")
    #expect(first.kernel.imagePath == "\(first.directory)/vmlinux")
    #expect(first.kernel.config?.isEnabled("SERIAL_8250_CONSOLE") == true)
    #expect(tree.snapshot() == before)
    let second = try await tree.build()
    #expect(second.isFromCache && second.filesCompiled == 0 && second.kernel == first.kernel)
    #expect(second.buildDirectory == first.buildDirectory)
    // What it printed is what --kernel takes, and what is listed.
    let again = try await resolveKernel(.path(first.directory), cache: tree.cache.kernels)
    #expect(again.identity == first.kernel.identity && again.configHash == first.kernel.configHash)
    #expect(listKernels(in: tree.cache.kernels).map(\.directory) == [first.directory])
    let modules = try await modulePayload(for: ["mini"], of: first.kernel)
    #expect(modules.files.map(\.name) == ["mini"])
    #expect(again.buildPath == first.buildDirectory && again.sourcePath == tree.path)
  }

  @Test func aChangedFileIsCompiledAlone() async throws {
    let tree = try MiniatureTree()
    let first = try await tree.build()
    try tree.files.put("linux/mm/b.c", "int b(void) { return 22; }\n")
    let second = try await tree.build()
    #expect(!second.isFromCache && second.filesCompiled == 1)
    #expect(second.directory != first.directory && second.buildDirectory == first.buildDirectory)
    // The first one is still whole.
    #expect(try await resolveKernel(.path(first.directory), cache: tree.cache.kernels).release == "6.12.117-test")
  }

  @Test func anotherConfigurationIsAnotherKernel() async throws {
    let tree = try MiniatureTree()
    let first = try await tree.build()
    let second = try await tree.build(tree.request(wishes: [ConfigWish("OUTER", origin: "f:1")]))
    #expect(!second.isFromCache && second.buildDirectory != first.buildDirectory)
    #expect(second.kernel.config?.isEnabled("OUTER") == true)
  }

  @Test func whatIsNeededIsSwitchedOnAndSaid() async throws {
    let tree = try MiniatureTree()
    let built = try await tree.build(tree.request(wishes: [ConfigWish("INNER", origin: "suite s")]))
    #expect(built.supplements == ["OUTER (for INNER)"])
    #expect(built.kernel.config?.isEnabled("INNER") == true)
  }

  @Test func whatAFolderOfSelftestsAsksForIsRequested() async throws {
    let tree = try MiniatureTree()
    let folder = "linux/tools/testing/selftests/mincore"
    try tree.files.put("\(folder)/config", "CONFIG_INNER=y\n# CONFIG_X is not set\nCONFIG_NEVER=m\n")
    var request = tree.request()
    request.selftests = ["mincore"]
    let notes = Mutex<[String]>([])
    let built = try await buildKernel(request, cache: tree.cache) { step in
      if case .note(let text) = step { notes.withLock { $0.append(text) } }
    }
    #expect(built.kernel.config?.isEnabled("INNER") == true)
    #expect(built.supplements == ["OUTER (for INNER)"])
    // Such files name symbols that cannot be chosen.
    #expect(notes.withLock { $0 }.contains { $0.contains("NEVER") })
    #expect(try await tree.build(request).isFromCache)
    try tree.files.put("\(folder)/config", "")
    #expect(try await !tree.build(request).isFromCache)

    request.selftests = ["mincroe"]
    let error = await #expect(throws: KernelBuildError.self) { try await tree.build(request) }
    #expect(
      error?.description
        == "kernel source \"\(tree.path)\" has no tools/testing/selftests/mincroe: name another folder of "
        + "selftests, or a source that has this one")
  }

  @Test func whatCannotBeIsSaidBeforeAnythingIsCompiled() async throws {
    let tree = try MiniatureTree()
    let wishes = [ConfigWish("NEVER", origin: "f:1"), ConfigWish("OUTR", origin: "f:2")]
    await #expect { try await tree.build(tree.request(wishes: wishes)) } throws: { error in
      let text = "\(error)"
      return (error as? KernelBuildError)?.kind == .configuration
        && text.contains("NEVER, requested by f:1, is not set") && text.contains("Kconfig:7")
        && text.contains("nothing was compiled")
    }
    #expect(!tree.files.files(in: "cache/builds").contains { $0.hasSuffix(".o") })
    // Somebody who can do without gets a kernel; who cannot is told also when one is there.
    var request = tree.request(wishes: [ConfigWish("NEVER", origin: "case c", isOptional: true)])
    #expect(try await !tree.build(request).isFromCache)
    request.wishes[0].isOptional = false
    await #expect(throws: KernelBuildError.self) { try await tree.build(request) }
  }

  @Test func aSymbolThatIsGoneCostsTheCasesThatNeedIt() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/forbidden", "CONFIG_NEVER\nCONFIG_GONE\n")
    func wish(_ symbol: String, _ origin: String, mayBeAbsent: Bool = true) -> ConfigWish {
      ConfigWish(symbol, origin: origin, mayBeAbsent: mayBeAbsent)
    }
    let request = tree.request(wishes: [wish("GONE", "suite s, case a"), wish("GONE", "suite s, case b")])
    // The note comes before the compiler, and again when the kernel is in the cache.
    for isCached in [false, true] {
      let said = Mutex<[String]>([])
      let built = try await buildKernel(request, cache: tree.cache) { progress in
        switch progress {
        case .note(let text): said.withLock { $0.append(text) }
        case .compiling: said.withLock { if $0.last != "compiling" { $0.append("compiling") } }
        default: break
        }
      }
      #expect(built.isFromCache == isCached)
      #expect(
        said.withLock { $0.first }
          == "this source has no symbol GONE; it will be skipped: suite s, case a; suite s, case b")
    }
    // What exists and cannot be set is an error, and what somebody cannot do without.
    for wishes in [
      [wish("NEVER", "suite s, case a")],
      [wish("GONE", "suite s, case a"), wish("GONE", "suite s", mayBeAbsent: false)],
    ] {
      await #expect {
        try await tree.build(tree.request(wishes: wishes))
      } throws: { error in (error as? KernelBuildError)?.kind == .configuration }
    }
  }

  @Test func contradictionsAreRefused() async throws {
    let tree = try MiniatureTree()
    let wishes = [ConfigWish("A", .module, origin: "suite s"), ConfigWish("A", .builtIn, origin: "f:1")]
    await #expect(throws: KernelBuildError.conflicts(["A has two values: suite s requests m, f:1 requests y"])) {
      try await tree.build(tree.request(wishes: wishes))
    }
  }

  @Test func aCompilersErrorIsShownInTheTree() async throws {
    let tree = try MiniatureTree()
    _ = try await tree.build()
    try tree.files.put("linux/mm/b.c", "int b(void) { return undeclared; }\n")
    await #expect { try await tree.build() } throws: { error in
      guard case KernelBuildError.doesNotCompile(_, let messages, _, let log)? = error as? KernelBuildError else {
        return false
      }
      return messages.first.map { $0.file == "mm/b.c" && $0.line == 1 && $0.text.contains("undeclared") } == true
        && FileManager.default.fileExists(atPath: log)
    }
    // Put right, it goes on from there.
    try tree.files.put("linux/mm/b.c", "int b(void) { return 333; }\n")
    #expect(try await tree.build().filesCompiled == 1)
  }

  @Test func aCancelledBuildEndsItsProcessesAndIsTakenUpAgain() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/mm/d.c", "/* slow */ int d(void) { return 1; }\n")
    let task = Task { try await tree.build() }
    let pid = try await slowPID(tree)
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(JournalLock.of(pid) == nil)
    #expect(listKernels(in: tree.cache.kernels).isEmpty)
    try tree.files.put("linux/mm/d.c", "int d(void) { return 1; }\n")
    let built = try await tree.build()
    #expect(built.filesCompiled >= 1 && built.filesCompiled < 4)
  }

  /// The process that compiles the slow file, once its neighbours are finished.
  private func slowPID(_ tree: MiniatureTree) async throws -> Int32 {
    while true {
      for id in HostFiles.names(in: "\(tree.cache.root)/builds") where !id.hasPrefix(".") {
        let objects = "\(tree.cache.root)/builds/\(id)/obj"
        if let bytes = try? KernelFiles.read("\(objects)/slow.pid"),
          let pid = Int32(String(decoding: bytes.prefix { $0 > 32 }, as: UTF8.self)),
          ["a", "b", "c"].allSatisfy({ FileManager.default.fileExists(atPath: "\(objects)/\($0).o") })
        {
          return pid
        }
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  @Test func twoThatWantTheSameBuildItOnce() async throws {
    let tree = try MiniatureTree()
    let built = try await withThrowingTaskGroup(of: BuiltKernel.self) { group in
      for _ in 0..<4 { group.addTask { try await tree.build() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(built.count(where: { !$0.isFromCache }) == 1)
    #expect(Set(built.map(\.directory)).count == 1)
  }

  @Test func aTreeBuiltInPlaceKeepsItsOwnConfiguration() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/.config", "CONFIG_OUTER=y\n")
    let built = try await tree.build(tree.request(wishes: [ConfigWish("OUTER", origin: "suite s")]))
    #expect(built.directory == tree.path && built.filesCompiled == 3)
    #expect(try KernelFiles.read("\(tree.path)/.config") == Array("CONFIG_OUTER=y\n".utf8))
    await #expect { try await tree.build(tree.request(wishes: [ConfigWish("INNER", origin: "suite s")])) } throws: {
      "\($0)".contains("INNER, requested by suite s: it is n") && "\($0)".contains("make mrproper")
    }
  }

  @Test func whatIsNoTreeIsSaid() async throws {
    let tree = try MiniatureTree()
    let empty = "\(tree.files.path)/empty"
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    await #expect { try await tree.build(tree.request(.directory(empty))) } throws: {
      ($0 as? KernelBuildError)?.kind == .usage
    }
  }
}
