import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct OutputFileTests {
  private let tree: TemporaryTree

  init() throws { tree = try TemporaryTree() }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(tree.path)/\(name)", encoding: .utf8)
  }

  private func inode(_ name: String) -> UInt64 {
    var status = stat()
    return stat("\(tree.path)/\(name)", &status) == 0 ? UInt64(status.st_ino) : 0
  }

  private func mode(_ name: String) -> mode_t {
    var status = stat()
    return lstat("\(tree.path)/\(name)", &status) == 0 ? status.st_mode : 0
  }

  @Test func aRegularFileIsReplacedAndKeepsItsMode() throws {
    try tree.put("report", "old and longer")
    chmod("\(tree.path)/report", 0o640)
    let before = inode("report")
    try OutputFile("\(tree.path)/report").write("new")
    #expect(try text("report") == "new" && inode("report") != before && mode("report") & 0o7777 == 0o640)
    try OutputFile("\(tree.path)/other").write("new")
    #expect(try text("other") == "new")
    #expect(try FileManager.default.contentsOfDirectory(atPath: tree.path).sorted() == ["other", "report"])
  }

  @Test func aLinkIsFollowed() throws {
    try tree.put("folder/report", "old")
    for (link, target) in [("link", "folder/report"), ("dangling", "folder/later")] {
      symlink(target, "\(tree.path)/\(link)")
      try OutputFile("\(tree.path)/\(link)").write("new")
      #expect(mode(link) & S_IFMT == S_IFLNK)
      #expect(try text(target) == "new")
    }
  }

  @Test func anotherNameOfTheFileSeesTheSame() throws {
    try tree.put("report", "old and longer")
    link("\(tree.path)/report", "\(tree.path)/name")
    try OutputFile("\(tree.path)/report").write("new")
    #expect(try text("name") == "new")
  }

  @Test(.enabled(if: getuid() == 0, "needs root, to make a device"))
  func aDeviceStaysOne() throws {
    // Numbers of the kernel's admin-guide/devices.txt: null and full.
    for (name, minor) in [("null", dev_t(3)), ("full", dev_t(7))] {
      try #require(mknod("\(tree.path)/\(name)", S_IFCHR | 0o666, 1 << 8 | minor) == 0)
    }
    try OutputFile("\(tree.path)/null").write("new")
    let full = try OutputFile("\(tree.path)/full")
    #expect {
      try full.write("new")
    } throws: { "\($0)" == "cannot write \(tree.path)/full: No space left on device" }
    #expect(mode("null") & S_IFMT == S_IFCHR && mode("full") & S_IFMT == S_IFCHR)
  }

  @Test func aFIFOIsWrittenToAndNeverWaitedFor() throws {
    mkfifo("\(tree.path)/pipe", 0o600)
    let file = try OutputFile("\(tree.path)/pipe")
    #expect { try file.write("new") } throws: { "\($0)".hasSuffix("no process reads from it") }
    let reader = open("\(tree.path)/pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    try file.write("new")
    var buffer = [UInt8](repeating: 0, count: 8)
    #expect(read(reader, &buffer, 8) == 3 && mode("pipe") & S_IFMT == S_IFIFO)
  }

  @Test func whatCannotBeWrittenIsFoundBefore() throws {
    for (name, reason) in [
      ("", "is a directory"), ("missing/report", "no directory"), ("file/report", "Not a directory"),
      ("new/", "no such directory"),
    ] {
      try tree.put("file", "")
      #expect { try OutputFile("\(tree.path)/\(name)") } throws: { "\($0)".contains(reason) }
    }
    #expect { try OutputFile("") } throws: { ($0 as? OutputProblem)?.wasChecked == false }
  }
}
