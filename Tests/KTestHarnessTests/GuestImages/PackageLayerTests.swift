import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

/// True where apt has lists and its archive answers.
private func aptReachable() async -> Bool {
  guard let apt = HostTool("apt-get"), HostTool("apt-cache") != nil, HostTool("dpkg-deb") != nil,
    let scratch = try? Scratch(), let cache = try? ImageCache(scratch.path)
  else { return false }
  let outcome = try? await apt.run(["-q", "download", "hostname"], in: scratch.path, cache: cache)
  return outcome?.succeeded == true
}

@Suite(.gated()) struct PackageLayerTests {
  @Test(.enabled("apt has no lists here, or its archive does not answer", aptReachable))
  func ndctlComesWithItsLibraries() async throws {
    let bench = try ImageBench("  - package: ndctl\n    files: [/usr/bin/ndctl]\n")
    let image = try await bench.build()
    let archive = try bench.archive(image)
    #expect(archive["usr/bin/ndctl"]?.mode == 0o100755)
    let names = archive.paths.map { Paths.last($0) }
    for library in ["libndctl.so.6", "libdaxctl.so.1", "libkmod.so.2", "libcrypto.so.3", "libc.so.6"] {
      #expect(names.contains(library))
    }
    #expect(archive["lib64/ld-linux-x86-64.so.2"] != nil)
    #expect(!archive.paths.contains { $0.contains("perl") })
    let details = try #require(image.layers.last?.details)
    #expect(details.contains { $0.hasPrefix("ndctl=") } && details.contains { $0.hasPrefix("libc6=") })
    #expect(!bench.scratch.names("cache/images/sysroots").contains { $0.hasPrefix("perl") })
    #expect(bench.scratch.names("cache/images/tmp") == [])

    try await runs("usr/bin/ndctl", of: archive, in: bench.scratch)

    bench.steps.clear()
    #expect(try await bench.build() == image)
    #expect(bench.steps.all == [], "a second call asks nobody")
    let fresh = try ImageBench("  - package: ndctl\n    files: [/usr/bin/ndctl]\n")
    #expect(try await fresh.build().sha256 == image.sha256)
  }

  /// Unpacks the image and lets its own loader run a program with nothing but its own libraries.
  private func runs(_ program: String, of archive: CPIOArchive, in scratch: Scratch) async throws {
    let root = scratch.path + "/root/"
    for entry in archive.entries where entry.mode & 0o170000 == 0o100000 {
      try scratch.write("root/" + entry.path, entry.content)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: root + entry.path)
    }
    let content = try #require(archive[program]?.content)
    let interpreter = try #require(try ELFLinking(content).interpreter)
    let loader = try #require(HostTool(path: root + interpreter))
    let own = ["--inhibit-cache", "--library-path", root + "usr/lib/" + ELFMachine.host.triplet]
    let cache = try ImageCache(scratch.path + "/cache")
    let list = try await loader.run(own + ["--list", root + program], cache: cache)
    let places = list.output.split(separator: "\n").filter { $0.contains("=> ") }
    #expect(list.succeeded && !places.isEmpty)
    for place in places { #expect(place.contains("=> " + root), "taken from the host") }
    let version = try await loader.run(own + [root + program, "--version"], cache: cache)
    #expect(version.succeeded, "\(version.lines(last: 5))")
  }

  @Test(.enabled("apt has no lists here, or its archive does not answer", aptReachable))
  func whatAptDoesNotKnow() async throws {
    let bench = try ImageBench("  - package: ktest-no-such-package\n    files: [/usr/bin/x]\n")
    await #expect(throws: ImageError.packageUnknown(package: "ktest-no-such-package")) { try await bench.build() }
    let other = try ImageBench("  - package: hostname\n    files: [/usr/bin/ktest-no-such-file]\n")
    let error = await #expect(throws: ImageError.self) { try await other.build() }
    guard case .inRecipe(_, 3, 5, .fileMissing("/usr/bin/ktest-no-such-file", _)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
