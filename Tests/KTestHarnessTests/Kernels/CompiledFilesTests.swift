import Foundation
import Testing

@testable import KTestHost

struct CompiledFilesTests {
  private let command = """
    savedcmd_mm/gup.o := gcc -c -o mm/gup.o /src/linux/mm/gup.c

    source_mm/gup.o := /src/linux/mm/gup.c

    deps_mm/gup.o := \\
        $(wildcard include/config/DEBUG_VM) \\
      /src/linux/include/linux/mm.h \\
      arch/x86/include/generated/asm/rwonce.h \\
      ./include/generated/bounds.h \\
      /usr/lib/gcc/x86_64-linux-gnu/12/include/stdarg.h \\

    mm/gup.o: $(deps_mm/gup.o)

    $(deps_mm/gup.o):

    """

  @Test func pathsAreRelativeToTheTree() {
    var files = CompiledFiles()
    files.add(Array(command.utf8), source: "/src/linux")
    #expect(
      files.paths == [
        "mm/gup.c", "include/linux/mm.h", "arch/x86/include/generated/asm/rwonce.h", "include/generated/bounds.h",
      ])
  }

  @Test(arguments: [
    (["mm/gup.c"], true), (["Documentation/mm/hmm.rst", "drivers/gpu/drm/drm_file.c"], false), ([], false),
    (["mm/Makefile"], true), (["drivers/gpu/drm/Kconfig.debug"], true), (["scripts/mod/modpost.c"], true),
    (["tools/testing/selftests/mm/Makefile"], true), (["tools/testing/selftests/mm/cow.c"], false),
    (["arch/x86/entry/syscalls/syscall_64.tbl"], true), (["mm/new.c", "include/linux/mm.h"], true),
    (["kernel/time/timeconst.bc"], true), (["arch/x86/lib/x86-opcode-map.txt"], true),
    (["crypto/asymmetric_keys/x509.asn1"], true), (["lib/raid6/int.uc"], true), (["drivers/tty/vt/cp437.uni"], true),
    (["arch/arm64/boot/dts/a.dts", "arch/arm64/boot/dts/a.dtsi"], false), (["tools/perf/pmu-events/x.json"], false),
    (["tools/lib/bpf/libbpf.c"], true), (["MAINTAINERS", "COPYING", "LICENSES/x", ".mailmap"], false),
    (["Makefile"], true), (["mm/.gitignore", "include/linux/mmap.h", "rust/kernel/mm.rs"], false),
  ])
  func whatMatters(changed: [String], expected: Bool) {
    let files = CompiledFiles(paths: ["mm/gup.c", "include/linux/mm.h"])
    #expect(files.matter(changed) == expected)
  }

  @Test func aBuildDirectoryIsRead() throws {
    let tree = try TemporaryTree()
    #expect(CompiledFiles.read(build: tree.path, source: "/src/linux") == nil)
    try tree.put("mm/.gup.o.cmd", command)
    try tree.put("lib/.built-in.a.cmd", "savedcmd_lib/built-in.a := ar\n")
    #expect(CompiledFiles.read(build: tree.path, source: "/src/linux/")?.paths.contains("mm/gup.c") == true)
  }

  @Test func aTreeBehindALinkIsTheSameTree() throws {
    let tree = try TemporaryTree()
    try tree.put("real/mm/gup.c", "")
    let link = tree.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: tree.path + "/real")
    // The Makefile writes the real path.
    try tree.put("out/mm/.gup.o.cmd", command.replacing("/src/linux", with: tree.path + "/real"))
    let files = CompiledFiles.read(build: tree.path + "/out", source: link)
    #expect(files?.matter(["mm/gup.c"]) == true && files?.matter(["include/linux/mm.h"]) == true)
  }

  @Test func aBuildInAFolderOfTheTreeNamesItAsTheOneAbove() throws {
    let tree = try TemporaryTree()
    try tree.put("obj/mm/.gup.o.cmd", command.replacing("/src/linux", with: ".."))
    let files = CompiledFiles.read(build: tree.path + "/obj", source: tree.path)
    #expect(files?.matter(["mm/gup.c"]) == true && files?.matter(["mm/mlock.c"]) == false)
  }
}
