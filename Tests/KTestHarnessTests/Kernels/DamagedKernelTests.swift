import Foundation
import Synchronization
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

/// A file of the cache that went bad is never taken for a bad kernel, and what a damaged image unpacks to has an end.
@Suite(.gated()) struct DamagedKernelTests {
  private final class Notes: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var all: [String] { texts.withLock { $0 } }
  }

  private let tree: TemporaryTree

  init() throws { tree = try TemporaryTree() }

  /// Other bytes of the same length.
  private func flip(_ path: String) throws {
    var bytes = try KernelFiles.read(path)
    bytes[bytes.count / 2] ^= 0xff
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test func aDamagedEntryIsMadeAnewAndSaid() async throws {
    try tree.putPackage("linux-image-test", image: CraftedImage.bzImage())
    let file = try await tree.packDeb("linux-image-test")
    let notes = Notes()
    let cache = KernelCache(directory: tree.cache.directory) { notes.add($0) }
    let build = try await resolveKernel(.packages([file]), cache: cache)
    #expect(build.identity == (try KernelFiles.digest(of: build.imagePath)))
    let module = try #require(build.modulesPath) + "/kernel/drivers/dax/dax.ko"
    for path in [build.imagePath, module, try #require(build.configPath)] {
      let good = try KernelFiles.digest(of: path)
      try flip(path)
      #expect(try await resolveKernel(.packages([file]), cache: cache) == build)
      #expect(try KernelFiles.digest(of: path) == good)
    }
    #expect(notes.all.count == 3 && notes.all.allSatisfy { $0.contains("is damaged: ") && $0.hasSuffix("rebuilt") })
  }

  /// Nothing says what it was made from, so that it cannot be made anew; and it is no kernel of the user's.
  @Test func aDamagedEntryThatIsNamedByItsPlaceIsAnError() async throws {
    try tree.putPackage("linux-image-test", image: CraftedImage.bzImage())
    let build = try await resolveKernel(.packages([try await tree.packDeb("linux-image-test")]), cache: tree.cache)
    let entry = tree.cache.path(of: try #require(tree.cache.entries().first))
    #expect(try await resolveKernel(.path(entry), cache: tree.cache) == build)
    try flip(build.imagePath)
    await #expect(throws: KernelError.cacheDamaged(path: entry)) {
      try await resolveKernel(.path(entry), cache: tree.cache)
    }
  }

  /// Of an entry without a seal the image at least is known.
  @Test func anEntryOfAnOlderKtestIsHeldAgainstItsRecord() async throws {
    try tree.putPackage("linux-image-test", image: CraftedImage.bzImage())
    let file = try await tree.packDeb("linux-image-test")
    let notes = Notes()
    let cache = KernelCache(directory: tree.cache.directory) { notes.add($0) }
    let build = try await resolveKernel(.packages([file]), cache: cache)
    let seal = cache.path(of: try #require(cache.entries().first)) + "/.sha256"
    unlink(seal)
    #expect(try await resolveKernel(.packages([file]), cache: cache) == build)
    #expect(HostFiles.exists(seal) && notes.all.isEmpty)
    unlink(seal)
    try flip(build.imagePath)
    #expect(try await resolveKernel(.packages([file]), cache: cache) == build)
    #expect(notes.all.count == 1)
  }

  @Test func aStreamThatCannotBeUnpackedIsNoKernel() async throws {
    // It says that it is gzip's, and is not: gzip ends before it has read it all.
    let payload = [0x1f, 0x8b, 8, 0] + [UInt8](repeating: 0xa5, count: 4 << 20)
    let image = try tree.put("bzImage", CraftedImage.bzImage(payload: payload, unpackedSize: 1 << 20))
    let error = await #expect(throws: KernelError.self) {
      try await resolveKernel(.path(image), cache: tree.cache)
    }
    #expect(error.map { "\($0)" }?.hasPrefix("\(image) is damaged: gzip cannot unpack its content: ") == true)
    #expect(tree.cache.entries().isEmpty)
  }

  @Test func anImageUnpacksToNoMoreThanItSays() async throws {
    let packed = "\(tree.path)/packed"
    let gzip = Tool(name: "gzip", package: "gzip")
    let zeros = [UInt8](repeating: 0, count: 8 << 20)
    _ = try await gzip.filter(
      zeros, arguments: ["-c"], into: packed, limit: 1 << 20, subject: "zeros", purpose: "pack")
    // The size is in the last four bytes of the stream.
    var stream = try KernelFiles.read(packed)
    stream.replaceSubrange((stream.count - 4)..., with: CraftedImage.little(UInt32(1 << 20)))
    let image = try tree.put("bzImage", CraftedImage.bzImage(payload: stream, sizeIsInPayload: true))
    await #expect(throws: KernelError.tooLarge(name: image, limit: 1 << 20)) {
      try await resolveKernel(.path(image), cache: tree.cache)
    }
    #expect(tree.files(in: "cache/kernels").allSatisfy { $0.hasPrefix(".digests/") })
  }

  @Test func aPackageUnpacksToNoMoreThanItSays() async throws {
    try tree.putPackage("linux-image-test", image: CraftedImage.bzImage())
    let room = 512 << 20
    let big = "\(tree.path)/linux-image-test/usr/big"
    try tree.put("linux-image-test/usr/big", "")
    #expect(truncate(big, off_t(room)) == 0)
    try tree.put(
      "linux-image-test/DEBIAN/control",
      "Package: linux-image-test\nVersion: 1\nArchitecture: amd64\nMaintainer: nobody\nInstalled-Size: 100\n"
        + "Description: x\n")
    let file = "\(tree.path)/bomb.deb"
    let packed = try await Tool(name: "dpkg-deb", package: "dpkg").run(
      ["--build", "--root-owner-group", "-Zgzip", "-z1", "\(tree.path)/linux-image-test", file], purpose: "pack")
    try #require(packed.succeeded, "\(packed.complaint)")
    await #expect(throws: KernelError.tooLarge(name: file, limit: (100 << 11) + (256 << 20))) {
      try await resolveKernel(.packages([file]), cache: tree.cache)
    }
    #expect(tree.cache.entries().isEmpty)
  }

  /// A program that ends without having read its input; with a pipe the rest of it had nowhere to go.
  @Test func aProgramNeedNotReadItsInput() async throws {
    let target = "\(tree.path)/out"
    let input = [UInt8](repeating: 1, count: 8 << 20)
    for (name, succeeds) in [("true", true), ("false", false)] {
      let result = try await Tool(name: name, package: "coreutils").filter(
        input, arguments: [], into: target, limit: 1, subject: "x", purpose: "test")
      #expect(result.succeeded == succeeds)
    }
    #expect(!HostFiles.exists(target))
    await #expect(throws: KernelError.tooLarge(name: "x", limit: 100)) {
      try await Tool(name: "cat", package: "coreutils").filter(
        input, arguments: [], into: target, limit: 100, subject: "x", purpose: "test")
    }
    #expect(!HostFiles.exists(target))
  }
}
