import Foundation
import Subprocess
import SystemPackage
import TestGate
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

  /// Runs a program while `body` does, and kills it then. Returns how it ended.
  private static func whileRunning(
    _ words: [String], _ body: (pid_t) async throws -> Void
  ) async throws -> TerminationStatus {
    try await run(
      .path(FilePath(words[0])), arguments: Arguments(Array(words.dropFirst())), input: .none, output: .discarded,
      error: .discarded
    ) { execution in
      try await body(execution.processIdentifier.value)
      kill(execution.processIdentifier.value, SIGKILL)
    }.terminationStatus
  }

  @Test("a guest of a cache that is gone is ended, one of another cache is left to that cache's next process", .gated())
  func guestsOfNoCache() async throws {
    let scratch = try Scratch()
    func leave(_ cache: String, pid: pid_t) throws {
      let root = "\(EmbeddedRoot.temporaryPrefix)\(cache)/0"
      try scratch.write("\(root)/ktest.lock", "")
      try scratch.write("\(root)/run/qemu/ktest-\(cache)-1.pid", "\(pid)\n")
      try FileManager.default.createSymbolicLink(
        atPath: "\(scratch.path)/\(root)/cache", withDestinationPath: "\(scratch.path)/\(cache)")
    }
    try scratch.write("there/x", "")
    // Their words look like QEMU's.
    _ = try await Self.whileRunning(["/usr/bin/tail", "-f", "/dev/null", "guest=ktest-there-1"]) { there in
      try leave("there", pid: there)
      _ = try await Self.whileRunning(["/usr/bin/tail", "-f", "/dev/null", "guest=ktest-gone-1"]) { gone in
        try leave("gone", pid: gone)
        #expect(EmbeddedRoot.removeAbandoned(user: nil, in: [scratch.path]) == ["ktest-gone-1"])
        #expect(scratch.names(".") == ["\(EmbeddedRoot.temporaryPrefix)there", "there"].sorted())
        #expect(kill(there, 0) == 0)
      }
    }
  }

  @Test("a process that ends by itself is waited for, and one that does not is killed", .gated())
  func endings() async throws {
    let short = try await Self.whileRunning(["/bin/sh", "-c", "sleep 0.2"]) { pid in
      #expect(EmbeddedRoot.end(pid, within: 60_000))
    }
    #expect(short == .exited(0))
    let long = try await Self.whileRunning(["/bin/sleep", "600"]) { pid in
      #expect(EmbeddedRoot.end(pid, within: 10))
    }
    #expect(long == .signaled(SIGKILL))
  }
}
