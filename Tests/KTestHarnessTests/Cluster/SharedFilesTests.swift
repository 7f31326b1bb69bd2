import Glibc
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("What is kept by content goes when nobody uses it")
struct SharedFilesTests {
  private let tree: TemporaryTree
  private let now = Int(time(nil))
  private let day = 86_400

  init() throws { tree = try TemporaryTree() }

  private var files: SharedFiles { SharedFiles(root: tree.path) }
  private var names: [String] { HostFiles.names(in: "\(tree.path)/files").map { String($0.prefix(2)) } }

  private func set(_ path: String, daysAgo: Int) throws {
    var times = Array(repeating: timespec(tv_sec: now - daysAgo * day, tv_nsec: 0), count: 2)
    try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
  }

  /// A file whose name is a letter, 64 times.
  private func put(_ letter: Character, _ suffix: String = "", bytes: Int = 4096, written: Int, used: Int? = nil) throws
  {
    let name = String(repeating: letter, count: 64)
    try set(try tree.put("files/\(name)\(suffix)", [UInt8](repeating: 1, count: bytes)), daysAgo: written)
    if let used { try set(try tree.put("uses/\(name)", ""), daysAgo: used) }
  }

  @Test("after two weeks, by its last use and not by its age")
  func age() throws {
    try put("a", written: 15)
    try put("b", written: 13)
    try put("c", written: 400, used: 13)
    try put("d", written: 400, used: 15)
    try set(try tree.put("files/worker.sh", "#!/bin/sh\n"), daysAgo: 400)
    try set(try tree.put("files/notes", "mine"), daysAgo: 400)
    #expect(files.removeUnused(now: now).map { $0.prefix(1) } == ["a", "d"])
    #expect(names == ["bb", "cc", "no", "wo"])
    // The use of what is gone is forgotten, and that of what is kept is not.
    #expect(HostFiles.names(in: "\(tree.path)/uses").map { $0.prefix(1) } == ["c"])
  }

  @Test("but not what a run under way may use")
  func runs() throws {
    try put("a", written: 90, used: 31)
    try put("b", written: 90, used: 29)
    try WorkRun.make("\(tree.path)/run-1")
    try set("\(tree.path)/run-1/\(WorkFolder.mark)", daysAgo: 30)
    try WorkRun.make("\(tree.path)/run-2")
    #expect(files.removeUnused(now: now).count == 1 && names == ["bb"])
    #expect(HostFiles.names(in: "\(tree.path)/uses").count == 1)
    HostFiles.remove("\(tree.path)/run-1")
    #expect(files.removeUnused(now: now).count == 1 && names == [])
  }

  @Test("earlier if there is too much, and drafts of killed processes")
  func size() throws {
    try put("a", bytes: 1 << 20, written: 5)
    try put("b", bytes: 1 << 20, written: 9, used: 4)
    try put("c", bytes: 1 << 20, written: 3)
    try put("d", bytes: 1 << 20, written: 0)
    try put("e", ".123.new", written: 2)
    try put("f", ".124.new", written: 0)
    let limits = SharedFiles.Limits(bytes: 5 << 19)
    #expect(files.removeUnused(limits, now: now).map { $0.prefix(1) } == ["a", "b", "e"])
    // What was used today is kept, however much it is.
    #expect(files.removeUnused(SharedFiles.Limits(bytes: 0), now: now).map { $0.prefix(1) } == ["c"])
    #expect(names == ["dd", "ff"])
  }

  @Test("what is used while it is removed stays")
  func race() throws {
    try put("a", written: 20, used: 20)
    let item = try #require(files.items.first)
    try set("\(tree.path)/uses/\(item.name)", daysAgo: 0)
    #expect(!files.remove(item) && names == ["aa"])
    #expect(files.remove(try #require(files.items.first)) && names == [])
  }

  @Test("whoever needs a file says so, and puts it there again if it is gone")
  func again() throws {
    let path = try tree.put("kernel", "kernel")
    let name = try files.add(path)
    let use = "\(tree.path)/\(SharedFiles.use(of: name))"
    #expect(HostFiles.exists(use))
    try set(use, daysAgo: 20)
    try set("\(tree.path)/\(name)", daysAgo: 20)
    #expect(try files.add(path) == name && files.removeUnused(now: now) == [])
    try set(use, daysAgo: 20)
    #expect(files.removeUnused(now: now).count == 1)
    #expect(try files.add(path) == name && HostFiles.exists("\(tree.path)/\(name)"))
  }

  @Test("a folder with room has no shortage, and leaves nothing of the look")
  func room() throws {
    _ = try files.add(try tree.put("x", "x"))
    #expect(files.shortage() == nil && HostFiles.names(in: "\(tree.path)/files").count == 1)
  }
}
