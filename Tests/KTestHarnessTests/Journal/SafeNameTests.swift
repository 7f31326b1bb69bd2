import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct SafeNameTests {
  static let hostile = [
    "", ".", "..", "../../../etc/passwd", "/etc/passwd", "a/b", "a\0b", "a\nb", ".hidden", "\u{1b}[2J", "ünï", "日本",
    String(repeating: "x", count: 5000), String(repeating: "../", count: 3000), "name with space", "-rf", "con\\..\\x",
    "a." + String(repeating: "/", count: 300), "tail.", "\u{202e}gpj.exe",
  ]

  // No arguments: the test's own output would carry the names to a terminal.
  @Test func isOnePlainComponent() {
    for name in SafeNameTests.hostile {
      let safe = SafeName.component(name)
      #expect(!safe.isEmpty && safe.utf8.count <= 100)
      #expect(!safe.hasPrefix("."))
      #expect(safe.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") })
    }
  }

  @Test func differentNamesStayDifferent() {
    let names = SafeNameTests.hostile + ["a_b", "a:b", "a?b"]
    #expect(Set(names.map(SafeName.component)).count == names.count)
  }

  @Test func plainNamesStayAndExtensionsAreKept() {
    #expect(SafeName.component("align-2m_x+y.4.txt") == "align-2m_x+y.4.txt")
    let changed = SafeName.component("logs/trace.dat")
    #expect(changed.hasPrefix("logs_trace-") && changed.hasSuffix(".dat"))
  }

  /// Files of a worker's journal keep their names in that of the run.
  @Test(
    "a name that was changed once is not changed again",
    arguments: [
      "a b", "", "..", "ä", "a/b.log", String(repeating: "x", count: 75) + "ä.tar.gz",
      String(repeating: "x", count: 300),
      String(repeating: "x", count: 79) + " ", String(repeating: "y", count: 300) + ".log",
      String(repeating: ".", count: 200), String(repeating: "z", count: 71) + "\n.12345678",
    ])
  func again(_ name: String) {
    let once = SafeName.component(name)
    #expect(SafeName.component(once) == once && once.utf8.count <= 100)
  }

  @Test("a long name is changed, even if it is plain and ends like one that was")
  func long() {
    let plain = String(repeating: "x", count: 90)
    #expect(SafeName.component(plain) != plain)
    let forged = String(repeating: "x", count: 90) + "-0123abcd"
    #expect(SafeName.component(forged) != forged)
  }
}
