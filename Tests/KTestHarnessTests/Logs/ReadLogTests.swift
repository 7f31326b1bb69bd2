import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite(.gated()) struct ReadLogTests {
  private static func read(_ path: String) async throws -> [UInt8] {
    var all: [UInt8] = []
    try await readLog(path) { input in
      if case .bytes(let bytes) = input {
        #expect(bytes.count <= 256 << 10)
        all += bytes
      }
      return true
    }
    return all
  }

  private static func packed(_ scratch: Scratch, _ bytes: [UInt8]) async throws -> String {
    let file = try scratch.write("log", bytes)
    let gzip = try #require(HostTool("gzip"), "gzip is not installed")
    #expect(try await gzip.run([file], cache: try ImageCache(scratch.path + "/cache")).succeeded)
    // Known by its bytes, not by its name.
    try FileManager.default.moveItem(atPath: file + ".gz", toPath: file)
    return file
  }

  private static let bytes = (0..<300_000).flatMap { Array("line \($0)\n".utf8) }

  @Test func aFileComesWhole() async throws {
    let scratch = try Scratch()
    for bytes in [[], [0x1f], Array("ab".utf8), Self.bytes] {
      #expect(try await Self.read(try scratch.write("log", bytes)) == bytes)
    }
  }

  @Test func gzipIsKnownByItsMagic() async throws {
    let scratch = try Scratch()
    #expect(try await Self.read(try await Self.packed(scratch, Self.bytes)) == Self.bytes)
  }

  @Test func aCutGzipGivesWhatThereIsAndAnError() async throws {
    let scratch = try Scratch()
    let file = try await Self.packed(scratch, Self.bytes)
    let content = try #require(FileManager.default.contents(atPath: file))
    let cut = try scratch.write("cut", Array(content.prefix(content.count / 2)))
    var count = 0
    await #expect(throws: LogError.self) {
      try await readLog(cut) { input in
        if case .bytes(let bytes) = input { count += bytes.count }
        return true
      }
    }
    #expect(count > 1000 && count < Self.bytes.count)
  }

  @Test func aReaderThatHasEnoughEndsGzip() async throws {
    let scratch = try Scratch()
    let file = try await Self.packed(scratch, Self.bytes)
    var calls = 0
    try await readLog(file) { _ in
      calls += 1
      return false
    }
    #expect(calls == 1)
  }

  @Test func whatCannotBeReadIsSaid() async throws {
    let scratch = try Scratch()
    for path in [scratch.path, scratch.path + "/missing"] {
      let error = await #expect(throws: LogError.self) { try await readLog(path) { _ in true } }
      #expect(error?.description.hasPrefix("cannot read the log \(path): ") == true)
      #expect(error?.isUsage == true)
    }
  }

  @Test func aGrowingFileIsFollowed() async throws {
    let scratch = try Scratch()
    let file = try scratch.write("log", "one\n")
    var said: [String] = []
    try await readLog(file, following: true) { input in
      switch input {
      case .bytes(let bytes): said.append(String(decoding: bytes, as: UTF8.self))
      case .restarted: said.append("restarted")
      case .silence where said == ["one\n"]:
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("two\n".utf8))
      case .silence where said.count == 2: try Data("3\n".utf8).write(to: URL(filePath: file), options: [])
      case .silence: break
      }
      return said.last != "3\n"
    }
    #expect(said == ["one\n", "two\n", "restarted", "3\n"])
  }

  @Test func aPipeIsFollowedUntilItIsClosed() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    // Open for both, for a pipe that only one side has open makes that side wait.
    let pipe = try FileHandle(forUpdating: URL(filePath: path))
    try pipe.write(contentsOf: Data("one\n".utf8))
    var said: [String] = []
    try await readLog(path, following: true) { input in
      switch input {
      case .bytes(let bytes): said.append(String(decoding: bytes, as: UTF8.self))
      case .silence where said.count == 1: try pipe.write(contentsOf: Data("two\n".utf8))
      case .silence where said.count == 2: try pipe.close()
      case .silence, .restarted: break
      }
      return true
    }
    #expect(said == ["one\n", "two\n"])
  }
}
