import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite(.gated()) struct KernelPackageTests {
  @Test func aPackageFileIsUnpackedOnce() async throws {
    let tree = try TemporaryTree()
    try tree.putPackage("linux-image-test")
    chmod("\(tree.path)/linux-image-test/boot/config-6.12.117-test", 0o4755)
    let file = try await tree.packDeb("linux-image-test")
    let build = try await resolveKernel(.packages([file]), cache: tree.cache)
    // No package leaves a program of root's in the cache.
    let config = try #require(build.configPath)
    let attributes = try FileManager.default.attributesOfItem(atPath: config)
    #expect(attributes[.posixPermissions] as? Int == 0o755)
    #expect(build.release == "6.12.117-test")
    #expect(build.imagePath.hasPrefix(tree.cache.directory))
    #expect(build.config?.isEnabled("DEV_DAX") == true)
    let before = KernelFiles.stamp(of: build.imagePath)
    #expect(try await resolveKernel(.packages([file]), cache: tree.cache) == build)
    #expect(KernelFiles.stamp(of: build.imagePath) == before)

    let listed = listKernels(in: tree.cache)
    #expect(listed.map(\.build) == [build])
    #expect(cachedKernels(named: "6.12.117-test", in: tree.cache) == listed)
    #expect(cachedKernels(named: listed[0].name, in: tree.cache) == listed)
    #expect(cachedKernels(named: "6.13", in: tree.cache).isEmpty)
    let modules = try await modulePayload(for: ["dax"], of: build)
    #expect(modules.files.map(\.name) == ["libnvdimm", "dax"])
  }

  @Test func aPackageWithEverythingInLibModules() async throws {
    let tree = try TemporaryTree()
    try tree.putModulesPackage("linux-image-later")
    let build = try await resolveKernel(.packages([await tree.packDeb("linux-image-later")]), cache: tree.cache)
    #expect(build.release == "7.3.4-test" && build.config?.isEnabled("DEV_DAX") == true)
    #expect(try await modulePayload(for: ["dax"], of: build).files.map(\.name) == ["dax"])
  }

  @Test func aPipeInAPackageIsNotInTheCache() async throws {
    let tree = try TemporaryTree()
    try tree.putPackage("linux-image-test")
    let folder = "lib/modules/6.12.117-test"
    #expect(mkfifo("\(tree.path)/linux-image-test/\(folder)/modules.dep", 0o644) == 0)
    #expect(symlink("/usr/src/x", "\(tree.path)/linux-image-test/\(folder)/build") == 0)
    let build = try await resolveKernel(.packages([await tree.packDeb("linux-image-test")]), cache: tree.cache)
    let modules = try #require(build.modulesPath)
    var status = stat()
    #expect(lstat("\(modules)/modules.dep", &status) != 0)
    #expect(lstat("\(modules)/build", &status) == 0)
  }

  @Test("a short form that was resolved once needs neither apt nor the network, and says how it was asked for")
  func shortFormFromTheCache() async throws {
    let tree = try TemporaryTree()
    // No archive has it: an answer can only come out of the cache.
    let source = try KernelSource(parsing: "debian:99.1-cloud")
    _ = try await tree.cache.entry("linux-image-x_1") { directory in
      try Data(CraftedImage.vmlinux()).write(to: URL(filePath: "\(directory)/vmlinux"))
      return KernelBuild(
        label: "99.1", release: "99.1", imagePath: "\(directory)/vmlinux", imageFormat: .vmlinux, identity: "x",
        source: .debian(name: nil, package: "linux-image-x", version: "1"))
    }
    try tree.cache.setAlias("99.1-cloud", to: "linux-image-x_1")
    let build = try await resolveKernel(source, cache: tree.cache)
    #expect(build.imagePath == "\(tree.cache.directory)/linux-image-x_1/vmlinux")
    #expect("\(build.source)" == "debian:99.1-cloud (linux-image-x 1)")
    #expect(cachedKernels(named: "debian:99.1-cloud", in: tree.cache).map(\.name) == ["linux-image-x_1"])
  }

  @Test("a bad package leaves nothing behind")
  func badPackages() async throws {
    let tree = try TemporaryTree()
    try tree.putPackage("linux-image-test")
    let good = try KernelFiles.read(await tree.packDeb("linux-image-test"))
    let truncated = try tree.put("truncated.deb", Array(good.prefix(good.count * 2 / 3)))
    let headless = try tree.put("headless.deb", Array(good.prefix(100)))
    let text = try tree.put("text.deb", "not a package\n")
    try tree.put("linux-image-meta/usr/share/doc/x", "x")
    let meta = try await tree.packDeb("linux-image-meta")
    try tree.putPackage("linux-image-arm")
    let arm = try await tree.packDeb("linux-image-arm", architecture: "arm64")
    try tree.putPackage("linux-image-text", image: Array("text".utf8))
    let rubbish = try await tree.packDeb("linux-image-text")
    for (file, message) in [
      (truncated, "truncated.deb is not a usable kernel package: it is cut short; copy or download it again"),
      (headless, "headless.deb is not a usable kernel package: it is cut short; copy or download it again"),
      (text, "is not a usable kernel package"),
      (meta, "there is no boot/vmlinuz-* or lib/modules/*/vmlinuz"), (arm, "an arm64 kernel; ktest runs x86_64"),
      (rubbish, "is not a kernel but a text file"), ("\(tree.path)/nowhere.deb", "no such file"),
    ] {
      await #expect("\(file)") {
        try await resolveKernel(.packages([file]), cache: tree.cache)
      } throws: { "\($0)".contains(message) }
    }
    #expect(tree.cache.entries().isEmpty)
    #expect(tree.files(in: "cache/kernels").allSatisfy { $0.hasPrefix(".digests/") })
  }

  @Test("of many at once, one makes the entry and all get it")
  func concurrently() async throws {
    let tree = try TemporaryTree()
    let cache = tree.cache
    try tree.put("cache/kernels/.partial-k/leftover", "of a killed process")
    try tree.put("cache/kernels/k/damaged", "an entry without a record")
    let made = Counter()
    let builds = try await withThrowingTaskGroup(of: KernelBuild.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try await cache.entry("k") { directory in
            await made.increment()
            #expect(HostFiles.names(in: directory).isEmpty)
            try await Task.sleep(for: .milliseconds(50))
            try Data("image".utf8).write(to: URL(filePath: "\(directory)/vmlinux"))
            return KernelBuild(
              label: "k", release: "6.1", imagePath: "\(directory)/vmlinux", imageFormat: .vmlinux,
              identity: "x", source: .path("/test"))
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(await made.count == 1)
    #expect(builds.count == 8 && Set(builds.map(\.imagePath)) == ["\(cache.directory)/k/vmlinux"])
    #expect(tree.files(in: "cache/kernels") == ["k/.sha256", "k/kernel.json", "k/vmlinux"])
  }

  @Test func aCacheThatCannotBeWrittenIsNamed() async throws {
    let tree = try TemporaryTree()
    let file = try tree.put("file", "in the way")
    let cache = KernelCache(directory: "\(file)/kernels")
    await #expect { try await cache.entry("k") { _ in throw CancellationError() } } throws: {
      "\($0)".hasPrefix("cannot write to the kernel cache \(file)/kernels")
    }
    // A kernel that needs no cache boots without one.
    let image = try tree.put("vmlinuz", CraftedImage.bzImage(payload: [0x1f, 0x8b, 0, 0, 0, 0]))
    #expect(try await resolveKernel(.path(image), cache: cache).imageFormat == .bzImage)
  }

  private actor Counter {
    var count = 0
    func increment() { count += 1 }
  }
}
