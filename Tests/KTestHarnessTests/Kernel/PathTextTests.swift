import Testing

@testable import KTestHost
@testable import KTestValues

@Suite("Paths as text")
struct PathTextTests {
  @Test(
    "control characters are seen and shown",
    arguments: [
      ("a\nb", "a\\nb"), ("a\tb", "a\\tb"), ("a\r\nb", "a\\r\\nb"), ("\u{1b}[31m", "\\x1b[31m"), ("a\u{1}", "a\\x01"),
      ("a\u{7f}", "a\\x7f"), ("a\u{9b}", "a\\x9b"),
    ])
  func controls(_ path: String, _ shown: String) {
    #expect(PathText.hasControls(path) && PathText.shown(path) == shown)
    #expect(throws: KernelError.self) { try KernelSource(parsing: path) }
    #expect(throws: KernelBuildError.self) { try KernelTreeName(parsing: path) { _ in true } }
  }

  @Test("everything else stays", arguments: ["", "/a b", "a&\"<%,c'", "é日本", "a\\b", "a:[b]"])
  func plain(_ path: String) { #expect(!PathText.hasControls(path) && PathText.shown(path) == path) }
}
