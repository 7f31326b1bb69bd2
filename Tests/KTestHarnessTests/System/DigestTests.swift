import Foundation
import Testing

@testable import KTestHost
@testable import KTestValues

/// Digests of what is cached: what they notice, and what they remember.
@Suite struct DigestTests {
  private let tree: TemporaryTree
  private var memory: DigestMemory { DigestMemory(in: "\(tree.path)/memory") }

  init() throws { tree = try TemporaryTree() }

  /// Sets a file's times back, so that it does not count as written just now.
  private func age(_ path: String) {
    let times = [timeval(tv_sec: 1_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000, tv_usec: 0)]
    #expect(utimes(path, times) == 0)
  }

  @Test func aDigestIsRememberedUntilTheFileIsTouched() throws {
    let path = try tree.put("file", "one")
    age(path)
    #expect(try memory.digest(of: path) == SHA256.hex(of: "one"))
    let mark = try #require(FileMark(path))
    memory.remember(path, mark.text, "remembered")
    #expect(try memory.digest(of: path) == "remembered")
    // Other bytes, the same size, the time set back: the time of change tells.
    try tree.put("file", "two")
    age(path)
    #expect(try memory.digest(of: path) == SHA256.hex(of: "two"))
  }

  @Test func aBootOfTheHostForgets() throws {
    let path = try tree.put("file", "one")
    age(path)
    memory.remember(path, try #require(FileMark(path)).text, "remembered")
    #expect(try memory.digest(of: path) == "remembered")
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: memory.directory).first)
    let note = "\(memory.directory)/\(name)"
    let text = try String(contentsOfFile: note, encoding: .utf8)
    try Data(text.replacing(FileMark.boot, with: "another-boot").utf8).write(to: URL(filePath: note))
    #expect(try memory.digest(of: path) == SHA256.hex(of: "one"))
  }

  @Test func aSealNoticesEveryFile() throws {
    for name in ["a", "b/c", "b/d/e"] { try tree.put("sealed/\(name)", "content of \(name)") }
    let directory = "\(tree.path)/sealed"
    #expect(symlink("/etc/passwd", "\(directory)/link") == 0)
    #expect(TreeSeal.state(of: directory, memory: memory) == .unsealed)
    let digests = try TreeSeal.seal(directory)
    #expect(digests.keys.sorted() == ["a", "b/c", "b/d/e"])
    #expect(TreeSeal.state(of: directory, memory: memory) == .whole)
    for name in digests.keys { age("\(directory)/\(name)") }
    // Looked at, and remembered.
    for _ in 0..<2 { #expect(TreeSeal.state(of: directory, memory: memory) == .whole) }
    try tree.put("sealed/b/c", "Content of b/c")
    age("\(directory)/b/c")
    #expect(TreeSeal.state(of: directory, memory: memory) == .damaged("b/c"))
    try tree.put("sealed/b/c", "content of b/c")
    #expect(TreeSeal.state(of: directory, memory: memory) == .whole)
    unlink("\(directory)/b/d/e")
    #expect(TreeSeal.state(of: directory, memory: memory) == .damaged("b/d/e"))
    for text in ["", "rubbish\n"] {
      try tree.put("sealed/.sha256", text)
      #expect(TreeSeal.state(of: directory, memory: memory) == .damaged(".sha256"))
    }
  }

  @Test func aFileIsPutInPlaceAsAWhole() throws {
    let path = "\(tree.path)/file"
    try DurableFile.write([1, 2, 3], to: path)
    try DurableFile.write([4], to: path)
    #expect(try RegularFile(path).bytes() == [4])
    #expect(throws: FileProblem.failed(path: "\(tree.path)/none/x", errno: ENOENT)) {
      try DurableFile.write([1], to: "\(tree.path)/none/x")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: tree.path) == ["file"])
  }
}
