import Foundation
import Testing

@testable import KTestGuests
@testable import KTestValues

@Suite("What QEMU is handed when it runs as another user")
struct GuestFilesTests {
  private let scratch: Scratch
  private let files: GuestFiles
  /// A private directory, as a cache is: `NSTemporaryDirectory` itself is open to everybody.
  private let cache: String

  init() throws {
    scratch = try Scratch()
    cache = "\(scratch.path)/cache"
    let boot = "\(scratch.path)/boot"
    for folder in [cache, boot] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    files = GuestFiles(directory: boot, user: GuestUser(name: "somebody", uid: geteuid() + 1, gid: getegid()))
    chmod(cache, 0o700)
  }

  private func write(_ name: String, _ text: String, mode: mode_t) throws -> String {
    let path = try scratch.write("cache/\(name)", text)
    chmod(path, mode)
    return path
  }

  private func number(of path: String) -> UInt? {
    var information = stat()
    return stat(path, &information) == 0 ? information.st_ino : nil
  }

  @Test("a link out of a private directory, which is gone when it was read")
  func link() throws {
    let kernel = try write("vmlinux", "kernel", mode: 0o644)
    let image = try write("a,b.cpio", "image", mode: 0o644)
    let lent = try files.lend(kernel, to: "ktest-1", as: "kernel")
    let other = try files.lend(image, to: "ktest-1", as: "initramfs")
    let another = try files.lend(kernel, to: "ktest-10", as: "kernel")
    #expect(lent == "\(files.directory)/ktest-1.kernel" && number(of: lent) == number(of: kernel))
    #expect(number(of: other) == number(of: image) && number(of: another) == number(of: kernel))
    files.takeBack(from: "ktest-1")
    #expect(scratch.names("boot") == ["ktest-10.kernel"])
    #expect(try String(contentsOfFile: kernel, encoding: .utf8) == "kernel")
  }

  @Test("a file that QEMU writes is read when it has no name any more, each byte once")
  func received() throws {
    let own = GuestFiles(directory: files.directory, user: nil)
    let file = try own.receive(from: "ktest-1", as: "functions")
    let writer = try #require(FileHandle(forWritingAtPath: file.path))
    own.takeBack(from: "ktest-1")
    #expect(scratch.names("boot") == [] && file.readNew() == [])
    try writer.write(contentsOf: Data("metric a".utf8))
    #expect(file.readNew() == Array("metric a".utf8))
    try writer.write(contentsOf: Data(repeating: 7, count: 200_000))
    #expect(file.readNew() == [UInt8](repeating: 7, count: 200_000) && file.readNew() == [])
  }

  @Test("a link to what a symbolic link stands for")
  func symbolicLink() throws {
    let kernel = try write("vmlinux", "kernel", mode: 0o644)
    try FileManager.default.createSymbolicLink(atPath: "\(cache)/link", withDestinationPath: kernel)
    #expect(number(of: try files.lend("\(cache)/link", to: "g", as: "kernel")) == number(of: kernel))
  }

  @Test("a copy of what only its owner reads, once, and again when it has changed")
  func copy() throws {
    let kernel = try write("vmlinux", "kernel", mode: 0o600)
    let first = try files.lend(kernel, to: "a", as: "kernel")
    let second = try files.lend(kernel, to: "b", as: "kernel")
    #expect(number(of: first) == number(of: second) && number(of: first) != number(of: kernel))
    #expect(try String(contentsOfFile: first, encoding: .utf8) == "kernel")
    var information = stat()
    #expect(stat(first, &information) == 0 && information.st_mode & 0o7777 == 0o640)
    #expect(stat(kernel, &information) == 0 && information.st_mode & 0o7777 == 0o600)
    _ = try write("vmlinux", "another", mode: 0o600)
    let third = try files.lend(kernel, to: "c", as: "kernel")
    #expect(try String(contentsOfFile: third, encoding: .utf8) == "another")
    files.removeAll()
    #expect(scratch.names("boot").isEmpty)
  }

  @Test("copies do not pile up")
  func manyCopies() throws {
    for number in 0..<20 {
      let kernel = try write("vmlinux-\(number)", "\(number)", mode: 0o600)
      let lent = try files.lend(kernel, to: "g", as: "kernel")
      #expect(try String(contentsOfFile: lent, encoding: .utf8) == "\(number)")
      files.takeBack(from: "g")
    }
    #expect(scratch.names("boot").count <= 8)
  }

  @Test("nothing is made of what everybody may read, or where QEMU runs as ktest's user")
  func openToEverybody() throws {
    let kernel = try write("vmlinux", "kernel", mode: 0o644)
    #expect(GuestFiles.openToEverybody(kernel) == nil)
    let own = GuestFiles(directory: files.directory, user: nil)
    #expect(try own.lend(kernel, to: "g", as: "kernel") == kernel)
    #expect(GuestFiles.openToEverybody("/etc/passwd") == "/etc/passwd")
    #expect(try files.lend("/etc/passwd", to: "g", as: "kernel") == "/etc/passwd")
    // A link in a directory that only ktest may search: QEMU opens what it points to.
    let link = "\(cache)/passwd"
    #expect(symlink("/etc/passwd", link) == 0)
    #expect(try files.lend(link, to: "g", as: "kernel") == "/etc/passwd")
    #expect(scratch.names("boot").isEmpty)
  }

  @Test("what is not there or no file is refused with its name")
  func refused() {
    #expect {
      try files.lend("\(cache)/none", to: "g", as: "kernel")
    } throws: { error in
      "\(error)" == "cannot give \(cache)/none to QEMU, which runs as somebody: No such file or directory"
    }
    #expect(throws: GuestError.self) { try files.lend(cache, to: "g", as: "kernel") }
  }
}

@Suite("Where libvirt's roots lie")
struct EmbeddedRootPlaceTests {
  private let user = GuestUser(name: "somebody", uid: 64055, gid: getegid())

  @Test("under the cache, where its path is short and plain")
  func plain() throws {
    #expect(try EmbeddedRoot.place(for: "/c/ktest/libvirt", user: nil) == "/c/ktest/libvirt")
  }

  @Test(
    "a short plain path elsewhere for all others",
    arguments: [
      "a b", "a\"b", "a'b", "a&b", "a<b", "a%41b", "a,b", "a,,b", "a#b", "a?b", "a\tb", "a\nb", "é", "a:b", "a[b]",
      String(repeating: "x", count: 120),
    ])
  func odd(_ name: String) throws {
    let scratch = try Scratch()
    let place = try EmbeddedRoot.place(for: "\(scratch.path)/\(name)", user: nil)
    defer { rmdir(place) }
    #expect(EmbeddedRoot.isPlain(place) && place.hasPrefix("/"))
    let other = try EmbeddedRoot.place(for: "\(scratch.path)/\(name)2", user: nil)
    defer { rmdir(other) }
    #expect(place != other)
    #expect(!EmbeddedRoot.isPlain("/\(name)"))
  }

  @Test("out of the private cache where QEMU is another user", .enabled(if: geteuid() == 0, "needs root"))
  func otherUser() throws {
    let scratch = try Scratch()
    let place = try EmbeddedRoot.place(for: "\(scratch.path)/c", user: user)
    defer { rmdir(place) }
    var information = stat()
    #expect(stat(place, &information) == 0 && information.st_mode & 0o7777 == 0o750)
    #expect(information.st_uid == 0 && information.st_gid == user.gid)
    #expect(place.hasPrefix("/tmp/ktest-0-") || place.hasPrefix("/var/tmp/ktest-0-"))
  }
}
