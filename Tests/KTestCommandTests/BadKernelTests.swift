import Foundation
import TestGate
import Testing

/// What `--kernel` names is no kernel that can be booted: one message, exit code 64, and no entry in the cache.
@Suite(.gated()) struct BadKernelTests {
  private func expectRefused(
    _ kernel: String, in place: Workplace, _ reason: String, location: SourceLocation = #_sourceLocation
  ) async throws {
    try place.suite("small", ["pass"])
    for command in [["run", "small", "--kernel", kernel], ["kernel", "show", kernel]] {
      let outcome = try await execute([Built.ktest] + command, in: place.path, environment: place.environment)
      #expect(outcome.code == 64, "\(outcome)", sourceLocation: location)
      #expect(outcome.stdout.isEmpty, "\(outcome)", sourceLocation: location)
      #expect(outcome.messages.count == 1, "\(outcome)", sourceLocation: location)
      #expect(outcome.stderr.contains(reason), "\(outcome)", sourceLocation: location)
    }
    #expect(!FileManager.default.fileExists(atPath: place.state), sourceLocation: location)
    let kernels = (try? FileManager.default.contentsOfDirectory(atPath: "\(place.cache)/kernels")) ?? []
    #expect(kernels.allSatisfy { [".locks", ".digests", ".aliases"].contains($0) }, sourceLocation: location)
  }

  @Test func text() async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.write("vmlinux", "This is not the kernel that you are looking for.\n")
      try await expectRefused("vmlinux", in: place, "vmlinux is not a kernel but a text file")
    }
  }

  @Test func absent() async throws {
    try await Workplace.with(ownCache: true) { place in
      try await expectRefused("./vmlinux", in: place, "vmlinux: no such file or directory")
    }
  }

  @Test func wrongArchitecture() async throws {
    try await Workplace.with(ownCache: true) { place in
      // ELF64, little endian, an executable for machine 183, which is aarch64 (elf.h).
      var image: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9) + [2, 0, 183, 0, 1]
      image += [UInt8](repeating: 0, count: 8192 - image.count)
      try Data(image).write(to: URL(filePath: "\(place.path)/vmlinux"))
      try await expectRefused("vmlinux", in: place, "vmlinux is an aarch64 kernel; ktest runs x86_64 guests")
    }
  }

  @Test func anotherProgram() async throws {
    try await Workplace.with(ownCache: true) { place in
      try await expectRefused(Built.ktest, in: place, "ktest is not a kernel but some other x86_64 program")
    }
  }

  @Test(.enabled(if: Prerequisites.isInstalled("dpkg-deb"), "needs dpkg-deb"), arguments: [0.9, 0.5, 0.05])
  func truncatedPackage(_ share: Double) async throws {
    try await Workplace.with(ownCache: true) { place in
      let control =
        "Package: linux-image-test\nVersion: 1\nArchitecture: amd64\nMaintainer: nobody\nDescription: none\n"
      try place.write("tree/DEBIAN/control", control)
      // What cannot be compressed is still there when the end is missing.
      let noise = (0..<50_000).map { _ in UInt8.random(in: 0...255) }
      try place.write("tree/boot/config", "")
      try Data(noise).write(to: URL(filePath: "\(place.path)/tree/boot/vmlinuz-6.1"))
      let built = try await execute(["dpkg-deb", "--build", "--root-owner-group", "tree", "whole.deb"], in: place.path)
      #expect(built.code == 0, "\(built)")
      let whole = try #require(FileManager.default.contents(atPath: "\(place.path)/whole.deb"))
      let part = whole.prefix(Int(Double(whole.count) * share))
      try Data(part).write(to: URL(filePath: "\(place.path)/part.deb"))
      try await expectRefused(
        "part.deb", in: place, "part.deb is not a usable kernel package: it is cut short; copy or download it again")
    }
  }

  @Test func noSuchSource() async throws {
    try await Workplace.with(ownCache: true) { place in
      try await expectRefused("debian:", in: place, "write a package name or a short form")
    }
  }
}
