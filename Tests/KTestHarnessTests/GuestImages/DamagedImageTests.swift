import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// What goes bad in the cache is made anew and said, and never boots; what is no file is not read without end.
@Suite(.gated()) struct DamagedImageTests {
  private func bench() throws -> ImageBench {
    try ImageBench(
      "  - directory: /mnt\n  - file: files/a\n    to: /etc/a\n", files: ["files/a": "the content of a file\n"])
  }

  /// Other bytes of the same length, and the time of the last change set back.
  private func flip(_ path: String) throws {
    var bytes = try Files.read(path)
    bytes[bytes.count / 2] ^= 0xff
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.write(contentsOf: Data(bytes))
    try file.close()
    let times = [timeval(tv_sec: 1_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000, tv_usec: 0)]
    #expect(utimes(path, times) == 0)
  }

  @Test func aDamagedArchiveIsMadeAnew() async throws {
    let bench = try bench()
    let payload = [ImagePayload(path: "/lib/modules/x.ko", content: .bytes([1, 2, 3]))]
    let first = try await bench.build(modules: payload)
    #expect(try first.notices.isEmpty && first.sha256 == SHA256.hex(of: Files.read(first.path)))
    try flip(first.path)
    let second = try await bench.build(modules: payload)
    #expect(second.notices == ["the cached file \(first.path) was damaged and is rebuilt"])
    #expect(try second.sha256 == first.sha256 && second.sha256 == SHA256.hex(of: Files.read(second.path)))
    #expect(try await bench.build(modules: payload) == first)
  }

  /// The archives are gone, so that the contents are taken again.
  @Test func aDamagedContentIsTakenAnew() async throws {
    let bench = try bench()
    let first = try await bench.build()
    let images = bench.cache + "/images"
    for blob in bench.scratch.names("cache/images/blobs") { try flip("\(images)/blobs/\(blob)") }
    for name in bench.scratch.names("cache/images/base") { Files.remove("\(images)/base/\(name)") }
    let second = try await bench.build()
    #expect(second.sha256 == first.sha256)
    // The agent and the file.
    #expect(second.notices.count == 2)
  }

  @Test func aDamagedLayerIsNotBelieved() async throws {
    var content = LayerContent()
    content.entries = [LayerContent.Entry(path: "/etc/a", mode: 0o600, body: .symlink("/b"))]
    content.details = ["a detail"]
    let text = content.text
    #expect(LayerContent(text: text) == content)
    #expect(LayerContent(text: text.replacing("600", with: "604")) == nil)
    #expect(LayerContent(text: text.replacing("/b", with: "/c")) == nil)
    // Of an older ktest, without a digest.
    #expect(LayerContent(text: "ktest-layer 1\nsymlink\t600\t/b\t/etc/a\ndetail\ta detail\nend\n") == content)
  }

  @Test func aDeviceIsNoProgram() async throws {
    let bench = try ImageBench("  - program: /dev/zero\n")
    let error = await #expect(throws: ImageError.self) { try await bench.build() }
    let recipe = bench.scratch.path + "/images/test.yaml"
    #expect(
      error
        == .inRecipe(
          file: recipe, line: 3, column: 5, .fileUnfit(path: "/dev/zero", reason: "it is not a regular file")))
  }

  @Test func aFileOfAnImageHasALimit() async throws {
    let bench = try bench()
    let path = bench.scratch.path + "/images/files/a"
    #expect(truncate(path, off_t(Files.limit) + 1) == 0)
    let error = await #expect(throws: ImageError.self) { try await bench.build() }
    #expect(error.map { "\($0)" }?.hasSuffix("has 1073741825 bytes; the limit is 1073741824") == true)
  }

  @Test func aProgramThatTheHostLacksIsNoFaultOfTheRecipe() async throws {
    let bench = try ImageBench("  - directory: /mnt\n  - program: /usr/bin/ktest-none\n")
    let error = await #expect(throws: ImageError.self) { try await bench.build() }
    guard case .inRecipe(_, 4, 5, .programMissing("/usr/bin/ktest-none", _)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
