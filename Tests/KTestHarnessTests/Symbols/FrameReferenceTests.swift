import Testing

@testable import KTestHost
@testable import KTestValues

@Suite struct FrameReferenceTests {
  private static func first(_ line: String) -> FrameReference? { FrameReference.read(line).first?.reference }

  @Test func framesAreReadInTheirForms() throws {
    let plain = try #require(Self.first(" foo_bar.isra.0+0x12/0x3f0"))
    #expect(plain.function == "foo_bar.isra.0")
    #expect((plain.offset, plain.size) == (0x12, 0x3f0))
    #expect(plain.isReturn && plain.place == 0x11 && plain.module == nil)
    #expect(Self.first(" [<ffffffff81000000>] foo+0x1/0x2")?.function == "foo")
    #expect(Self.first(" ? foo+0x1/0x2 [ext4]")?.module == "ext4")
    #expect(Self.first(" foo+0x1/0x2 [ext4 0123456789abcdef]")?.module == "ext4")
    #expect(Self.first(" foo+0x0/0x2")?.place == 0)
  }

  @Test func aPointerIsTheInstructionItself() {
    for line in [
      "RIP: 0010:foo+0x12/0x30", "pc : foo+0x12/0x30", "PC is at foo+0x12/0x30",
      "WARNING: CPU: 1 PID: 2 at fs/a.c:3 foo+0x12/0x30",
    ] { #expect(Self.first(line)?.place == 0x12, "\(line)") }
  }

  @Test func armNamesTwoInALine() {
    let all = FrameReference.read("[<c01>] (foo+0x1/0x2) from [<c02>] (bar+0x3/0x4)").map(\.reference)
    #expect(all.map(\.function) == ["foo", "bar"])
  }

  @Test func whatIsNoFrameIsNone() {
    for line in [
      "", "+", "a+b", "foo+0x", "foo+0x1", "foo+0x1/", "+0x1/0x2", "foo+0x9/0x2", "foo+0x1/0xzz", "\u{e9}+0x1/0x2",
      "foo+0x" + String(repeating: "f", count: 99) + "/0x1",
    ] { #expect(FrameReference.read(line).isEmpty, "\(line)") }
  }
}
