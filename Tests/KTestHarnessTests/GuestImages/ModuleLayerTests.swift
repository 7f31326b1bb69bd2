import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

private let layer = """
    - module: probe
      sources: [src/main.c, src/probe.h]
      cflags: [-DPROBE]

  """
/// A build tree whose build puts what it was given into the module.
private let tree = [
  "Makefile": """
  modules:
  \tcat $(M)/Kbuild $(M)/main.c > $(M)/probe.ko
  \t@if grep -q wrong $(M)/main.c; then echo "main.c:1:1: error: wrong"; exit 1; fi

  """,
  "vmlinux": "kernel",
]

@Suite(.gated()) struct ModuleLayerTests {
  private func build(_ bench: ImageBench, _ kernel: ImageKernel) async throws -> RecipeModules {
    let (file, diagnostics) = try RecipeFile.read(bench.scratch.path + "/images/test.yaml")
    #expect(diagnostics == [])
    return try await buildModules(
      of: try #require(file), for: kernel, cache: bench.cache, progress: { [steps = bench.steps] in steps.add($0) })
  }

  private func kernel(_ scratch: Scratch) throws -> ImageKernel {
    for (name, text) in tree { try scratch.write(name, text) }
    return ImageKernel(label: "k", release: "6.12.1", build: scratch.path)
  }

  @Test(.enabled(if: HostTool("make") != nil, "no make on this host"))
  func aModuleIsBuiltOnceAgainstTheBuildTree() async throws {
    let bench = try ImageBench(layer, files: ["src/main.c": "int x;\n", "src/probe.h": ""])
    let scratch = try Scratch()
    let kernel = try kernel(scratch)
    let before = Files.fingerprint(tree: scratch.path)
    let first = try await build(bench, kernel)
    #expect(Files.fingerprint(tree: scratch.path) == before, "the build tree was written to")
    #expect(bench.scratch.names("images/src") == ["main.c", "probe.h"])
    let module = try #require(first.built.first)
    #expect(module.name == "probe")
    #expect(
      try Files.text(module.path) == "obj-m := probe.o\nprobe-y := main.o\nccflags-y := -DPROBE\nint x;\n")
    #expect(first.layers.map(\.title) == ["module probe"])
    #expect(first.layers.first?.details == ["built against \(scratch.path), 6.12.1"])
    bench.steps.clear()
    #expect(try await build(bench, kernel) == first)
    #expect(bench.steps.all == [])
    // Another kernel in the same place.
    try scratch.write("vmlinux", "another kernel")
    #expect(try await build(bench, kernel).built.first?.path != module.path)
    // Of a module nothing lies in the archive itself.
    #expect(try await bench.build(kernel: kernel).layers.map(\.title) == ["agent"])
    #expect(bench.scratch.names("cache/images/tmp") == [])
  }

  @Test(.enabled(if: HostTool("make") != nil, "no make on this host"))
  func aSourceMayBeAFileOfTheKernelsOwnSource() async throws {
    let bench = try ImageBench("    - module: probe\n      sources: [\"tree:tools/probe/main.c\"]\n\n")
    let scratch = try Scratch()
    var kernel = try kernel(scratch)
    let refused = ["probe": "the module probe is made from tools/probe/main.c, which the source of k does not have"]
    #expect(try await build(bench, kernel).refused == refused)
    kernel.source = scratch.path
    #expect(try await build(bench, kernel).refused == refused)
    try scratch.write("tools/probe/main.c", "int t;\n")
    let module = try #require(try await build(bench, kernel).built.first)
    #expect(try Files.text(module.path) == "obj-m := probe.o\nprobe-y := main.o\nint t;\n")
  }

  @Test func aKernelWithoutABuildTreeSaysSo() async throws {
    let bench = try ImageBench(layer)
    let modules = try await build(bench, ImageKernel(label: "6.12-cloud", release: "6.12.1"))
    let reason =
      "the module probe is built against a kernel's build tree, and this kernel has none: "
      + "give the build directory as the kernel"
    #expect(modules == RecipeModules(built: [], refused: ["probe": reason], layers: []))
    let test = Case(name: "a", run: ["a"], modules: [ModuleRequest("probe")])
    let suite = Suite(name: "s", cases: [test])
    let check = Preflight(
      kernel: ScriptedRun.kernel(), missingModules: ["probe"], refusedModules: modules.refused, parameters: [:])
    #expect(check.skipReason(of: test, in: suite)?.text == reason)
  }

  @Test(.enabled(if: HostTool("make") != nil, "no make on this host"))
  func aModuleThatDoesNotCompileShowsTheCompilersWords() async throws {
    let bench = try ImageBench(layer, files: ["src/main.c": "wrong\n", "src/probe.h": ""])
    let scratch = try Scratch()
    let kernel = try kernel(scratch)
    let error = await #expect(throws: ImageError.self) { try await build(bench, kernel) }
    guard case .buildFailed(let what, let lines, let log) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(what == "the module probe against \(scratch.path)")
    #expect(lines == ["main.c:1:1: error: wrong"])
    #expect(Files.exists(log))
  }

  /// What `modulePayload` does with a module that is not in the kernel's tree.
  @Test func anAddedModuleTakesThePlaceOfTheKernels() {
    var index = ModuleIndex(files: ["a/probe.ko", "a/base.ko"], builtin: "b/other.ko\n")
    index.add(file: "/cache/probe.ko")
    index.add(file: "/cache/other.ko")
    index.setDependencies(of: "probe", to: ["base"])
    for name in ["base", "other"] { index.setDependencies(of: name, to: []) }
    #expect(index.resolve(["probe", "other"]).load == ["a/base.ko", "/cache/probe.ko", "/cache/other.ko"])
    #expect(!index.isBuiltIn("other"))
  }
}
