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
}
