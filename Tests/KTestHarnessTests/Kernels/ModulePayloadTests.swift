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

  @Test func softDependenciesByNameAndByAlias() async throws {
    let tree = try TemporaryTree()
    let modules: [(name: String, depends: String, more: [String])] = [
      ("ext4", "jbd2", ["softdep=pre: crc32c nls gone post: late"]), ("jbd2", "", []), ("late", "", []),
      ("crc32c-generic", "", ["alias=crc32c", "alias=crypto-crc32c"]),
      ("crc32c-intel", "", ["alias=cpu:type:x86*", "alias=crc32c"]), ("crc32c_tables", "", []),
      ("nls", "absent", []),
    ]
    for module in modules {
      try tree.put(
        "m/kernel/\(module.name).ko",
        CraftedImage.module(name: module.name, depends: module.depends, more: module.more))
    }
    let payload = try await modulePayload(for: ["ext4"], of: build(tree))
    // Neither one that cannot be loaded, nor one whose name only looks like it.
    #expect(payload.files.map(\.name) == ["crc32c_generic", "crc32c_intel", "jbd2", "ext4"])
    #expect(payload.files.filter(\.isSoft).map(\.name) == ["crc32c_generic", "crc32c_intel"])
    #expect(payload.missing.isEmpty)
    // Asked for by name, it is no longer soft.
    let both = try await modulePayload(for: ["ext4", "crc32c-intel"], of: build(tree))
    #expect(both.files.filter(\.isSoft).map(\.name) == ["crc32c_generic"])
  }

  @Test func optionalModulesMayBeAbsent() async throws {
    let tree = try TemporaryTree()
    try tree.put("m/modules.builtin", "kernel/core.ko\n")
    try tree.put("m/kernel/a.ko", CraftedImage.module(name: "a"))
    try tree.put("m/kernel/half.ko", CraftedImage.module(name: "half", depends: "absent"))
    let optional = ["core", "gone", "half", "a"]
    let payload = try await modulePayload(for: [], optional: optional, of: build(tree))
    #expect(payload.files.map(\.name) == ["a"] && payload.builtIn == ["core"] && payload.missing.isEmpty)
    var bare = build(tree)
    bare.modulesPath = nil
    #expect(try await modulePayload(for: [], optional: optional, of: bare).files.isEmpty)
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
    // The packages that were given may lack it.
    #expect(try await modulePayload(for: ["gone"], of: build).missing == ["gone"])
    try tree.put("m/modules.order", "gone.o\n")
    await #expect(throws: KernelError.self) {
      try await modulePayload(for: ["gone"], of: self.build(tree, layout: .buildTree))
    }
    try tree.put("m/modules.order", "kernel/cut.ko\nkernel/bad.ko\n")
    for name in ["cut", "bad"] {
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
