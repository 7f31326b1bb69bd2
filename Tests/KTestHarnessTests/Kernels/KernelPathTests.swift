import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite(.gated()) struct KernelPathTests {
  private func tree() throws -> TemporaryTree {
    let tree = try TemporaryTree()
    try tree.put("linux/vmlinux", CraftedImage.vmlinux())
    try tree.put("linux/.config", "CONFIG_PVH=y\n")
    try tree.put("linux/include/config/kernel.release", "6.12.117-later\n")
    return tree
  }

  @Test func aBuildTree() async throws {
    let tree = try tree()
    try tree.put("linux/modules.order", "drivers/dax/dax.o\n")
    let build = try await resolveKernel(.path("\(tree.path)/linux"), cache: tree.cache)
    #expect(build.imagePath == "\(tree.path)/linux/vmlinux")
    #expect(build.imageFormat == .vmlinux)
    // What the image says, not what the tree would be after the next build.
    #expect(build.release == "6.12.117-test")
    #expect(build.identity == SHA256.hex(of: CraftedImage.vmlinux()))
    #expect(build.config?.isEnabled("PVH") == true)
    #expect(build.configHash == KernelConfig(parsing: "CONFIG_PVH=y").hash)
    #expect(build.modulesPath == "\(tree.path)/linux")
    #expect(build.moduleLayout == .buildTree)
  }

  @Test func aBuildTreeKnowsItsSource() async throws {
    let tree = try tree()
    let source = KernelSource.path("\(tree.path)/linux")
    let bare = try await resolveKernel(source, cache: tree.cache)
    #expect(bare.buildPath == "\(tree.path)/linux")
    #expect(bare.sourcePath == nil)
    try tree.put("linux/Kconfig", "")
    #expect(try await resolveKernel(source, cache: tree.cache).sourcePath == "\(tree.path)/linux")
    // What a build with O= has.
    try tree.put("elsewhere/Kconfig", "")
    #expect(symlink("../elsewhere", "\(tree.path)/linux/source") == 0)
    let build = try await resolveKernel(source, cache: tree.cache)
    #expect(build.sourcePath == "\(tree.path)/linux/source")
    let record = try JSONDecoder().decode(KernelBuild.self, from: JSONEncoder().encode(build))
    #expect(record.sourcePath == build.sourcePath && record.buildPath == build.buildPath)
    try tree.putPackage("package")
    let package = try await resolveKernel(.path("\(tree.path)/package"), cache: tree.cache)
    #expect(package.sourcePath == nil && package.buildPath == nil)
  }

  @Test func aChangedImageHasANewIdentity() async throws {
    let tree = try tree()
    let first = try await resolveKernel(.path("\(tree.path)/linux"), cache: tree.cache)
    try tree.put("linux/vmlinux", CraftedImage.vmlinux(banner: "Linux version 6.12.118-test (x)"))
    let second = try await resolveKernel(.path("\(tree.path)/linux"), cache: tree.cache)
    #expect(second.release == "6.12.118-test")
    #expect(first.identity != second.identity)
  }

  @Test func anImageInsideOfATreeFindsItsConfiguration() async throws {
    let tree = try tree()
    let image = try tree.put("linux/arch/x86/boot/bzImage", CraftedImage.bzImage())
    let build = try await resolveKernel(.path(image), cache: tree.cache)
    #expect(build.imageFormat == .bzImage)
    #expect(build.configPath == "\(tree.path)/linux/.config")
    #expect(build.modulesPath == nil)
  }

  @Test func withoutPVHTheBzImageIsTaken() async throws {
    let tree = try tree()
    try tree.put("linux/vmlinux", CraftedImage.vmlinux(pvh: false))
    let source = KernelSource.path("\(tree.path)/linux")
    await #expect(throws: KernelError.notBootable(name: "\(tree.path)/linux/vmlinux")) {
      try await resolveKernel(source, cache: tree.cache)
    }
    try tree.put("linux/arch/x86/boot/bzImage", CraftedImage.bzImage())
    #expect(try await resolveKernel(source, cache: tree.cache).imageFormat == .bzImage)
  }

  @Test func anUnpackedPackage() async throws {
    let tree = try TemporaryTree()
    try tree.putPackage("package")
    for path in ["package", "package/boot/vmlinuz-6.12.117-test"] {
      let build = try await resolveKernel(.path("\(tree.path)/\(path)"), cache: tree.cache)
      #expect(build.release == "6.12.117-test")
      #expect(build.configPath == "\(tree.path)/package/boot/config-6.12.117-test")
      #expect(build.modulesPath == "\(tree.path)/package/lib/modules/6.12.117-test")
      #expect(build.moduleLayout == .installed)
    }
    try tree.put("package/boot/vmlinuz-6.13", CraftedImage.bzImage())
    await #expect(throws: KernelError.self) {
      try await resolveKernel(.path("\(tree.path)/package"), cache: tree.cache)
    }
  }

  @Test("everything in lib/modules/RELEASE, as a package, as that folder and as its image", arguments: [true, false])
  func besideItsModules(usr: Bool) async throws {
    let tree = try TemporaryTree()
    try tree.putModulesPackage("package", usr: usr)
    let folder = "package/\(usr ? "usr/" : "")lib/modules/7.3.4-test"
    for path in ["package", folder, "\(folder)/vmlinuz"] {
      let build = try await resolveKernel(.path("\(tree.path)/\(path)"), cache: tree.cache)
      #expect(build.release == "7.3.4-test")
      #expect(build.configPath == "\(tree.path)/\(folder)/config")
      #expect(build.modulesPath == "\(tree.path)/\(folder)")
      #expect(build.moduleLayout == .installed)
    }
    // A merged /usr is still one kernel.
    #expect(symlink(usr ? "usr/lib" : "../lib", "\(tree.path)/package/\(usr ? "lib" : "usr")") == 0)
    #expect(
      try await resolveKernel(.path("\(tree.path)/package"), cache: tree.cache).release == "7.3.4-test")
    try tree.put("package/\(usr ? "usr/" : "")lib/modules/7.3.5-test/vmlinuz", CraftedImage.bzImage())
    await #expect {
      try await resolveKernel(.path("\(tree.path)/package"), cache: tree.cache)
    } throws: { "\($0)".contains("has several kernels") }
  }

  @Test func bootWinsOverModules() async throws {
    let tree = try TemporaryTree()
    try tree.putPackage("package", release: "7.3.4-test", image: CraftedImage.bzImage(release: "7.3.4-test"))
    try tree.putModulesPackage("package")
    let build = try await resolveKernel(.path("\(tree.path)/package"), cache: tree.cache)
    #expect(build.imagePath == "\(tree.path)/package/boot/vmlinuz-7.3.4-test")
    #expect(build.configPath == "\(tree.path)/package/boot/config-7.3.4-test")
  }

  @Test func installedKernels() throws {
    let tree = try TemporaryTree()
    try tree.putPackage("root", release: "6.1-a")
    try tree.putModulesPackage("root", release: "7.3-b", usr: false)
    try tree.put("root/boot/vmlinuz-7.3-b", CraftedImage.bzImage(release: "7.3-b"))
    try tree.putModulesPackage("root", release: "7.3-c")
    let root = "\(tree.path)/root"
    let first = try #require(KernelLocation.installed("6.1-a", below: root))
    #expect(first.image == "\(root)/boot/vmlinuz-6.1-a" && first.config == "\(root)/boot/config-6.1-a")
    #expect(first.modules == "\(root)/lib/modules/6.1-a")
    let second = try #require(KernelLocation.installed("7.3-b", below: root))
    #expect(second.image == "\(root)/boot/vmlinuz-7.3-b" && second.config == "\(root)/lib/modules/7.3-b/config")
    let third = try #require(KernelLocation.installed("7.3-c", below: root))
    #expect(third.image == "\(root)/usr/lib/modules/7.3-c/vmlinuz" && third.modules == "\(root)/usr/lib/modules/7.3-c")
    #expect(KernelLocation.installed("6.2", below: root) == nil)
  }

  @Test func aKernelThatIsNotInstalledIsNamed() async throws {
    let tree = try TemporaryTree()
    await #expect {
      try await resolveKernel(.installed("0.0-none"), cache: tree.cache)
    } throws: { "\($0)".hasPrefix("the kernel 0.0-none is not installed: there is neither /boot/vmlinuz-0.0-none") }
  }

  @Test("what is no kernel gives its own message")
  func badInput() async throws {
    let tree = try TemporaryTree()
    try tree.put("text", "this is a text file\n")
    try tree.put("arm", CraftedImage.vmlinux(machine: 183))
    try tree.put("empty/nothing", "")
    try tree.put("source/Makefile", "")
    try tree.put("source/Kconfig", "")
    #expect(mkfifo("\(tree.path)/pipe", 0o644) == 0)
    func check(_ name: String, _ message: String) async {
      await #expect("\(name)") {
        try await resolveKernel(.path("\(tree.path)/\(name)"), cache: tree.cache)
      } throws: { "\($0)".contains(message) }
    }
    await check("text", "is not a kernel but a text file")
    await check("arm", "is an aarch64 kernel; ktest runs x86_64 guests")
    await check("nowhere", "no such file or directory")
    await check("empty", "is neither a kernel build tree nor an unpacked kernel package")
    await check("source", "run make -j$(nproc) vmlinux modules there")
    await check("pipe", "it is a pipe, not a regular file")
    #expect(tree.files(in: "cache").isEmpty)
  }

  @Test(
    "the vmlinux inside a bzImage is what boots",
    arguments: [("gzip", ["-c"]), ("zstd", ["-q", "-c"]), ("xz", ["--check=crc32", "-c"]), ("lz4", ["-l", "-c"])])
  func extraction(program: String, arguments: [String]) async throws {
    let tree = try TemporaryTree()
    let vmlinux = CraftedImage.vmlinux()
    let packed = "\(tree.path)/packed"
    let tool = Tool(name: program, package: program)
    do {
      let result = try await tool.filter(
        vmlinux, arguments: arguments, into: packed, limit: 1 << 20, subject: "vmlinux", purpose: "pack")
      try #require(result.succeeded, "\(result.complaint)")
    } catch KernelError.toolMissing {
      try Test.cancel("\(program) is not installed")
    }
    let image = try tree.put(
      "vmlinuz",
      CraftedImage.bzImage(
        payload: KernelFiles.read(packed), unpackedSize: vmlinux.count, sizeIsInPayload: program == "gzip"))
    let build = try await resolveKernel(.path(image), cache: tree.cache)
    #expect(build.imageFormat == .vmlinux)
    #expect(try KernelFiles.read(build.imagePath) == vmlinux)
    // QEMU may run as another user.
    let attributes = try FileManager.default.attributesOfItem(atPath: build.imagePath)
    #expect((attributes[.posixPermissions] as? NSNumber).map { $0.intValue & 0o044 } == 0o044)
    #expect(build.identity == SHA256.hex(of: vmlinux))
    #expect(listKernels(in: tree.cache).isEmpty)
  }

  @Test func aPayloadThatIsNoBootableKernelStaysWhereItIs() async throws {
    let tree = try TemporaryTree()
    for (index, content) in [CraftedImage.vmlinux(pvh: false), Array("no ELF at all".utf8)].enumerated() {
      let packed = "\(tree.path)/packed"
      let gzip = Tool(name: "gzip", package: "gzip")
      _ = try await gzip.filter(
        content, arguments: ["-c"], into: packed, limit: 1 << 20, subject: "content", purpose: "pack")
      let image = try tree.put(
        "vmlinuz\(index)", CraftedImage.bzImage(payload: KernelFiles.read(packed), sizeIsInPayload: true))
      let build = try await resolveKernel(.path(image), cache: tree.cache)
      #expect(build.imageFormat == .bzImage)
      #expect(build.imagePath == image)
    }
    #expect(tree.cache.entries().isEmpty)
  }
}
