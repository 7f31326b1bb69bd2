import Testing

@testable import KTestValues

struct KernelCommandLineTests {
  @Test func whatIsSetLaterWins() throws {
    var line = try KernelCommandLine(parsing: "console=ttyS0 panic=10 transparent_hugepage=always nokaslr")
    line.set("panic", "-1")
    line.set("transparent-hugepage", "madvise")
    #expect(try line.rendered() == "console=ttyS0 nokaslr panic=-1 transparent-hugepage=madvise")
    #expect(line.contains("transparent_hugepage"))
  }

  @Test func layersReplaceButAddingParametersAddUp() throws {
    var line = try KernelCommandLine(parsing: "console=ttyS0 memmap=4G!4G panic=10")
    line.merge(try KernelCommandLine(parsing: "memmap=512M$1G console=tty0 panic=-1 panic=5"))
    #expect(try line.rendered() == "console=ttyS0 memmap=4G!4G memmap=512M$1G console=tty0 panic=-1 panic=5")
  }

  @Test func quotesKeepBlanksTogether() throws {
    var line = KernelCommandLine()
    line.append("dyndbg", "file drivers/dax/* +p")
    line.append("quiet")
    line.append("empty", "")
    let text = try line.rendered()
    #expect(text == "dyndbg=\"file drivers/dax/* +p\" quiet empty=")
    #expect(try KernelCommandLine(parsing: text) == line)
    // The kernel also takes the quotes around the whole word.
    #expect(try KernelCommandLine(parsing: "\"a=b c\" d").parameters == [.init("a", "b c"), .init("d")])
  }

  @Test func whatTheKernelCouldNotReadBackIsRefused() {
    func check(_ name: String, _ value: String?) {
      #expect(throws: KernelError.self, "\(name)") { try KernelCommandLine([.init(name, value)]).rendered() }
    }
    check("a", "say \"hello\"")
    check("a", "two\nlines")
    check("a", "nul\0")
    check("a b", nil)
    check("a=b", "c")
    check("", "x")
    check("a", String(repeating: "x", count: 2046))
    #expect(throws: KernelError.self) { try KernelCommandLine(parsing: "a=\"open") }
  }

  @Test func theLongestLineFits() throws {
    #expect(try KernelCommandLine([.init("a", String(repeating: "x", count: 2045))]).rendered().utf8.count == 2047)
  }
}
