import Testing

@testable import KTestValues

struct KernelImageProbeTests {
  @Test func vmlinux() throws {
    let probe = try KernelImageProbe(CraftedImage.vmlinux(), name: "vmlinux")
    #expect(probe.format == .vmlinux)
    #expect(probe.release == "6.12.117-test")
    #expect(probe.isBootable)
    #expect(try KernelImageProbe(CraftedImage.vmlinux(pvh: false), name: "vmlinux").isBootable == false)
  }

  @Test func bzImage() throws {
    let payload: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]
    let probe = try KernelImageProbe(CraftedImage.bzImage(payload: payload, unpackedSize: 77), name: "bzImage")
    #expect(probe.format == .bzImage)
    #expect(probe.release == "6.12.117-test")
    #expect(probe.payload == .init(compression: .zstd, offset: 1024, length: 7, unpackedSize: 77))
    let unknown = try KernelImageProbe(CraftedImage.bzImage(payload: [1, 2, 3, 4, 5]), name: "bzImage")
    #expect(unknown.payload == nil)
  }

  @Test("what is no x86_64 kernel is told apart")
  func refused() {
    func check(_ bytes: [UInt8], _ expected: KernelError, line: Int = #line) {
      #expect(throws: expected, "line \(line)") { try KernelImageProbe(bytes, name: "x") }
    }
    check(Array("hello\nworld\n".utf8), .notAKernel(name: "x", what: "a text file"))
    check([], .notAKernel(name: "x", what: "an empty file"))
    check([1, 2, 3, 0, 255], .notAKernel(name: "x", what: "data of an unknown format"))
    check(CraftedImage.module(name: "a"), .notAKernel(name: "x", what: "an object file or module"))
    check(
      CraftedImage.vmlinux(pvh: false, banner: "no kernel"),
      .notAKernel(name: "x", what: "some other x86_64 program"))
    check(CraftedImage.vmlinux(machine: 183), .wrongArchitecture(name: "x", architecture: "an aarch64"))
    check(CraftedImage.vmlinux(machine: 3, width: 1), .wrongArchitecture(name: "x", architecture: "an i386"))
    check(CraftedImage.vmlinux(machine: 22, bigEndian: true), .wrongArchitecture(name: "x", architecture: "an s390x"))
    check(CraftedImage.bzImage(is64Bit: false), .wrongArchitecture(name: "x", architecture: "an i386"))
    let arm = CraftedImage.zeros(56) + Array("ARM\u{64}".utf8) + CraftedImage.zeros(64)
    check(arm, .wrongArchitecture(name: "x", architecture: "an aarch64"))
    check(Array(CraftedImage.vmlinux().dropLast(3)), .truncated(name: "x"))
    check(Array(CraftedImage.vmlinux().prefix(10)), .truncated(name: "x"))
    let image = CraftedImage.bzImage(payload: [0x1f, 0x8b] + CraftedImage.zeros(4000))
    check(Array(image.dropLast(100)), .truncated(name: "x"))
  }

  @Test func theMessageSaysWhatRuns() {
    let error = KernelError.wrongArchitecture(name: "Image", architecture: "an aarch64")
    #expect("\(error)" == "Image is an aarch64 kernel; ktest runs x86_64 guests")
  }

  @Test("no bytes whatever crash the readers")
  func rubbish() {
    var seed: UInt64 = 42
    func random() -> UInt8 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: seed >> 56)
    }
    let originals = [
      CraftedImage.vmlinux(), CraftedImage.bzImage(payload: [0x1f, 0x8b, 1, 2, 3, 4]), CraftedImage.module(name: "a"),
    ]
    var refused = 0
    for round in 0..<3000 {
      var bytes = originals[round % 3]
      for _ in 0..<(1 + round % 7) {
        // All ones make the offsets and counts that overflow.
        bytes[Int(random()) * 7 % bytes.count] = round % 2 == 0 ? random() : 255
      }
      if (try? KernelImageProbe(bytes, name: "x")) == nil { refused += 1 }
      _ = try? ModuleInfo(module: bytes, path: "x")
      #expect(KernelImageProbe.extent(from: bytes) >= 0)
    }
    #expect(refused > 1000)
  }
}
