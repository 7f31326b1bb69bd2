import Foundation
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite struct SourceCopyTests {
  @Test func aCopyFollowsItsSource() throws {
    let source = try Scratch()
    let place = try Scratch()
    try source.write("a/one", "1")
    try source.write("a/b/two", [UInt8](repeating: 7, count: 3 << 20))
    try source.write(".git/config", "mine")
    try source.write("sub/.git", "gitdir: /elsewhere")
    try source.write("sub/file", "s")
    #expect(chmod(source.path + "/a/one", 0o755) == 0)
    #expect(symlink("one", source.path + "/a/relative") == 0)
    #expect(symlink(source.path + "/a/one", source.path + "/absolute") == 0)
    let copy = SourceCopy(source: source.path, copy: place.path + "/copy")
    try copy.refresh()
    #expect(place.names("copy") == ["a", "absolute", "sub"])
    #expect(place.names("copy/a") == ["b", "one", "relative"])
    #expect(place.names("copy/sub") == ["file"], "a submodule's .git leads to the user's repository")
    #expect(FileStamp(place.path + "/copy/a/one") == FileStamp(source.path + "/a/one"), "time and permissions")
    #expect(try Files.read(place.path + "/copy/a/b/two") == Files.read(source.path + "/a/b/two"))
    #expect(Files.target(ofLink: place.path + "/copy/a/relative") == "one")
    #expect(Files.target(ofLink: place.path + "/copy/absolute") == place.path + "/copy/a/one")

    // What a build left behind, a file that has become a directory, and the other way round.
    try place.write("copy/generated", "g")
    try FileManager.default.removeItem(atPath: source.path + "/a/one")
    try source.write("a/one/inside", "x")
    try FileManager.default.removeItem(atPath: source.path + "/sub")
    try source.write("sub", "a file now")
    let untouched = try #require(inode(place.path + "/copy/a/b/two"))
    try copy.refresh()
    #expect(place.names("copy") == ["a", "absolute", "sub"])
    #expect(try Files.text(place.path + "/copy/a/one/inside") == "x")
    #expect(try Files.text(place.path + "/copy/sub") == "a file now")
    #expect(inode(place.path + "/copy/a/b/two") == untouched, "what has not changed is not copied again")
  }

  private func inode(_ path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.systemFileNumber] as? Int
  }
}
