import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

private let layer = """
    - selftests: mm
      from: [tree]
      to: /usr/lib/selftests/mm
      sources: [common.c, "newer.c?"]
      cflags: [-O1, -no-pie]
      libs: ["no-such-library?"]
      headers: {local_config.h: "#define LOCAL 7\\n"}
      files: [config]
      programs:
        first:
        second: {sources: [second.c], cflags: [-DSECOND], libs: [m]}
        third:

  """
/// Enough of a kernel's source for its headers and two tests.
private let tree = [
  "Makefile": """
  VERSION = 6
  PATCHLEVEL = 99
  SUBLEVEL = 1
  EXTRAVERSION = -rc2
  headers:
  \ttest $(ARCH) && mkdir -p usr/include/linux
  \tsed s/__user// include/uapi/linux/fake.h > usr/include/linux/fake.h

  """,
  "Kconfig": "",
  "include/uapi/linux/fake.h": "#define FAKE __user 42\n",
  "lib/shared.h": "#define SHARED 1\n",
  "tools/testing/selftests/kselftest.h": "#define NAME \"selftest\"\n",
  "tools/testing/selftests/mm/common.c": "#include \"common.h\"\nint common(void) { return COMMON; }\n",
  "tools/testing/selftests/mm/common.h": "#define COMMON 5\nint common(void);\n",
  "tools/testing/selftests/mm/config": "CONFIG_FAKE=y\n",
  "tools/testing/selftests/mm/first.c": """
  #include <stdio.h>
  #include <linux/fake.h>
  #include "common.h"
  #include "local_config.h"
  #include "../kselftest.h"
  int main(void) { printf("%s %d %d %d\\n", NAME, FAKE, LOCAL, common()); return 0; }

  """,
  "tools/testing/selftests/mm/second.c": """
  #include "../../../../lib/shared.h"
  #ifndef SECOND
  #error no
  #endif
  int main(void) { return SHARED - 1; }

  """,
]
private let canBuild = HostTool("cc") != nil && HostTool("make") != nil

@Suite(.gated()) struct SelftestsLayerTests {
  private func source() throws -> Scratch {
    let scratch = try Scratch()
    for (name, text) in tree { try scratch.write(name, text) }
    return scratch
  }

  private func kernel(_ source: Scratch) -> ImageKernel {
    ImageKernel(label: "6.99.1", release: "6.99.1", source: source.path)
  }

  @Test(.enabled(if: canBuild, "no C compiler or make on this host"))
  func theTreeOfTheKernelIsUsedAndLeftAlone() async throws {
    let bench = try ImageBench(layer)
    let source = try source()
    let before = Files.fingerprint(tree: source.path)
    let image = try await bench.build(kernel: kernel(source))
    #expect(Files.fingerprint(tree: source.path) == before, "the tree was written to")
    let archive = try bench.archive(image)
    let program = try bench.scratch.write("first", try #require(archive["usr/lib/selftests/mm/first"]).content)
    #expect(try ELFLinking(try Files.read(program)).interpreter == nil)
    #expect(chmod(program, 0o755) == 0)
    let outcome = try await #require(HostTool(path: program)).run([], cache: try ImageCache(bench.cache))
    #expect(outcome.output == "selftest 42 7 5\n")
    #expect(archive["usr/lib/selftests/mm/second"] != nil)
    #expect(archive["usr/lib/selftests/mm/config"]?.content == Array("CONFIG_FAKE=y\n".utf8))
    let made = try #require(image.layers.last)
    #expect(made.title == "selftests mm")
    #expect(made.details.first == "source tree: linux 6.99.1-rc2 at \(source.path)")
    #expect(made.details.contains("first: without libno-such-library, which is not installed"))
    #expect(bench.scratch.names("cache/images/tmp") == [])
  }

  /// The tests of another version fail where only the tests are at fault.
  @Test func aKernelPackageHasTheTestsOfItsOwnSource() {
    let from: [SelftestOrigin] = [.tree, .debian("linux-source-6.12")]
    func origins(_ source: String?, _ package: String?) -> [SelftestOrigin] {
      LayerBuild.origins(from, of: ImageKernel(label: "k", release: "r", source: source, sourcePackage: package))
    }
    #expect(
      origins("/src/linux", nil) == from && origins(nil, nil) == from && LayerBuild.origins(from, of: nil) == from)
    #expect(origins("/src/linux", "linux-source-7.3") == from)
    #expect(origins(nil, "linux-source-7.3@sid") == [.debian("linux-source-7.3@sid"), .debian("linux-source-6.12")])
    #expect(origins(nil, "linux-source-6.12") == [.debian("linux-source-6.12")])
  }

  @Test func aFolderThatTheTreeDoesNotHaveIsNamed() async throws {
    let source = try source()
    defer { withExtendedLifetime(source) {} }
    for (folder, advice) in [("mmm", "; did you mean 'mm'?"), ("vsock", "; name a folder of tests that the tree has")] {
      let bench = try ImageBench("  - selftests: \(folder)\n    from: [tree]\n    to: /t\n")
      let error = await #expect(throws: ImageError.self) { try await bench.build(kernel: kernel(source)) }
      #expect("\(try #require(error))" == "linux 6.99.1-rc2 has no tools/testing/selftests/\(folder)\(advice)")
      #expect(error?.failureKind == .usage)
      #expect(bench.scratch.names("cache/images/tmp") == [] && bench.scratch.names("cache/images/ready") == [])
    }
  }

  @Test(.enabled(if: canBuild, "no C compiler or make on this host"))
  func aProgramThatThisKernelDoesNotHaveIsLeftOutWithTheReason() async throws {
    let bench = try ImageBench(layer)
    let source = try source()
    let image = try await bench.build(kernel: kernel(source))
    defer { withExtendedLifetime(source) {} }
    let reason = "linux 6.99.1-rc2 has no tools/testing/selftests/mm/third.c"
    #expect(image.omitted == [ImageOmission(path: "/usr/lib/selftests/mm/third", reason: reason)])
    #expect(try bench.archive(image)["usr/lib/selftests/mm/third"] == nil)

    let cases = [
      ["/usr/lib/selftests/mm/third", "-x"], ["sh", "-c", "exec /usr/lib/selftests/mm/third"], ["/bin/true"],
    ]
    var planned = PlannedSuite(
      suite: Suite(name: "s", cases: []), kernel: ScriptedRun.kernel(""), initramfs: "",
      commandLine: KernelCommandLine(),
      cases: cases.enumerated().map { PlannedCase(Case(name: "c\($0)", run: $1)) })
    planned.look(for: image)
    #expect(planned.cases.map(\.test.name) == ["c2"])
    #expect(planned.absent == ["c0", "c1"].map { AbsentCase(name: $0, reason: "needs a test: \(reason)") })
  }

  @Test(.enabled(if: canBuild, "no C compiler or make on this host"))
  func onlyWhatHasChangedIsCompiledAgain() async throws {
    let bench = try ImageBench(layer)
    let source = try source()
    let first = try await bench.build(kernel: kernel(source))
    #expect(
      bench.steps.all == [
        "selftests mm: making the headers of linux 6.99.1-rc2", "selftests mm: compiling 2 programs",
        "selftests mm: linking 2 programs",
      ])
    bench.steps.clear()
    #expect(try await bench.build(kernel: kernel(source)) == first)
    #expect(bench.steps.all == [])
    try source.write("lib/shared.h", "#define SHARED 2\n")
    #expect(try await bench.build(kernel: kernel(source)).sha256 != first.sha256)
    #expect(bench.steps.all == ["selftests mm: compiling 1 program", "selftests mm: linking 1 program"])
    bench.steps.clear()
    try source.write("include/uapi/linux/fake.h", "#define FAKE __user 43\n")
    _ = try await bench.build(kernel: kernel(source))
    #expect(bench.steps.all.first == "selftests mm: making the headers of linux 6.99.1-rc2")
    try source.write("tools/testing/selftests/mm/third.c", "int main(void) { return 0; }\n")
    let last = try await bench.build(kernel: kernel(source))
    #expect(last.omitted == [])
  }

  @Test(.enabled(if: canBuild, "no C compiler or make on this host"))
  func aMistakeOfTheSourceIsShownWithItsFile() async throws {
    let bench = try ImageBench(layer)
    let source = try source()
    try source.write("tools/testing/selftests/mm/second.c", "#warning noise\nint main(void) { return nothing; }\n")
    let error = await #expect(throws: ImageError.self) { try await bench.build(kernel: kernel(source)) }
    let text = "\(try #require(error))"
    #expect(text.hasPrefix("the compiler rejected 'second':\n  in \(source.path), for selftests mm:"))
    #expect(text.contains("tools/testing/selftests/mm/second.c:2:25: error:"))
    #expect(bench.scratch.names("cache/images/tmp") == [])
  }

  @Test(.enabled(if: canBuild, "no C compiler or make on this host"))
  func aMissingLibraryNamesItsPackage() async throws {
    let bench = try ImageBench(layer.replacing("no-such-library?", with: "no-such-library"))
    let source = try source()
    defer { withExtendedLifetime(source) {} }
    let error = await #expect(throws: ImageError.self) { try await bench.build(kernel: kernel(source)) }
    #expect("\(try #require(error))".contains("'apt-get install libno-such-library-dev'"))
  }

  @Test func withoutAnySourceEachOriginSaysWhy() async throws {
    let bench = try ImageBench(layer)
    let empty = try Scratch()
    for (kernel, words) in [
      (nil, "tree: no kernel was given"),
      (ImageKernel(label: "debian", release: "6.12"), "tree: the kernel debian has no source"),
      (
        ImageKernel(label: "x", release: "6.12", source: empty.path),
        "tree: '\(empty.path)' has no tools/testing/selftests/mm"
      ),
    ] {
      let error = await #expect(throws: ImageError.self) { try await bench.build(kernel: kernel) }
      #expect("\(try #require(error))".contains(words))
    }
  }

  @Test func whatATreeIsCalled() throws {
    let scratch = try Scratch()
    #expect(SelftestTree.name(of: scratch.path) == "the kernel's source")
    try scratch.write("Makefile", "# SPDX\nVERSION = 6\nPATCHLEVEL = 13\nSUBLEVEL = 0\nEXTRAVERSION =\n")
    #expect(SelftestTree.name(of: scratch.path) == "linux 6.13")
    #expect(SelftestTree.commit(of: scratch.path) == nil)
    let (one, two) = (String(repeating: "1", count: 40), String(repeating: "2", count: 40))
    try scratch.write(".git/HEAD", one + "\n")
    #expect(SelftestTree.commit(of: scratch.path) == one)
    try scratch.write(".git/HEAD", "ref: refs/heads/main\n")
    try scratch.write(".git/packed-refs", "# pack-refs\n\(two) refs/heads/other\n\(one) refs/heads/main\n")
    #expect(SelftestTree.commit(of: scratch.path) == one)
    try scratch.write(".git/refs/heads/main", two + "\n")
    #expect(SelftestTree.commit(of: scratch.path) == two)
    try scratch.write("side/.git", "gitdir: ../.git/worktrees/side\n")
    try scratch.write(".git/worktrees/side/HEAD", "ref: refs/heads/main\n")
    try scratch.write(".git/worktrees/side/commondir", "../..\n")
    #expect(SelftestTree.commit(of: scratch.path + "/side") == two)
  }

  @Test(.enabled(if: canBuild, "no C compiler on this host"))
  func aCheckoutIsCompiledWhereAParameterNamesIt() async throws {
    let bench = try ImageBench(
      "  - checkout: bench\n    to: /usr/lib/bench\n    cflags: [-O2]\n    programs: {tool: {sources: [src/tool.c]}}\n")
    #expect(try await bench.build().layers.map(\.title) == ["agent"])
    let checkout = try Scratch()
    try checkout.write("src/tool.c", "#include \"own.h\"\nint main(void) { return OWN; }\n")
    try checkout.write("src/own.h", "#define OWN 0\n")
    let image = try await bench.build(["bench": checkout.path])
    #expect(try bench.archive(image)["usr/lib/bench/tool"] != nil)
    #expect(image.layers.last?.details.first?.hasPrefix(checkout.path + " ") == true)
    try FileManager.default.removeItem(atPath: checkout.path + "/src/tool.c")
    let error = await #expect(throws: ImageError.self) { try await bench.build(["bench": checkout.path]) }
    #expect("\(try #require(error))" == "--set bench=\(checkout.path): \(checkout.path) has no src/tool.c")
  }
}
