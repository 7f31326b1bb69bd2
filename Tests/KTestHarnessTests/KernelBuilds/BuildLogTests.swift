import Testing

@testable import KTestHost
@testable import KTestValues

@Suite struct BuildLogTests {
  private func log(_ text: String) -> BuildLog {
    var log = BuildLog(tree: "/src/linux")
    // In pieces: a line may come in two reads.
    for byte in text.utf8 { log.add([byte]) }
    return log
  }

  @Test func filesAreCounted() {
    let log = log(
      """
        CC      mm/gup.o
        CC [M]  lib/test_hmm.o
        AS      arch/x86/entry/entry_64.o
        HOSTCC  scripts/basic/fixdep
        AR      mm/built-in.a
        LD [M]  lib/test_hmm.ko
      not a step

      """)
    #expect(log.filesCompiled == 3)
    #expect(log.current == "lib/test_hmm.ko")
  }

  @Test func messagesStandInTheTree() {
    let log = log(
      """
      /src/linux/mm/gup.c: In function 'gup':
      /src/linux/mm/gup.c:12:3: error: 'x' undeclared
      ./include/generated/x.h:4:1: warning: unused
      /src/linux/a.S:9: Error: no such instruction
      /src/linux/b.c:1:10: fatal error: no.h: No such file or directory
      not: a: place: error: x
      make[3]: *** [scripts/Makefile.build:229: mm/gup.o] Error 1

      """)
    #expect(
      log.errors.map(\.description) == [
        "mm/gup.c:12:3: error: 'x' undeclared", "a.S:9: error: no such instruction",
        "b.c:1:10: error: no.h: No such file or directory",
      ])
    #expect(log.warnings.map(\.file) == ["./include/generated/x.h"])
  }

  @Test(
    "a failure is told by its kind",
    arguments: [
      ("/src/linux/mm/gup.c:12:3: error: x\n", KernelBuildError.Kind.source, "mm/gup.c:12:3"),
      ("ld: mm/gup.o: undefined reference to `f'\n", .source, "undefined reference"),
      ("ERROR: modpost: \"f\" [lib/x.ko] undefined!\n", .source, "modpost"),
      ("make[1]: *** No rule to make target 'x.o', needed by 'y'\n", .source, "No rule"),
      ("cc1: error: mm/a.s: No space left on device\n", .host, "no space left"),
      ("gcc: fatal error: Killed signal terminated program cc1\n", .host, "out of memory"),
      ("a.c:1:2: internal compiler error: Segmentation fault\n", .host, "the compiler crashed"),
      ("/bin/sh: 1: flex: not found\n", .host, "install the package flex"),
      ("/bin/sh: bc: command not found\n", .host, "install the package bc"),
      ("make: bison: No such file or directory\n", .host, "install the package bison"),
      (
        "/src/linux/certs/extract-cert.c:21:10: fatal error: openssl/bio.h: No such file or directory\n", .host,
        "libssl-dev"
      ),
      ("error: Cannot generate ORC metadata, please install libelf-dev\n", .host, "libelf-dev"),
    ])
  func failures(line: String, kind: KernelBuildError.Kind, word: String) {
    let failure = log(line).failure(source: "linux", log: "/l", directory: "/d")
    #expect(failure.kind == kind)
    #expect("\(failure)".contains(word), "\(failure)")
  }

  @Test func aFloodIsBounded() {
    var log = BuildLog(tree: "/t")
    for _ in 0..<5000 { log.add(Array("a.c:1:1: warning: x\nb.c:1:1: error: y\n***\n".utf8)) }
    log.add([UInt8](repeating: 65, count: 1 << 20))
    #expect(log.warnings.count == 1000 && log.errors.count == 20 && log.complaints.count == 40 && log.last.count == 12)
  }

  @Test func modulesAreFoundByTheirMakefiles() {
    var symbols = ModuleSymbols()
    symbols.read(
      Array(
        """
        obj-$(CONFIG_BLK_DEV_RAM)\t+= brd.o
        obj-$(CONFIG_DEV_DAX) += \\
        \tdevice_dax.o
        obj-y += always.o
        obj-$(CONFIG_A) += two.o three.o
        obj-$(CONFIG_B) += two.o
        """.utf8), names: ["brd", "device_dax", "always", "two"])
    #expect(symbols.symbols == ["brd": ["BLK_DEV_RAM"], "device_dax": ["DEV_DAX"], "two": ["A", "B"]])
    let wishes = symbols.wishes(for: [
      ModuleWish("brd", hasParameters: true, origin: "suite s"),
      ModuleWish("device-dax", hasParameters: false, origin: "suite s"),
      ModuleWish("two", hasParameters: false, origin: "s"),
    ])
    #expect(
      wishes == [
        ConfigWish("BLK_DEV_RAM", .module, origin: "suite s (module brd)"),
        ConfigWish("DEV_DAX", .loadable, origin: "suite s (module device_dax)"),
      ])
  }

  @Test func sourcesAreTold() throws {
    func parse(_ text: String) throws -> KernelTreeName {
      try KernelTreeName(parsing: text) { ["linux", "a@b", "."].contains($0) }
    }
    #expect(try parse("linux") == .directory("linux"))
    #expect(try parse("a@b") == .directory("a@b"))
    #expect(try parse("linux@v6.12") == .revision(tree: "linux", revision: "v6.12"))
    #expect(try parse(".@HEAD~3") == .revision(tree: ".", revision: "HEAD~3"))
    #expect(try parse("a@b@HEAD") == .revision(tree: "a@b", revision: "HEAD"))
    #expect(try parse("debian:linux-source-6.12") == .debian("linux-source-6.12"))
    let later = try parse("debian:linux-source-7.3@trixie-backports")
    #expect(later == .debian("linux-source-7.3", suite: DebianSuite(parsing: "trixie-backports")))
    #expect("\(later)" == "debian:linux-source-7.3@trixie-backports")
    #expect(KernelOrigin(later).argument == "debian:linux-source-7.3@trixie-backports")
    for text in [
      "", "nowhere", "nowhere@v1", "linux@", "@v1", "debian:6.12-cloud", "debian:linux-source-6.12/x",
      "debian:linux-source-7.3@",
      "debian:linux-source-7.3@a/b", "a\u{0}",
    ] {
      #expect(throws: KernelBuildError.self, "\(text)") { try parse(text) }
    }
  }
}
