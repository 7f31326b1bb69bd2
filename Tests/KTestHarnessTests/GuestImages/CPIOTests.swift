import Testing

@testable import KTestValues

@Suite struct CPIOTests {
  private let entries = [
    CPIO.Entry(path: "/usr/bin/tool", mode: 0o755, body: .file(.bytes([1, 2, 3, 4, 5]))),
    CPIO.Entry(path: "init", mode: 0o755, body: .file(.bytes([7]))),
    CPIO.Entry(path: "/tmp", mode: 0o1777, body: .directory),
    CPIO.Entry(path: "/dev/console", mode: 0o600, body: .characterDevice(major: 5, minor: 1)),
    CPIO.Entry(path: "/dev/vda", mode: 0o660, body: .blockDevice(major: 254, minor: 300)),
    CPIO.Entry(path: "/bin", mode: 0o777, body: .symlink("usr/bin")),
    CPIO.Entry(path: "/empty", mode: 0o644, body: .file(.bytes([]))),
  ]

  @Test func isReadBackWhole() throws {
    let archive = try CPIOArchive(try #require(CPIO(entries).bytes()))
    #expect(archive.archives.count == 1)
    #expect(
      archive.paths == [
        "bin", "dev", "dev/console", "dev/vda", "empty", "init", "tmp", "usr", "usr/bin", "usr/bin/tool",
      ])
    #expect(archive["usr/bin/tool"]?.content == [1, 2, 3, 4, 5])
    #expect(archive["usr/bin/tool"]?.mode == 0o100755)
    #expect(archive["usr/bin"]?.mode == 0o040755)
    #expect(archive["tmp"]?.mode == 0o041777)
    #expect(archive["bin"]?.content == Array("usr/bin".utf8))
    #expect(archive["bin"]?.mode == 0o120777)
    #expect(archive["dev/console"]?.mode == 0o020600)
    #expect(archive["dev/console"]?.device == [5, 1])
    #expect(archive["dev/vda"]?.device == [254, 300])
    #expect(archive["empty"]?.content == [])
  }

  @Test func nothingOfTheHostIsInIt() throws {
    let archive = try CPIOArchive(try #require(CPIO(entries).bytes()))
    #expect(archive.entries.map(\.inode) == (1...10).map { UInt32($0) })
    #expect(archive.entries.allSatisfy { $0.time == 0 && $0.owners == [0, 0] })
    #expect(archive.entries.allSatisfy { ($0.mode & 0o170000 == 0o040000) == ($0.links == 2) })
  }

  @Test func theOrderOfEntriesDoesNotMatter() {
    let bytes = CPIO(entries).bytes()
    #expect(CPIO(entries.reversed()).bytes() == bytes)
    #expect(CPIO(Array(entries[3...] + entries[..<3])).bytes() == bytes)
    #expect(CPIO(Array(entries.dropLast())).bytes() != bytes)
  }

  @Test(arguments: 0...9) func everyLengthIsAligned(_ length: Int) throws {
    let name = String(repeating: "n", count: length + 1)
    let content = [UInt8](repeating: 9, count: length)
    let archive = try CPIOArchive(
      try #require(CPIO([CPIO.Entry(path: name, mode: 0o644, body: .file(.bytes(content)))]).bytes()))
    #expect(archive[name]?.content == content)
  }

  @Test func aLaterEntryReplacesAnEarlierOne() throws {
    let twice = [
      CPIO.Entry(path: "/a", mode: 0o644, body: .file(.bytes([1]))),
      CPIO.Entry(path: "a", mode: 0o600, body: .file(.bytes([2]))),
    ]
    let archive = try CPIOArchive(try #require(CPIO(twice).bytes()))
    #expect(archive.entries.count == 1)
    #expect(archive["a"]?.content == [2])
  }

  @Test func aFileOnDiskStaysAReference() {
    let archive = CPIO([CPIO.Entry(path: "/big", mode: 0o644, body: .file(.file(path: "/somewhere", size: 1_000_001)))])
    #expect(archive.bytes() == nil)
    let pieces = archive.pieces()
    #expect(pieces.count == 3)
    #expect(pieces[1] == .file(path: "/somewhere", size: 1_000_001))
    guard case .bytes(let rest) = pieces[2] else {
      Issue.record("the archive does not end with bytes")
      return
    }
    #expect(rest.prefix(9) == [0, 0, 0] + "070701".utf8)
  }

  @Test func anEmptyArchiveIsATrailer() throws {
    let archive = try CPIOArchive(try #require(CPIO([]).bytes()))
    #expect(archive.archives == [[]])
  }
}
