import Foundation
import Fuzzing
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

/// Kernels in RPM packages, and in several package files.
@Suite(.gated()) struct SeveralPackagesTests {
  private static let folder = "lib/modules/6.17.1-test"

  private func kernel(_ version: String = "6.17.1") -> [UInt8] {
    SeedRPM.make(
      version: version,
      files: [
        ("\(Self.folder)/vmlinuz", CraftedImage.bzImage(release: "6.17.1-test")),
        ("\(Self.folder)/config", Array("CONFIG_DEV_DAX=m\n".utf8)),
        ("\(Self.folder)/modules.order", Array("kernel/dax.ko\nkernel/other.ko\n".utf8)),
      ])
  }

  private func modules(_ version: String = "6.17.1") -> [UInt8] {
    SeedRPM.make(
      name: "kernel-modules-core", version: version,
      files: [("\(Self.folder)/kernel/dax.ko", CraftedImage.module(name: "dax", release: "6.17.1-test"))])
  }

  private func needsUnpacker() throws {
    if HostProgram.path(of: "bsdtar") == nil { try Test.cancel("bsdtar is not installed") }
  }

  @Test func imageAndModulesInTwoRPMs() async throws {
    try needsUnpacker()
    let tree = try TemporaryTree()
    let files = [try tree.put("core.rpm", kernel()), try tree.put("modules.rpm", modules())]
    let source = try KernelSource(parsing: files.joined(separator: ","))
    let build = try await resolveKernel(source, cache: tree.cache)
    #expect(build.release == "6.17.1-test" && build.config?.isEnabled("DEV_DAX") == true)
    #expect(build.source.argument == files.joined(separator: ","))
    let payload = try await modulePayload(for: ["dax", "other"], of: build)
    #expect(payload.files.map(\.name) == ["dax"] && payload.missing == ["other"])
    #expect(try await resolveKernel(source, cache: tree.cache) == build)
    // The image alone is another kernel: one without modules.
    let alone = try await resolveKernel(.packages([files[0]]), cache: tree.cache)
    #expect(try await modulePayload(for: ["dax"], of: alone).missing == ["dax"])
    #expect(tree.cache.entries().filter { $0.hasPrefix("rpm-") }.count == 2)
  }

  @Test func imageAndModulesInTwoDebs() async throws {
    let tree = try TemporaryTree()
    try tree.put("image/boot/vmlinuz-6.16-test", CraftedImage.bzImage(release: "6.16-test"))
    try tree.put("modules/boot/config-6.16-test", "CONFIG_DEV_DAX=m\n")
    try tree.put("modules/lib/modules/6.16-test/dax.ko", CraftedImage.module(name: "dax", release: "6.16-test"))
    // The files of the next package must not go where it leads.
    #expect(symlink("/tmp", "\(tree.path)/image/lib") == 0)
    let files = [try await tree.packDeb("image"), try await tree.packDeb("modules")]
    #expect(try await resolveKernel(.packages(files), cache: tree.cache).modulesPath == nil)
    HostFiles.remove("\(tree.path)/image/lib")
    let build = try await resolveKernel(.packages([try await tree.packDeb("image"), files[1]]), cache: tree.cache)
    #expect(build.config?.isEnabled("DEV_DAX") == true)
    #expect(try await modulePayload(for: ["dax"], of: build).files.map(\.name) == ["dax"])
  }

  @Test func badOnesLeaveNothing() async throws {
    try needsUnpacker()
    let tree = try TemporaryTree()
    let good = try tree.put("good.rpm", kernel())
    let other = try tree.put("other.rpm", modules("6.17.2"))
    try tree.put("deb/x", "")
    let deb = try await tree.packDeb("deb")
    let bytes = kernel()
    let rows: [([String], String)] = [
      (
        [good, other], "it is of version 6.17.2-300.fc43, and \(good) is of 6.17.1-300.fc43; give packages of one build"
      ),
      ([good, deb], "give packages of one build"),
      ([try tree.put("cut.rpm", Array(bytes.dropLast(200)))], "it is cut short; copy or download it again"),
      ([try tree.put("head.rpm", Array(bytes.prefix(150)))], "it is cut short; copy or download it again"),
      ([try tree.put("text.rpm", "text\n")], "it is not an RPM package"),
      ([try tree.put("source.rpm", SeedRPM.make(isSource: true, files: []))], "it is a source package"),
      (
        [try tree.put("arm.rpm", SeedRPM.make(architecture: "aarch64", files: []))],
        "a package with an aarch64 kernel; ktest runs x86_64"
      ),
      ([other], "there is no boot/vmlinuz-* or lib/modules/*/vmlinuz"),
      ([good, "\(tree.path)/nowhere.rpm"], "no such file"),
    ]
    for (files, message) in rows {
      await #expect("\(files)") {
        try await resolveKernel(.packages(files), cache: tree.cache)
      } throws: { "\($0)".contains(message) }
    }
    #expect(tree.cache.entries().isEmpty)
    #expect(tree.files(in: "cache/kernels").allSatisfy { $0.hasPrefix(".digests/") })
  }
}
