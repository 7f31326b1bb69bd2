import Foundation
import Testing

@testable import KTestHost

@Suite("What a cache is used for")
struct CacheUseTests {
  /// A cache with one entry of each name.
  private static func withCache(_ entries: [String], _ body: (CacheUse) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/ktest-use-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for entry in entries {
      try HostFiles.makeDirectory("\(path)/\(entry)/deep")
      try Data(count: 10_000).write(to: URL(filePath: "\(path)/\(entry)/deep/file"))
    }
    try await body(CacheUse(path))
  }

  private static func item(_ name: String, _ use: CacheUse, lock: String? = nil, needsQuiet: Bool = false) -> CachedItem
  {
    CachedItem(
      .kernel, "\(use.cache)/kernels/\(name)", key: "kernels/\(name)", lock: lock, needsQuiet: needsQuiet, in: use)
  }

  @Test("what is used is not removed, and what is not used is")
  func used() async throws {
    try await Self.withCache(["kernels/a+b", "kernels/c"]) { use in
      let before = Int(Date().timeIntervalSince1970) - 2
      use.note("kernels/a+b")
      use.note("kernels/a+b")
      #expect(use.users() == [.init(pid: getpid(), keys: ["kernels/a+b"])])
      #expect(use.lastUse(of: "kernels/a+b") ?? 0 >= before && use.lastUse(of: "kernels/c") == nil)
      let (used, unused) = (Self.item("a+b", use), Self.item("c", use))
      #expect(used.bytes >= 10_000 && used.name == "a+b")
      #expect(!used.remove(from: use) && unused.remove(from: use))
      #expect(HostFiles.names(in: "\(use.cache)/kernels") == ["a+b"])
      #expect(HostFiles.exists("\(use.cache)/kernels/a+b/deep/file"))
      // It is gone already.
      #expect(!unused.remove(from: use))
      use.note("kernels/gone")
      use.forgetAbsent()
      #expect(use.lastUse(of: "kernels/gone") == nil && use.lastUse(of: "kernels/a+b") != nil)
    }
  }

  @Test("the list of a process that has ended counts for nothing, and is removed")
  func ended() async throws {
    try await Self.withCache(["kernels/a", ".users"]) { use in
      try Data("kernels/a\n".utf8).write(to: URL(filePath: "\(use.cache)/.users/1-1"))
      #expect(Self.item("a", use).remove(from: use))
      #expect(!HostFiles.exists("\(use.cache)/.users/1-1"))
    }
  }

  @Test("what is being made stays, and parts stay while anybody uses the cache")
  func held() async throws {
    try await Self.withCache(["kernels/a", "kernels/b", "kernels/.locks"]) { use in
      let path = "\(use.cache)/kernels/.locks/a"
      let lock = try #require(try FileLock(ifFree: path))
      #expect(!Self.item("a", use, lock: path).remove(from: use))
      withExtendedLifetime(lock) {}
      use.note("kernels/other")
      #expect(!Self.item("b", use, needsQuiet: true).remove(from: use))
      #expect(Self.item("b", use, lock: "\(use.cache)/nowhere/b").remove(from: use))
    }
  }

  @Test("a cache that cannot be written to is used all the same")
  func unwritable() {
    let use = CacheUse("/proc/no-such-cache")
    use.note("kernels/a")
    #expect(use.users().isEmpty && use.lastUse(of: "kernels/a") == nil)
  }

  @Test("a file with two names is counted once, and links are not followed")
  func usage() async throws {
    try await Self.withCache(["kernels/a"]) { use in
      let one = DiskUsage.bytes(of: "\(use.cache)/kernels")
      link("\(use.cache)/kernels/a/deep/file", "\(use.cache)/kernels/a/deep/same")
      symlink("/usr", "\(use.cache)/kernels/a/usr")
      #expect(DiskUsage.bytes(of: "\(use.cache)/kernels") - one < 8192)
      #expect(Self.item("a", use).remove(from: use) && HostFiles.isDirectory("/usr"))
    }
  }
}
