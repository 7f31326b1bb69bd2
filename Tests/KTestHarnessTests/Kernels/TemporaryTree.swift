import Foundation

@testable import KTestHost
@testable import KTestValues

/// A directory of its own for one test, with what the test puts into it.
final class TemporaryTree: Sendable {
  let path: String

  init() throws {
    let name = "ktest-build-\(UUID().uuidString)"
    let place = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(path: name)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    path = place.path()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var cache: KernelCache { KernelCache(directory: "\(path)/cache/kernels") }

  @discardableResult
  func put(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path()
  }

  @discardableResult
  func put(_ name: String, _ text: String) throws -> String { try put(name, Array(text.utf8)) }

  /// Files anywhere below a directory, relative to it, without the cache's own lock files.
  func files(in directory: String) -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: "\(path)/\(directory)")) ?? [])
      .filter { !HostFiles.isDirectory("\(path)/\(directory)/\($0)") && !$0.hasPrefix(".locks/") }.sorted()
  }

  /// An unpacked package as `dpkg-deb -x` leaves it.
  func putPackage(_ name: String, release: String = "6.12.117-test", image: [UInt8]? = nil) throws {
    try put("\(name)/boot/vmlinuz-\(release)", image ?? CraftedImage.bzImage(release: release))
    try put("\(name)/boot/config-\(release)", "CONFIG_DEV_DAX=m\n")
    let modules = "\(name)/lib/modules/\(release)"
    try put("\(modules)/modules.order", "kernel/drivers/dax/dax.ko\nkernel/drivers/nvdimm/libnvdimm.ko\n")
    try put("\(modules)/modules.builtin", "kernel/drivers/virtio/virtio_pci.ko\n")
    try put("\(modules)/kernel/drivers/nvdimm/libnvdimm.ko", CraftedImage.module(name: "libnvdimm", release: release))
    try put(
      "\(modules)/kernel/drivers/dax/dax.ko",
      CraftedImage.module(name: "dax", depends: "libnvdimm,virtio_pci", release: release))
  }

  /// The same as in Fedora, in Arch, and in Debian since 6.19: everything is in one folder, `usr/lib/modules/RELEASE`.
  func putModulesPackage(_ name: String, release: String = "7.3.4-test", usr: Bool = true) throws {
    let folder = "\(name)/\(usr ? "usr/" : "")lib/modules/\(release)"
    try put("\(folder)/vmlinuz", CraftedImage.bzImage(release: release))
    try put("\(folder)/config", "CONFIG_DEV_DAX=m\n")
    try put("\(folder)/modules.order", "kernel/drivers/dax/dax.ko\n")
    try put("\(folder)/modules.builtin", "")
    try put("\(folder)/kernel/drivers/dax/dax.ko", CraftedImage.module(name: "dax", release: release))
  }

  /// A package file; returns its path. `fields` are more lines of its control file.
  func packDeb(
    _ name: String, architecture: String = "amd64", version: String = "1", fields: [String] = []
  ) async throws -> String {
    let control = [
      "Package: \(name)", "Version: \(version)", "Architecture: \(architecture)",
      "Maintainer: nobody <n@example.org>", "Description: x",
    ]
    try put("\(name)/DEBIAN/control", (control + fields).map { $0 + "\n" }.joined())
    let file = "\(path)/\(name).deb"
    let result = try await Tool(name: "dpkg-deb", package: "dpkg").run(
      ["--build", "--root-owner-group", "\(path)/\(name)", file], purpose: "build a package")
    guard result.succeeded else {
      throw KernelError.toolFailed(tool: "dpkg-deb", purpose: "build", output: result.complaint)
    }
    return file
  }
}
