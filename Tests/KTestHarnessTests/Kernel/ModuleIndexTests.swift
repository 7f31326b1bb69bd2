import Testing

@testable import KTestValues

struct ModuleIndexTests {
  private let index = ModuleIndex(
    dep: """
      kernel/drivers/dax/pmem/dax_pmem.ko.xz: kernel/drivers/dax/device_dax.ko.xz kernel/drivers/nvdimm/libnvdimm.ko.xz
      kernel/drivers/dax/device_dax.ko.xz:
      kernel/drivers/nvdimm/libnvdimm.ko.xz:
      kernel/drivers/nvdimm/nd-pmem.ko.xz: kernel/drivers/nvdimm/nd_btt.ko.xz kernel/drivers/nvdimm/libnvdimm.ko.xz
      kernel/drivers/nvdimm/nd_btt.ko.xz: kernel/drivers/nvdimm/libnvdimm.ko.xz
      kernel/broken.ko: kernel/gone.ko
      not a line
      """,
    builtin: "kernel/drivers/virtio/virtio-pci.ko\nkernel/fs/binfmt_script.ko\n")

  @Test func dependenciesComeFirstAndOnce() {
    let resolution = index.resolve(["dax-pmem", "nd_pmem", "libnvdimm"])
    #expect(
      resolution.load == [
        "kernel/drivers/dax/device_dax.ko.xz", "kernel/drivers/nvdimm/libnvdimm.ko.xz",
        "kernel/drivers/dax/pmem/dax_pmem.ko.xz", "kernel/drivers/nvdimm/nd_btt.ko.xz",
        "kernel/drivers/nvdimm/nd-pmem.ko.xz",
      ])
    #expect(resolution.missing.isEmpty && resolution.builtIn.isEmpty && resolution.circular.isEmpty)
  }

  @Test func builtInAndMissing() {
    let resolution = index.resolve(["virtio-pci", "test_hmm", "broken"])
    #expect(resolution.builtIn == ["virtio_pci"])
    #expect(resolution.missing == ["test_hmm", "gone (needed by broken)"])
    #expect(resolution.load == ["kernel/broken.ko"])
    #expect(index.resolve(["broken", "gone", "gone"]).missing == ["gone"])
  }

  @Test("without modules.dep the modules are asked, level by level")
  func toldOneByOne() {
    var index = ModuleIndex(
      files: ModuleIndex.files(inOrder: "drivers/a.o\ndrivers/b-b.ko\n\ndrivers/c.o\ndrivers/unrelated.o\n"),
      builtin: "kernel/core.ko")
    #expect(index.unread(for: ["a", "core", "nowhere"]) == ["a"])
    index.setDependencies(of: "a", to: ["b_b", "core"])
    #expect(index.unread(for: ["a"]) == ["b_b"])
    index.setDependencies(of: "b-b", to: ["c"])
    index.setDependencies(of: "c", to: [])
    #expect(index.unread(for: ["a"]).isEmpty)
    #expect(index.resolve(["a"]).load == ["drivers/c.ko", "drivers/b-b.ko", "drivers/a.ko"])
  }

  @Test("modules.order names objects since 6.3, and files before")
  func order() {
    #expect(ModuleIndex.files(inOrder: "kernel/a.ko\r\nb/c-d.o\n\n") == ["kernel/a.ko", "b/c-d.ko"])
    #expect(ModuleIndex.files(inOrder: "").isEmpty)
  }

  @Test("an installed kernel has lists of soft dependencies and aliases")
  func softDependenciesOfDepmod() {
    let index = ModuleIndex(
      dep: "fs/ext4.ko: fs/jbd2.ko\nfs/jbd2.ko:\ncrypto/crc32c_generic.ko:\nnet/x.ko:\nnet/y.ko:\n",
      builtin: "k/b.ko\n",
      softdep: "# Soft dependencies\nsoftdep ext4 pre: crc32c b\nsoftdep x pre: y\nsoftdep y pre: x post: z\nsoftdep\n",
      alias: "alias crc32c crc32c_generic\nalias crypto-* x\nalias\n")
    #expect(index.unread(for: ["ext4"]).isEmpty)
    let resolution = index.resolve(["ext4"])
    #expect(resolution.load == ["crypto/crc32c_generic.ko", "fs/jbd2.ko", "fs/ext4.ko"])
    #expect(resolution.soft == ["crypto/crc32c_generic.ko"])
    // A circle of soft dependencies is loaded in some order.
    #expect(index.resolve(["x"]).load == ["net/y.ko", "net/x.ko"])
    #expect(index.resolve(["x"]).circular.isEmpty)
  }

  @Test(arguments: [
    ("pre: a b post: c", ["a", "b"]), ("post: c pre: a", ["a"]), ("a b", []), ("", []), ("pre:", []),
    ("pre: a pre: b", ["a", "b"]),
  ])
  func loadedBefore(text: String, names: [String]) { #expect(ModuleInfo.before(text) == names) }

  @Test func aCircleIsReportedAndEnds() {
    let index = ModuleIndex(dep: "a.ko: b.ko\nb.ko: a.ko\n", builtin: "")
    #expect(index.resolve(["a"]).circular == ["a"])
  }

  @Test func aChainAsDeepAsAFileCanMakeIt() {
    let dep = (0..<20_000).map { "m\($0).ko: m\($0 + 1).ko" }.joined(separator: "\n")
    let resolution = ModuleIndex(dep: dep, builtin: "").resolve(["m0"])
    #expect(resolution.load.count == 20_000)
    #expect(resolution.load.last == "m0.ko")
    #expect(resolution.missing == ["m20000 (needed by m19999)"])
  }

  @Test func modinfo() throws {
    let bytes = CraftedImage.module(name: "dax_pmem", depends: "device_dax,libnvdimm")
    let info = try ModuleInfo(module: bytes, path: "dax_pmem.ko")
    #expect(info == ModuleInfo(name: "dax_pmem", depends: ["device_dax", "libnvdimm"], release: "6.12.117-test"))
    #expect(throws: KernelError.self) { try ModuleInfo(module: Array(bytes.dropLast(70)), path: "cut.ko") }
    #expect(throws: KernelError.self) { try ModuleInfo(module: Array("text".utf8), path: "text.ko") }
    #expect(throws: KernelError.self) { try ModuleInfo(module: CraftedImage.vmlinux(), path: "vmlinux") }
  }
}
