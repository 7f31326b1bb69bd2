import Foundation
import Testing

@testable import KTestGuests
@testable import KTestValues

@Suite struct EmbeddedRootRemovalTests {
  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  @Test func aTemporaryRootGoesWithItsProcess() throws {
    let scratch = try Scratch()
    let base = scratch.path + "/a cache"
    var root: EmbeddedRoot? = try EmbeddedRoot.take(under: base).0
    let path = try #require(root?.path)
    #expect(path.contains("/\(EmbeddedRoot.temporaryPrefix)") && Self.exists(path + "/ktest.lock"))
    try "known".write(toFile: path + "/cache/qemu", atomically: false, encoding: .utf8)
    root = nil
    #expect(!Self.exists(path) && !Self.exists(URL(filePath: path).deletingLastPathComponent().path))
    // What the driver has learned stays for the next one.
    #expect(Self.exists(base + "/0/cache/qemu"))
  }

  @Test func whatKilledProcessesLeftGoesAndNothingElse() throws {
    let scratch = try Scratch()
    let (dead, mixed) = ("\(EmbeddedRoot.temporaryPrefix)dead", "\(EmbeddedRoot.temporaryPrefix)mixed")
    let foreign = "ktest-4000000000-foreign"
    for name in ["\(dead)/0", "\(dead)/1", "\(mixed)/0", "\(mixed)/1", "\(foreign)/0"] {
      try scratch.write("\(name)/ktest.lock", "")
    }
    // The lock of a process that lives.
    let held = open("\(scratch.path)/\(mixed)/1/ktest.lock", O_RDWR | O_CLOEXEC)
    defer { close(held) }
    try #require(flock(held, LOCK_EX | LOCK_NB) == 0)
    EmbeddedRoot.removeAbandoned(user: nil, in: [scratch.path])
    #expect(scratch.names(".") == [foreign, mixed].sorted())
    #expect(scratch.names(mixed) == ["1"])
  }

  @Test(.enabled(if: geteuid() == 0, "needs root, to give a directory away"))
  func aDirectoryOfSomebodyElseStays() throws {
    let scratch = try Scratch()
    let name = "\(EmbeddedRoot.temporaryPrefix)taken"
    try scratch.write("\(name)/0/ktest.lock", "")
    try #require(chown("\(scratch.path)/\(name)", 65_534, 65_534) == 0)
    EmbeddedRoot.removeAbandoned(user: nil, in: [scratch.path])
    #expect(scratch.names(name) == ["0"])
  }

  @Test("a guest of a cache that is gone is ended, one of another cache is left to that cache's next process")
  func guestsOfNoCache() throws {
    let scratch = try Scratch()
    var guests: [String: Process] = [:]
    for cache in ["there", "gone"] {
      let root = "\(EmbeddedRoot.temporaryPrefix)\(cache)/0"
      try scratch.write("\(root)/ktest.lock", "")
      try FileManager.default.createSymbolicLink(
        atPath: "\(scratch.path)/\(root)/cache", withDestinationPath: "\(scratch.path)/\(cache)")
      // Its words look like QEMU's.
      let guest = Process()
      guest.executableURL = URL(filePath: "/usr/bin/tail")
      guest.arguments = ["-f", "/dev/null", "guest=ktest-\(cache)-1"]
      guest.standardError = FileHandle.nullDevice
      try guest.run()
      guests[cache] = guest
      try scratch.write("\(root)/run/qemu/ktest-\(cache)-1.pid", "\(guest.processIdentifier)\n")
    }
    defer { for guest in guests.values { kill(guest.processIdentifier, SIGKILL) } }
    try scratch.write("there/x", "")
    #expect(EmbeddedRoot.removeAbandoned(user: nil, in: [scratch.path]) == ["ktest-gone-1"])
    #expect(scratch.names(".") == ["\(EmbeddedRoot.temporaryPrefix)there", "there"].sorted())
    #expect(guests["there"].map { kill($0.processIdentifier, 0) } == 0)
  }

  @Test("a process that ends by itself is waited for, and one that does not is killed")
  func endings() throws {
    let scratch = try Scratch()
    let short = try Process.run(
      URL(filePath: "/bin/sh"), arguments: ["-c", "sleep 0.2; echo whole > \(scratch.path)/short"])
    #expect(EmbeddedRoot.end(short.processIdentifier, within: 60_000))
    #expect(scratch.names(".") == ["short"])
    let long = try Process.run(URL(filePath: "/bin/sleep"), arguments: ["600"])
    #expect(EmbeddedRoot.end(long.processIdentifier, within: 10))
  }
}
