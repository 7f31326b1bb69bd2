import Testing

@testable import KTestHarness

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
}
