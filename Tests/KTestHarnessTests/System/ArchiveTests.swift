import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite(.gated(), .enabled(if: HostTool("dpkg-deb") != nil && HostTool("xz") != nil, "dpkg-deb or xz is not installed"))
struct ArchiveTests {
  /// A package such as `linux-source-6.12`, with a source of a few files in it.
  private func package(in scratch: Scratch) async throws -> String {
    try scratch.write("source/linux-source-9.9/Makefile", "VERSION = 9\n")
    try scratch.write("source/linux-source-9.9/mm/internal.h", "x")
    try scratch.write("source/linux-source-9.9/mm/deep/other.h", "x")
    try scratch.write("source/linux-source-9.9/tools/testing/selftests/mm/a.c", "x")
    chmod("\(scratch.path)/source/linux-source-9.9/Makefile", 0o4755)
    try scratch.write("package/usr/src/README", "x")
    let tarball = "\(scratch.path)/package/usr/src/linux-source-9.9.tar.xz"
    let packed = try await HostProgram("tar", ["-cJf", tarball, "-C", "\(scratch.path)/source", "linux-source-9.9"])
      .collect()
    try #require(packed.succeeded, "\(packed.complaint)")
    try scratch.write(
      "package/DEBIAN/control",
      "Package: linux-source-9.9\nVersion: 9.9-1\nArchitecture: all\nMaintainer: n <n@example.org>\nDescription: x\n")
    let file = "\(scratch.path)/x.deb"
    let built = try await HostProgram(
      "dpkg-deb", ["--build", "--root-owner-group", "\(scratch.path)/package", file]
    ).collect()
    try #require(built.succeeded, "\(built.complaint)")
    return file
  }

  @Test func theWholeSourceAndParts() async throws {
    let scratch = try Scratch()
    let file = try await package(in: scratch)
    #expect(try await Archive.field("Version", ofPackage: file) == "9.9-1")
    #expect(try await Archive.field("No-Such-Field", ofPackage: file) == "")
    let place = scratch.path
    for name in ["whole", "parts"] { try scratch.write("\(name)/.keep", "") }
    try await Archive.unpack(linuxSource: file, into: "\(place)/whole", scratch: "\(place)/one")
    #expect(scratch.names("whole") == [".keep", "Makefile", "mm", "tools"])
    var status = stat()
    #expect(stat("\(place)/whole/Makefile", &status) == 0 && status.st_mode & 0o7777 == 0o755)
    try await Archive.unpack(
      linuxSource: file, parts: ["tools/testing/selftests", "mm/*.h", "no/such"], into: "\(place)/parts",
      scratch: "\(place)/two")
    #expect(scratch.names("parts") == [".keep", "mm", "tools"])
    #expect(scratch.names("parts/mm") == ["internal.h"])
  }

  @Test func whatIsNoPackage() async throws {
    let scratch = try Scratch()
    let file = try await package(in: scratch)
    await #expect(throws: ArchiveFailure.self) { try await Archive.measure(package: file, limit: 1000) }
    try await Archive.measure(package: file, limit: 1 << 20)
    try scratch.write("no.deb", "text")
    let attempts: [() async throws -> Void] = [
      { try await Archive.unpack(package: "\(scratch.path)/no.deb", into: "\(scratch.path)/no") },
      { _ = try await Archive.field("Version", ofPackage: "\(scratch.path)/no.deb") },
      { try await Archive.unpack(tar: "\(scratch.path)/no.deb", into: scratch.path) },
    ]
    for attempt in attempts {
      do {
        try await attempt()
        Issue.record("a text was unpacked")
      } catch ArchiveFailure.refused(_, let file, let result) {
        #expect(file.hasSuffix("/no.deb") && !result.succeeded && !result.complaint.isEmpty)
      }
    }
  }
}
