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

  """
/// Makefiles with the variables and rules of the kernel's, in few lines.
private let tree = [
  "Makefile": """
  VERSION = 6
  PATCHLEVEL = 99
  headers:
  \tmkdir -p usr/include/linux
  \tsed s/__user// include/uapi/linux/fake.h > usr/include/linux/fake.h

  """,
  "Kconfig": "",
  "include/uapi/linux/fake.h": "#define FAKE __user 42\n",
  "tools/testing/selftests/Makefile": """
  all:
  \tfor T in $(TARGETS); do mkdir -p $(O)/kselftest/$$T && \\
  \t$(MAKE) -C $$T OUTPUT=$(O)/kselftest/$$T KHDR_INCLUDES="-isystem $(O)/usr/include"; done

  """,
  "tools/testing/selftests/lib.mk": """
  TEST_GEN_FILES := $(patsubst %,$(OUTPUT)/%,$(TEST_GEN_FILES))
  all: $(TEST_GEN_FILES)
  $(OUTPUT)/%: %.c
  \t$(CC) $(CFLAGS) $(KHDR_INCLUDES) $^ -o $@

  """,
  "tools/testing/selftests/kselftest/runner.sh": "echo runner\n",
  "tools/testing/selftests/mm/Makefile": """
  include local_config.mk
  TEST_GEN_FILES = first second
  TEST_PROGS = run_vmtests.sh
  TEST_FILES = data
  include ../lib.mk
  $(TEST_GEN_FILES): common.c
  local_config.mk:
  \techo '#define LOCAL 7' > local_config.h
  \techo 'CFLAGS = -O1' > $@

  """,
  "tools/testing/selftests/mm/config": "CONFIG_FAKE=y\n# CONFIG_OTHER is not set\n",
  "tools/testing/selftests/mm/settings": "timeout=90\n",
  "tools/testing/selftests/mm/data": "some data\n",
  "tools/testing/selftests/mm/run_vmtests.sh": "CATEGORY=x run_test ./first -a 1\n",
  "tools/testing/selftests/mm/common.c": "int common(void) { return 5; }\n",
  "tools/testing/selftests/mm/own.h": "#define OWN 1\n",
  "tools/testing/selftests/mm/first.c": """
  #include <stdio.h>
  #include <linux/fake.h>
  #include "local_config.h"
  int common(void);
  int main(void) { printf("%s %d %d %d\\n", __FILE__, FAKE, LOCAL, common()); return 0; }

  """,
  "tools/testing/selftests/mm/second.c": "#include \"own.h\"\nint main(void) { return OWN - 1; }\n",
]
private let canBuild = HostTool("cc") != nil && HostTool("make") != nil

@Suite(.gated(), .enabled(if: canBuild, "no C compiler or make on this host")) struct SelftestMakeTests {
  private func source() throws -> Scratch {
    let scratch = try Scratch()
    for (name, text) in tree { try scratch.write(name, text) }
    return scratch
  }

  private func kernel(_ source: Scratch) -> ImageKernel {
    ImageKernel(label: "6.99", release: "6.99.0", source: source.path)
  }

  /// The times of the built programs.
  private func times(_ bench: ImageBench) -> [String: String] {
    let place = bench.scratch.names("cache/images/selftests").first ?? ""
    let folder = "\(bench.cache)/images/selftests/\(place)/build/kselftest/mm"
    var times: [String: String] = [:]
    for name in Files.list(folder) { times[name] = FileStamp("\(folder)/\(name)")?.modified }
    return times
  }

  @Test func theTreesOwnMakefileBuildsWhatItListsAndTheTreeIsLeftAlone() async throws {
    let bench = try ImageBench(layer)
    let source = try source()
    let before = Files.fingerprint(tree: source.path)
    let image = try await bench.build(kernel: kernel(source))
    #expect(Files.fingerprint(tree: source.path) == before, "the tree was written to")
    let archive = try bench.archive(image)
    let program = try bench.scratch.write("first", try #require(archive["usr/lib/selftests/mm/first"]).content)
    #expect(chmod(program, 0o755) == 0)
    let outcome = try await #require(HostTool(path: program)).run([], cache: try ImageCache(bench.cache))
    #expect(outcome.output == "first.c 42 7 5\n")
    for name in ["second", "run_vmtests.sh", "data", "config", "settings"] {
      #expect(image.files.contains("/usr/lib/selftests/mm/\(name)"))
    }
    #expect(image.files.contains("/usr/lib/selftests/kselftest/runner.sh"))
    #expect(image.omitted == [])
    let folder = try #require(image.layers.last?.folder)
    #expect(folder.tree == "linux 6.99")
    #expect(folder.timeout == 90)
    #expect(folder.config == ["CONFIG_FAKE=y"])
    #expect(folder.invocations == [SelftestInvocation(["first", "-a", "1"])])
    #expect(bench.scratch.names("cache/images/tmp") == [])
  }

  @Test func onlyWhatHasChangedIsBuiltAgain() async throws {
    let bench = try ImageBench(layer)
    let source = try source()
    let first = try await bench.build(kernel: kernel(source))
    let old = times(bench)
    bench.steps.clear()
    #expect(try await bench.build(kernel: kernel(source)) == first)
    #expect(bench.steps.all == [], "nothing was changed, so nothing is started")
    // A header that no Makefile knows of.
    try source.write("tools/testing/selftests/mm/own.h", "#define OWN 2\n")
    let second = try await bench.build(kernel: kernel(source))
    let new = times(bench)
    #expect(new["first"] == old["first"])
    #expect(new["second"] != old["second"])
    #expect(second.sha256 != first.sha256)
    try source.write("include/uapi/linux/fake.h", "#define FAKE __user 43\n")
    _ = try await bench.build(kernel: kernel(source))
    #expect(times(bench)["first"] != old["first"])
    #expect(times(bench)["second"] == new["second"])
  }

  @Test func aProgramThatDoesNotCompileCostsItsCasesOnly() async throws {
    let bench = try ImageBench(layer)
    let source = try source()
    try source.write("tools/testing/selftests/mm/second.c", "#warning noise\nint main(void) { return nothing; }\n")
    let image = try await bench.build(kernel: kernel(source))
    #expect(image.files.contains("/usr/lib/selftests/mm/first"))
    let omission = try #require(image.omitted.first)
    #expect(omission.path == "/usr/lib/selftests/mm/second")
    #expect(omission.isBroken)
    #expect(omission.reason.hasPrefix("mm/second of linux 6.99 does not compile:\n"))
    #expect(omission.reason.contains("second.c:2:25: error:"))

    let programs = ["first", "second", "third"].map { "/usr/lib/selftests/mm/" + $0 }
    var planned = planned(programs.map { Case(name: Paths.last($0), run: [$0]) })
    planned.look(for: image)
    #expect(planned.cases.map { $0.skip == nil } == [true, false])
    #expect(planned.cases.map(\.verdict) == [.skip, .error])
    #expect(planned.cases[1].skip?.cause.kind == .compiler)
    #expect(planned.absent == [AbsentCase(name: "third", reason: "needs a test that linux 6.99 does not have")])

    // A program that has been mended is there the next time.
    try source.write("tools/testing/selftests/mm/second.c", "int main(void) { return 0; }\n")
    #expect(try await bench.build(kernel: kernel(source)).omitted == [])
  }

  /// As selftests/futex, whose script runs all programs of its subfolder.
  @Test func programsOfSubfoldersAreTestsOfTheirOwn() async throws {
    let bench = try ImageBench(layer.replacing("mm", with: "futex"))
    let source = try source()
    for (name, text) in [
      "Makefile": """
      SUBDIRS := functional
      TEST_PROGS := run.sh
      all:
      \tmkdir -p $(OUTPUT)/functional
      \t$(MAKE) -C functional OUTPUT=$(OUTPUT)/functional

      """,
      "run.sh": "(cd functional; ./run.sh)\n",
      "functional/Makefile": """
      TEST_GEN_PROGS := $(OUTPUT)/futex_wait
      TEST_PROGS := run.sh
      all: $(TEST_GEN_PROGS)
      $(OUTPUT)/%: %.c
      \t$(CC) $^ -o $@

      """,
      "functional/futex_wait.c": "int main(void) { return 0; }\n",
      "functional/run.sh": "./futex_wait\n",
    ] { try source.write("tools/testing/selftests/futex/\(name)", text) }
    let image = try await bench.build(kernel: kernel(source))
    #expect(image.layers.last?.folder?.files == [SelftestFile(.test, "functional/futex_wait")])
    #expect(image.omitted == [])
    #expect(image.files.contains("/usr/lib/selftests/futex/functional/futex_wait"))
  }

  @Test func aMissingLibraryNamesItsPackage() {
    let lines = ["migration.c:9:10: fatal error: numa.h: No such file or directory"]
    #expect(SelftestAdvice.package(for: lines) == "libnuma-dev")
    #expect(SelftestAdvice.package(for: ["/usr/bin/ld: cannot find -lcap: No such file"]) == "libcap-dev")
    #expect(SelftestAdvice.package(for: ["x.c:1:1: error: no"]) == nil)
  }

  @Test func aRecipeTakesSingleProgramsAndAddsOptions() async throws {
    let bench = try ImageBench(
      layer + """
            only: [second, gone]
            headers: {fix.h: "#define OWN_FIX 1\\n"}
            flags: {"*": [-DALL], second: [-include, fix.h, -DOPTION]}

        """)
    let source = try source()
    try source.write(
      "tools/testing/selftests/mm/second.c",
      "#if !defined OWN_FIX || !defined OPTION || !defined ALL\n#error no\n#endif\nint main(void) { return 0; }\n")
    let image = try await bench.build(kernel: kernel(source))
    #expect(image.files.contains("/usr/lib/selftests/mm/second"))
    #expect(!image.files.contains("/usr/lib/selftests/mm/first"))
    let gone = ImageOmission(path: "/usr/lib/selftests/mm/gone", reason: "linux 6.99 has no test mm/gone")
    #expect(image.omitted == [gone])
  }

  @Test func theFirstProgramThatTheImageHasRuns() throws {
    let folder = SelftestFolder(to: "/t/mm", name: "mm", tree: "linux 7.3")
    let image = BuiltImage(
      name: "i", path: "", sha256: "", size: 0,
      layers: [ImageLayer(title: "selftests mm", identity: "", folder: folder)], files: ["/t/mm/old-name"])
    let both = Case(name: "a", run: ["/t/mm/new-name", "-x"], alternatives: [0: ["/t/mm/new-name", "/t/mm/old-name"]])
    let none = Case(name: "b", run: ["/t/mm/c"], alternatives: [0: ["/t/mm/c", "/t/mm/d"]])
    var planned = planned([both, none])
    planned.look(for: image)
    #expect(planned.cases[0].test.run == ["/t/mm/old-name", "-x"])
    #expect(planned.cases[0].skip == nil)
    #expect(planned.cases.count == 1)
    #expect(planned.absent == [AbsentCase(name: "b", reason: "needs a test that linux 7.3 does not have")])
  }

  private func planned(_ cases: [Case]) -> PlannedSuite {
    PlannedSuite(
      suite: Suite(name: "s", cases: cases), kernel: ScriptedRun.kernel(""), initramfs: "",
      commandLine: KernelCommandLine(), cases: cases.map { PlannedCase($0) })
  }
}
