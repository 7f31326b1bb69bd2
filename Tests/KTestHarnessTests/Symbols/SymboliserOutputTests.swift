import Testing

@testable import KTestHost
@testable import KTestValues

@Suite struct SymboliserOutputTests {
  /// As binutils 2.40 and LLVM 14 print it.
  private static let text = """
    0xffffffff81000010
    inner
    /build/linux/mm/slub.c:12
    middle
    /build/linux/./include/linux/slab.h:34 (discriminator 3)
    outer
    /build/linux/mm/slub.c:56
    0xffffffff81000020
    ??
    ??:0

    0x0000000000000030
    asm_thing
    ??:?

    """

  @Test func functionsComeInnermostFirst() throws {
    let output = SymboliserOutput(Self.text)
    let places = try #require(output.places[0xffff_ffff_8100_0010])
    #expect(places.map(\.function) == ["inner", "middle", "outer"])
    #expect(places.map(\.line) == [12, 34, 56])
    #expect(places.map(\.isInlined) == [true, true, false])
    #expect(places[1].file == "/build/linux/./include/linux/slab.h")
  }

  @Test func whatIsNotKnownIsNotGuessed() {
    let output = SymboliserOutput(Self.text)
    #expect(output.places[0xffff_ffff_8100_0020] == nil)
    #expect(output.places[0x30] == [SourcePlace(function: "asm_thing", file: nil, line: nil, isInlined: false)])
    #expect(SymboliserOutput("").places.isEmpty)
    #expect(SymboliserOutput("foo\nbar:1\n").places.isEmpty)
  }

  @Test func pathsBeginAtTheTopOfTheTree() {
    let paths = SourcePaths(startKernel: "/build/linux/init/main.c")
    #expect(paths.relative("/build/linux/./mm/../mm/slub.c") == "mm/slub.c")
    #expect(paths.relative("/elsewhere/mm/slub.c") == "/elsewhere/mm/slub.c")
    #expect(SourcePaths(startKernel: nil).relative("./mm/slub.c") == "mm/slub.c")
    #expect(Paths.normalized("../../a.c") == "../../a.c")
  }
}
