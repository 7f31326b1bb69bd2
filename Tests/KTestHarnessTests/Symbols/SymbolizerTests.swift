import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

/// With a little program in place of a kernel.
@Suite(
  .gated(),
  .enabled(if: HostTool("cc") != nil, "cc is not installed"),
  .enabled(if: HostTool("addr2line") != nil || HostTool("llvm-symbolizer") != nil, "no addr2line, no llvm-symbolizer"))
struct SymbolizerTests {
  /// The object file of a small tree, linked as a vmlinux.
  private static func kernel(_ scratch: Scratch, debug: Bool = true) async throws -> String {
    try scratch.write(
      "tree/init/main.c", "int widget_read(int);\nint start_kernel(int n) {\n  return widget_read(n);\n}\n")
    try scratch.write(
      "tree/drivers/widget.c",
      """
      #include "../lib/list.h"
      static int twin(int n) { return n + *(volatile int *)0x10; }
      static int pair(int n) { return n + *(volatile int *)0x10; }
      __attribute__((noinline))
      int widget_read(int n) {
        int value = list_take(n);
        return value + 1;
      }
      int (*keep[])(int) = {twin, pair};

      """)
    try scratch.write(
      "tree/fs/twin.c",
      """
      static int twin(int n) { return n + *(volatile int *)0x20; }
      static int pair(int n) {
        for (int i = 0; i < n; i++) *(volatile int *)0x20 = *(volatile int *)0x30 + i;
        return n + *(volatile int *)0x40 + *(volatile int *)0x50 + *(volatile int *)0x60;
      }
      int (*other[])(int) = {twin, pair};
      int last(void) { return 0; }

      """)
    try scratch.write(
      "tree/lib/list.h",
      "static inline __attribute__((always_inline)) int list_take(int n) {\n  return *(volatile int *)(long)n;\n}\n")
    try scratch.write(
      "tree/scripts/get_maintainer.pl", "print \"A Person <a\\@example.org> (maintainer:$ARGV[-1])\\n\";\n")
    let cache = try ImageCache(scratch.path + "/cache")
    let files = ["init/main.c", "drivers/widget.c", "fs/twin.c"].map { "\(scratch.path)/tree/\($0)" }
    let output = "\(scratch.path)/vmlinux"
    let flags = ["-O2", "-w", "-nostdlib", "-static", "-fno-pie", "-no-pie", "-Wl,-e,start_kernel", "-o", output]
    let outcome = try await #require(HostTool("cc")).run(flags + (debug ? ["-g"] : ["-g0"]) + files, cache: cache)
    try #require(outcome.succeeded, "\(outcome.errors)")
    return output
  }

  private static func splat(_ frames: [String]) throws -> Splat {
    let text = (["BUG: kernel NULL pointer dereference, address: 0000000000000000", "Call Trace:"] + frames)
      .map { "[    1.000000] \($0)\n" }.joined()
    return try #require(SplatLog.splats(Array(text.utf8)).first)
  }

  /// `+0x<offset>/0x<size>` of a function, from the file itself.
  private static func size(_ function: String, in path: String) throws -> UInt64 {
    let file = try MappedFile(path)
    defer { withExtendedLifetime(file) {} }
    for size in 1...4096 as ClosedRange<UInt64> {
      let table = try SymbolTable(ByteView(file.bytes), functions: [function])
      let frame = FrameReference(function: function, offset: 0, size: size, module: nil, isReturn: false)
      if table.place(of: frame) != nil { return size }
    }
    return 0
  }

  @Test func framesGetFilesLinesAndInlinedFunctions() async throws {
    let scratch = try Scratch()
    let kernel = try await Self.kernel(scratch)
    let size = String(try Self.size("widget_read", in: kernel), radix: 16)
    let splat = try Self.splat([" widget_read+0x1/0x\(size)", " start_kernel+0x0/0xffff"])
    let result = try #require(
      try await Symbolizer(kernel: kernel, source: "\(scratch.path)/tree").symbolised([splat]).first)
    #expect(result.frames.map(\.function) == ["list_take", "widget_read"])
    #expect(result.frames.map(\.file) == ["lib/list.h", "drivers/widget.c"])
    #expect(result.frames.map(\.line) == [2, 6])
    #expect(result.frames.map(\.isInlined) == [true, false])
    #expect(result.splat.file == "drivers/widget.c")
    #expect(result.splat.lines.contains(" list_take lib/list.h:2 [inline]"))
    #expect(result.splat.lines.contains(" widget_read+0x1/0x\(size) drivers/widget.c:6"))
    #expect(result.maintainers == ["A Person <a@example.org> (maintainer:drivers/widget.c)"])
  }

  @Test func withoutATreeThereAreNoMaintainers() async throws {
    let scratch = try Scratch()
    let kernel = try await Self.kernel(scratch)
    let size = String(try Self.size("widget_read", in: kernel), radix: 16)
    let splat = try Self.splat([" widget_read+0x1/0x\(size)"])
    let result = try #require(try await Symbolizer(kernel: kernel).symbolised([splat]).first)
    #expect(result.splat.file == "drivers/widget.c")
    #expect(result.maintainers.isEmpty)
  }

  @Test func withoutDebugInformationThereAreFunctionsOnly() async throws {
    let scratch = try Scratch()
    let kernel = try await Self.kernel(scratch, debug: false)
    let size = String(try Self.size("widget_read", in: kernel), radix: 16)
    let splat = try Self.splat([" widget_read+0x1/0x\(size)", " unheard_of+0x1/0x2"])
    let result = try #require(try await Symbolizer(kernel: kernel).symbolised([splat]).first)
    #expect(result.frames == [SourcePlace(function: "widget_read", file: nil, line: nil, isInlined: false)])
    #expect(result.splat.file == nil)
    #expect(result.splat.lines == splat.lines)
  }

  @Test func twinsAndOtherSizesAreNotGuessed() async throws {
    let scratch = try Scratch()
    let kernel = try await Self.kernel(scratch)
    let file = try MappedFile(kernel)
    defer { withExtendedLifetime(file) {} }
    let table = try SymbolTable(ByteView(file.bytes), functions: ["twin", "pair", "widget_read"])
    for size in 1...64 as ClosedRange<UInt64> {
      let twin = FrameReference(function: "twin", offset: 1, size: size, module: nil, isReturn: true)
      #expect(table.place(of: twin) == nil)
    }
    let pairs = (1...512 as ClosedRange<UInt64>).compactMap { size in
      table.place(of: FrameReference(function: "pair", offset: 1, size: size, module: nil, isReturn: true))
    }
    #expect(pairs.count == 2 && Set(pairs).count == 2, "\(pairs)")
    let wrong = FrameReference(function: "widget_read", offset: 1, size: 0x8000, module: nil, isReturn: true)
    #expect(table.place(of: wrong) == nil)
  }

  @Test func aModuleIsReadFromItsOwnFile() async throws {
    let scratch = try Scratch()
    let kernel = try await Self.kernel(scratch)
    let module = "\(scratch.path)/my-widget.ko"
    let compile = ["-O2", "-g", "-c", "-fno-pie", "-o", module, "\(scratch.path)/tree/drivers/widget.c"]
    let cc = try #require(HostTool("cc"))
    #expect(try await cc.run(compile, cache: try ImageCache(scratch.path + "/cache")).succeeded)
    try #require(HostTool("addr2line") != nil)
    let size = String(try Self.size("widget_read", in: module), radix: 16)
    let splat = try Self.splat([" widget_read+0x1/0x\(size) [my_widget]"])
    let without = try #require(try await Symbolizer(kernel: kernel).symbolised([splat]).first)
    #expect(without.frames.isEmpty)
    let result = try #require(try await Symbolizer(kernel: kernel, modules: [module]).symbolised([splat]).first)
    #expect(result.frames.map(\.file) == ["lib/list.h", "drivers/widget.c"])
    #expect(result.splat.lines.contains(" widget_read+0x1/0x\(size) drivers/widget.c:6 [my_widget]"))
  }

  @Test func whatIsNoKernelIsSaid() async throws {
    let scratch = try Scratch()
    let text = try scratch.write("text", "hello")
    #expect(throws: SymbolError.self) { try Symbolizer(kernel: text) }
    #expect(throws: SymbolError.self) { try Symbolizer(kernel: scratch.path + "/missing") }
    let cut = try scratch.write(
      "cut", Array(try Data(contentsOf: URL(filePath: try await Self.kernel(scratch))).prefix(3000)))
    #expect(
      try await Symbolizer(kernel: cut).symbolised([try Self.splat([" widget_read+0x1/0x20"])]).first?.frames == [])
    let kernel = "\(scratch.path)/vmlinux"
    #expect(throws: SymbolError.notATree(path: "/")) { try Symbolizer(kernel: kernel, source: "/") }
  }
}
