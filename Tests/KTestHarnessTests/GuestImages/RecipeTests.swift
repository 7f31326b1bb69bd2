import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite struct RecipeTests {
  @Test func readsEveryKindOfLayer() throws {
    let (recipe, diagnostics) = Recipe.read(bytes: try imageFixture("all-layers.yaml"), file: "all-layers.yaml")
    #expect(diagnostics == [])
    #expect(
      recipe
        == Recipe(
          name: "ndctl", description: "every kind of layer",
          layers: [
            .directory(path: "/mnt", mode: 0o755),
            .directory(path: "/tmp", mode: 0o1777),
            .file(source: "files/foo.conf", to: "/etc/foo.conf", mode: 0o600),
            .program(path: "/usr/bin/foo", to: "/usr/bin/foo"),
            .program(path: "/usr/bin/foo", to: "/usr/bin/bar"),
            .package(name: "ndctl", files: ["/usr/bin/ndctl"]),
            .compile(
              name: "dax-exercise", sources: ["src/dax-exercise.c"], cflags: ["-O2", "-Wall"], libs: ["uuid"]),
            .compile(name: "plain", sources: ["src/plain.c"], cflags: [], libs: []),
            .meson(
              parameter: "ndctl", options: ["-Dtest=enabled"], targets: ["test/device-dax"],
              install: [Recipe.Install(target: "test/device-dax", to: "/usr/lib/ndctl-test/device-dax")]),
            .selftests(
              folder: "mm", from: [.tree, .debian("linux-source-6.12")],
              .programs(
                ProgramSet(
                  to: "/usr/lib/selftests/mm",
                  programs: [
                    ProgramSet.Program(name: "gup_test", sources: ["gup_test.c"]),
                    ProgramSet.Program(name: "cow", cflags: ["-DX"], libs: ["uring?"]),
                    ProgramSet.Program(name: "uffd-stress", sources: ["uffd-stress.c", "uffd-common.c"]),
                  ], sources: ["vm_util.c", "thp_settings.c?"], cflags: ["-O2"], libs: ["rt"],
                  headers: [ProgramSet.Header(name: "local_config.h", text: "#define A 1")], files: ["test_hmm.sh"]))),
            .checkout(
              parameter: "thp-bench",
              ProgramSet(
                to: "/usr/lib/thp-bench",
                programs: [ProgramSet.Program(name: "move", sources: ["move_thp.c"], libs: ["numa"])])),
            .module(name: "page_bench", sources: ["src/page-bench/page_bench.c"], cflags: ["-DX"]),
          ]))
    #expect(recipe?.parameters == ["ndctl", "thp-bench"])
  }

  @Test func aFolderThatTheTreesMakefileBuilds() throws {
    let text = """
      image: a
      layers:
        - selftests: mm
          from: [tree]
          to: /usr/lib/selftests/mm
          only: [cow, gup_test]
          flags: {cow: [-include, fix.h]}
          headers: {fix.h: "int fixed;"}

      """
    let (recipe, diagnostics) = Recipe.read(bytes: Array(text.utf8), file: "a.yaml")
    #expect(diagnostics == [])
    let set = SelftestSet(
      to: "/usr/lib/selftests/mm", only: ["cow", "gup_test"],
      flags: [SelftestSet.Flags("cow", ["-include", "fix.h"])],
      headers: [ProgramSet.Header(name: "fix.h", text: "int fixed;")])
    #expect(recipe?.layers == [.selftests(folder: "mm", from: [.tree], .make(set))])
    for (wrong, words) in [
      ("libs: [numa]", "'libs' says how 'programs' are compiled, and there are none"),
      ("programs: {cow: }", "'only' is for a folder that the tree's Makefile builds"),
    ] {
      let text = text.replacing("headers: {fix.h: \"int fixed;\"}", with: wrong)
      let (recipe, diagnostics) = Recipe.read(bytes: Array(text.utf8), file: "a.yaml")
      #expect(recipe == nil)
      #expect(diagnostics.first?.message == words)
    }
  }

  @Test func saysAllThatIsWrongAtOnce() throws {
    let (recipe, diagnostics) = Recipe.read(bytes: try imageFixture("bad.yaml"), file: "bad.yaml")
    #expect(recipe == nil)
    let said = diagnostics.map { "\($0.line ?? 0):\($0.column ?? 0) \($0.message)" }
    let expected = String(decoding: try imageFixture("bad.txt"), as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(said == expected)
  }

  @Test(arguments: ["../../etc/shadow", "files/../../x", "/etc/shadow", ""])
  func aSourceOutsideOfTheFolderIsRefused(_ path: String) {
    let text = "image: a\nlayers:\n  - file: \"\(path)\"\n    to: /etc/x\n"
    let (recipe, diagnostics) = Recipe.read(bytes: Array(text.utf8), file: "a.yaml")
    #expect(recipe == nil)
    #expect(diagnostics.count == 1)
    #expect(diagnostics.first?.line == 3)
  }

  @Test(arguments: ["relative", "/", "/a/../b", "/a//b", "/a/", "/a/./b", "/new\\nline", "/init", "/ktest/modules"])
  func aPathInTheImageIsAbsoluteAndPlain(_ path: String) {
    let text = "image: a\nlayers:\n  - directory: \"\(path)\"\n"
    let (recipe, diagnostics) = Recipe.read(bytes: Array(text.utf8), file: "a.yaml")
    #expect(recipe == nil)
    #expect(diagnostics.count == 1)
  }

  @Test func rubbishIsRefusedAndNoTrap() throws {
    for bytes: [UInt8] in [[], [0], [0xff, 0xfe, 0x00], Array("layers: [[[[".utf8), Array("- - -".utf8)] {
      let (recipe, diagnostics) = Recipe.read(bytes: bytes, file: "x")
      #expect(recipe == nil)
      #expect(!diagnostics.isEmpty)
    }
    let whole = try imageFixture("all-layers.yaml")
    for length in stride(from: 0, to: whole.count, by: 7) {
      _ = Recipe.read(bytes: Array(whole[..<length]), file: "x")
    }
  }
}
