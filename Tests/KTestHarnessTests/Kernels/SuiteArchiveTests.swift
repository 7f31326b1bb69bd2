import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

/// Kernels of a suite, from an archive on this machine.
@Suite(.gated()) struct SuiteArchiveTests {
  private static let release = "7.3.4-test-amd64"

  /// The packages of a kernel as Debian has it since 6.19, all in one version but perhaps the modules.
  private func split(
    _ tree: TemporaryTree, release: String = SuiteArchiveTests.release, version: String = "7.3.4-1",
    modules: String? = "7.3.4-1"
  ) async throws -> [String] {
    let names = ["binary", "modules", "base"].map { "linux-\($0)-\(release)" }
    let folder = "usr/lib/modules/\(release)"
    try tree.put("\(names[0])/\(folder)/vmlinuz", CraftedImage.bzImage(release: release))
    try tree.put("\(names[1])/\(folder)/kernel/dax.ko", CraftedImage.module(name: "dax", release: release))
    try tree.put("\(names[2])/\(folder)/config", "CONFIG_DEV_DAX=m\n")
    try tree.put("\(names[2])/\(folder)/modules.order", "kernel/dax.ko\n")
    try tree.put("linux-image-\(release)/usr/share/doc/x", "nothing else")
    let depends = "Depends: kmod | other, " + names.map { "\($0) (= \(version))" }.joined(separator: ", ")
    var files = [try await tree.packDeb("linux-image-\(release)", version: version, fields: [depends])]
    files.append(try await tree.packDeb(names[0], version: version))
    files.append(try await tree.packDeb(names[2], version: version))
    if let modules { files.append(try await tree.packDeb(names[1], version: modules)) }
    return files
  }

  @Test func aKernelInPartsIsOneEntry() async throws {
    let archive = try await LocalArchive()
    try await archive.publish(await split(archive.tree), in: "test-backports")
    let build = try await archive.fetch("7.3-test", from: "test-backports")
    #expect(build.release == Self.release && build.config?.isEnabled("DEV_DAX") == true)
    #expect(build.source.argument == "debian:linux-image-\(Self.release)@test-backports")
    #expect(try await modulePayload(for: ["dax"], of: build).files.map(\.name) == ["dax"])
    #expect(archive.tree.cache.entries() == ["linux-image-\(Self.release)_7.3.4-1"])
    #expect(!archive.tree.files(in: "cache/kernels").contains { $0.hasSuffix(".deb") })
    // Once it is there, neither lists nor archive are needed.
    HostFiles.remove("\(archive.tree.path)/archive")
    HostFiles.remove(archive.tree.cache.archives)
    let again = try await resolveKernel(
      try KernelSource(parsing: "debian:7.3-test@test-backports"), cache: archive.tree.cache)
    #expect(again.imagePath == build.imagePath)
    #expect(again.source.argument == "debian:7.3-test@test-backports")
    #expect(cachedKernels(named: "debian:7.3-test@test-backports", in: archive.tree.cache).count == 1)
  }

  @Test("a kernel whose part is missing or of another version is passed over, and named when it is the only one")
  func missingParts() async throws {
    let archive = try await LocalArchive()
    let tree = archive.tree
    let newest = try await split(tree, release: "7.3.5-test-amd64", version: "7.3.5-1", modules: nil)
    let other = try await split(tree, release: "7.2.9-test-amd64", version: "7.2.9-2", modules: "7.2.9-1")
    try await archive.publish(newest + other + split(tree), in: "sid")
    #expect(try await archive.fetch("7-test", from: "sid").release == Self.release)
    for (name, message) in [
      ("7.3.5-test", "linux-modules-7.3.5-test-amd64 is not in the archive in version 7.3.5-1; choose"),
      ("7.2-test", "linux-modules-7.2.9-test-amd64 is not in the archive in version 7.2.9-2, only in 7.2.9-1; choose"),
      ("6.1-test", "no package matches debian:6.1-test@sid; there is debian:7.3.5-test@sid, debian:7.3.4-test@sid"),
    ] {
      await #expect("\(name)") { try await archive.fetch(name, from: "sid") } throws: { "\($0)".contains(message) }
    }
    #expect(tree.cache.entries().count == 1)
    let pattern = try #require(try DebianKernelPattern(parsing: "debian:7.*-test@sid"))
    let series = try await archive.open("sid").series(pattern)
    #expect(series.names == ["debian:linux-image-7.3.4-test-amd64@sid"])
    #expect(series.absent == ["7.2.9-test", "7.3.5-test"])
    #expect(series.gaps == ["debian:linux-image-7.3.4-test-amd64@sid": ["7.2.9-test"]] && series.rest == ["7.3.5-test"])
    #expect(series.note?.hasSuffix(": 7.2.9-test, 7.3.5-test") == true)
  }

  @Test func aSuiteThatIsNotThereLeavesNothing() async throws {
    let archive = try await LocalArchive()
    try await archive.publish([], in: "sid")
    await #expect(throws: KernelError.noSuchSuite(name: "nosuch")) { try await archive.open("nosuch") }
    #expect(!HostFiles.exists("\(archive.tree.cache.archives)/nosuch"))
    var lists = archive.lists("sid")
    // Nobody listens there.
    lists.mirror = "http://127.0.0.1:9/debian"
    await #expect {
      try await DebianArchive.open(try #require(DebianSuite(parsing: "sid")), lists)
    } throws: { "\($0)".hasPrefix("cannot fetch the package lists of sid: ") && "\($0)".contains("127.0.0.1") }
    #expect(!HostFiles.exists("\(archive.tree.cache.archives)/sid"))
  }

  @Test func unsignedAndWronglySignedListsAreNotUsed() async throws {
    let archive = try await LocalArchive()
    let files = try await split(archive.tree)
    try await archive.publish(files, in: "unsigned", signed: false)
    try await archive.publish(files, in: "sid")
    let stranger = try await LocalArchive()
    for lists in [archive.lists("unsigned"), archive.lists("sid", keyring: stranger.keyring)] {
      await #expect("\(lists.suite)") {
        try await DebianArchive.open(try #require(DebianSuite(parsing: lists.suite)), lists)
      } throws: {
        "\($0)".hasPrefix("the package lists of \(lists.suite) are not signed with a key in \(lists.keyring ?? "")")
      }
      #expect(!HostFiles.exists(lists.directory))
    }
    // Good lists stay as they are when bad ones follow.
    _ = try await archive.open("sid")
    try archive.tree.put("archive/dists/sid/InRelease", "not signed\n")
    await #expect(throws: KernelError.self) { try await archive.open("sid", refresh: true) }
    #expect(try await archive.fetch("7.3-test", from: "sid").release == Self.release)
  }

  @Test("old lists are used when the mirror is down, unless they are to be refreshed")
  func oldLists() async throws {
    let archive = try await LocalArchive()
    try await archive.publish(await split(archive.tree), in: "sid")
    _ = try await archive.open("sid")
    var lists = archive.lists("sid")
    (lists.mirror, lists.patience) = ("http://127.0.0.1:9/debian", 0)
    let suite = try #require(DebianSuite(parsing: "sid"))
    #expect(try await DebianArchive.open(suite, lists).packageNames() == ["linux-image-\(Self.release)"])
    await #expect(throws: KernelError.self) { try await DebianArchive.open(suite, lists, refresh: true) }
  }

  @Test func aPackageThatIsCutShortLeavesNothing() async throws {
    let archive = try await LocalArchive()
    try await archive.publish(await split(archive.tree), in: "sid")
    let file = "archive/pool/linux-modules-\(Self.release).deb"
    let bytes = try KernelFiles.read("\(archive.tree.path)/\(file)")
    try archive.tree.put(file, Array(bytes.dropLast(20)))
    await #expect {
      try await archive.fetch("7.3-test", from: "sid")
    } throws: { "\($0)".hasPrefix("cannot download linux-image-\(Self.release): ") }
    #expect(archive.tree.cache.entries().isEmpty)
    #expect(archive.tree.files(in: "cache/kernels").isEmpty)
  }
}
