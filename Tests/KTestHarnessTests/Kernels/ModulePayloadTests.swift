import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite(.gated()) struct ModulePayloadTests {
  private func build(_ tree: TemporaryTree, layout: KernelBuild.ModuleLayout = .installed) -> KernelBuild {
    KernelBuild(
      label: "k", release: "6.12.117-test", imagePath: "/x", imageFormat: .vmlinux, modulesPath: "\(tree.path)/m",
      moduleLayout: layout, identity: "x", source: .path("/test"))
  }

  @Test(
    "compressed modules are found and read",
    arguments: [(".ko", "", ""), (".ko.xz", "xz", "xz-utils"), (".ko.zst", "zstd", "zstd"), (".ko.gz", "gzip", "gzip")])
  func compressed(suffix: String, program: String, package: String) async throws {
    let tree = try TemporaryTree()
    try tree.put("m/modules.order", "kernel/a-a.ko\nkernel/b.ko\n")
    try tree.put("m/modules.builtin", "kernel/core.ko\n")
    let modules = ["a-a": CraftedImage.module(name: "a_a", depends: "b,core"), "b": CraftedImage.module(name: "b")]
    for (name, bytes) in modules {
      let path = try tree.put("m/kernel/\(name)\(suffix)", bytes)
      guard !program.isEmpty else { continue }
      do {
        _ = try await Tool(name: program, package: package).filter(
          bytes, arguments: ["-q", "-c"], into: path, limit: 1 << 20, subject: name, purpose: "pack")
      } catch KernelError.toolMissing {
        try Test.cancel("\(program) is not installed")
      }
    }
    let payload = try await modulePayload(for: ["a_a", "core", "test_hmm"], of: build(tree))
    #expect(payload.files.map(\.path) == ["b", "a-a"].map { "\(tree.path)/m/kernel/\($0)\(suffix)" })
    #expect(payload.files.map(\.name) == ["b", "a_a"])
    #expect(payload.builtIn == ["core"])
    #expect(payload.missing == ["test_hmm"])
    #expect(try await readModule(payload.files[1]) == modules["a-a"])
  }

  @Test func aBuildTreeListsObjectFiles() async throws {
    let tree = try TemporaryTree()
    try tree.put("m/modules.order", "drivers/a.o\n")
    try tree.put("m/drivers/a.ko", CraftedImage.module(name: "a"))
    let payload = try await modulePayload(for: ["a"], of: build(tree, layout: .buildTree))
    #expect(payload.files == [ModuleFile(name: "a", path: "\(tree.path)/m/drivers/a.ko")])
  }

  @Test func withoutAnyListTheDirectoryIsSearched() async throws {
    let tree = try TemporaryTree()
    try tree.put("m/extra/deep/a.ko", CraftedImage.module(name: "a"))
    #expect(try await modulePayload(for: ["a"], of: build(tree)).files.map(\.name) == ["a"])
  }

  @Test func aModuleOfAnotherBuildIsRefusedBeforeTheGuestWould() async throws {
    let tree = try TemporaryTree()
    try tree.put("m/modules.order", "kernel/a.ko\nkernel/cut.ko\nkernel/gone.ko\nkernel/bad.ko\n")
    let path = try tree.put("m/kernel/a.ko", CraftedImage.module(name: "a", release: "6.12.1"))
    try tree.put("m/kernel/cut.ko", Array(CraftedImage.module(name: "cut").prefix(80)))
    try tree.put("m/kernel/bad.ko.xz", "not compressed")
    let build = build(tree)
    await #expect(throws: KernelError.foreignModule(path: path, built: "6.12.1", release: "6.12.117-test")) {
      try await modulePayload(for: ["a"], of: build)
    }
    for name in ["cut", "gone", "bad"] {
      await #expect("\(name)") { try await modulePayload(for: [name], of: build) } throws: {
        "\($0)".contains("is not a usable kernel module")
      }
    }
  }

  @Test func aKernelWithoutModules() async throws {
    let tree = try TemporaryTree()
    var build = build(tree)
    build.modulesPath = nil
    #expect(try await modulePayload(for: [], of: build).files.isEmpty)
    await #expect(throws: KernelError.noModules(label: "k", wanted: ["a"])) {
      try await modulePayload(for: ["a"], of: build)
    }
  }
}
