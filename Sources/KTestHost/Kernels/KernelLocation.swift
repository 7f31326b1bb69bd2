import KTestValues

/// A kernel in the file system: its image and the files found with it.
struct KernelLocation: Sendable, Equatable {
  var image: String
  var config: String?
  var modules: String?
  var moduleLayout = KernelBuild.ModuleLayout.installed
  /// The tops of the source tree and the build tree, for a kernel in one.
  var source: String?
  var build: String?
  /// The release according to the tree, for an image that does not have it.
  var release: String?

  /// Looks for a kernel in a directory: first as a build tree, then as an unpacked package.
  ///
  /// Throws `KernelError`: `notBuilt`, `noKernelIn`, `severalKernelsIn`, `notBootable`, and errors of reading an image.
  static func inDirectory(_ directory: String) throws(KernelError) -> KernelLocation {
    if let location = try find(in: directory) { return location }
    let isTree = HostFiles.exists("\(directory)/Makefile") && HostFiles.exists("\(directory)/Kconfig")
    let isOutput = HostFiles.exists("\(directory)/.config") && HostFiles.exists("\(directory)/source")
    throw isTree || isOutput ? .notBuilt(directory: directory) : .noKernelIn(directory: directory)
  }

  /// Looks for a kernel in a directory; returns nil if there is no image.
  static func find(in directory: String) throws(KernelError) -> KernelLocation? {
    if let location = try buildTree(directory) { return location }
    return try package(directory)
  }

  /// Returns the location for an image that was given directly, with the files in their usual places: around it in a
  /// build tree, or in `boot` with `lib/modules` next to it. `release` is the image's own.
  static func ofImage(_ image: String, release: String?) -> KernelLocation {
    let directory = Paths.parent(image)
    for root in [directory, Paths.parent(Paths.parent(Paths.parent(directory)))] where isBuildTree(root) {
      return KernelLocation(image: image).completed(asTree: root)
    }
    return KernelLocation(image: image).completed(asPackage: Paths.parent(directory), boot: directory, release: release)
  }

  /// Looks for a kernel that is installed below `root`, which is empty for this machine.
  static func installed(_ release: String, below root: String = "") -> KernelLocation? {
    for image in ["boot/vmlinuz-\(release)", "lib/modules/\(release)/vmlinuz", "usr/lib/modules/\(release)/vmlinuz"] {
      let path = "\(root)/\(image)"
      guard HostFiles.exists(path) else { continue }
      return KernelLocation(image: path).completed(asPackage: root, boot: Paths.parent(path), release: release)
    }
    return nil
  }

  private static func isBuildTree(_ directory: String) -> Bool {
    ["kernel.release", "auto.conf"].contains { HostFiles.exists("\(directory)/include/config/\($0)") }
  }

  private static func buildTree(_ directory: String) throws(KernelError) -> KernelLocation? {
    let vmlinux = "\(directory)/vmlinux"
    let bzImage = "\(directory)/arch/x86/boot/bzImage"
    guard HostFiles.exists(vmlinux) || HostFiles.exists(bzImage) else { return nil }
    var image = bzImage
    if HostFiles.exists(vmlinux) {
      // Without PVH only the other one starts; without the other one, say so.
      if try ImageFile(vmlinux).probe.isBootable {
        image = vmlinux
      } else if !HostFiles.exists(bzImage) {
        throw .notBootable(name: vmlinux)
      }
    }
    return KernelLocation(image: image).completed(asTree: directory)
  }

  /// Looks for `boot/vmlinuz-RELEASE`, for `vmlinuz` in the directory itself, and for
  /// `[usr/]lib/modules/RELEASE/vmlinuz`, in this order.
  private static func package(_ directory: String) throws(KernelError) -> KernelLocation? {
    for boot in ["\(directory)/boot", directory] {
      let images = HostFiles.names(in: boot).filter { $0.hasPrefix("vmlinuz-") || $0 == "vmlinuz" }
      // "vmlinuz" alone is that of lib/modules/RELEASE; beside others it is a link to one of them.
      let named = images.filter { $0 != "vmlinuz" && !$0.hasSuffix(".old") }
      guard let image = named.first ?? images.first else { continue }
      guard named.count < 2 else {
        throw .severalKernelsIn(directory: directory, images: named.map { "\(boot)/\($0)" })
      }
      let path = "\(boot)/\(image)"
      let release = image == "vmlinuz" ? try ImageFile(path).probe.release : String(image.dropFirst(8))
      return KernelLocation(image: path).completed(
        asPackage: boot == directory ? Paths.parent(directory) : directory, boot: boot, release: release)
    }
    return try besideModules(directory)
  }

  /// Looks for `[usr/]lib/modules/RELEASE/vmlinuz`, as in Fedora, in Arch, and in Debian since 6.19. One of the folders may
  /// be a link to the other.
  private static func besideModules(_ directory: String) throws(KernelError) -> KernelLocation? {
    var found: [String: (folder: String, release: String)] = [:]
    for modules in ["\(directory)/lib/modules", "\(directory)/usr/lib/modules"] {
      for release in HostFiles.names(in: modules) {
        let image = "\(modules)/\(release)/vmlinuz"
        guard HostFiles.size(of: image) != nil, let file = try? HostFiles.resolved(image) else { continue }
        if found[file] == nil { found[file] = ("\(modules)/\(release)", release) }
      }
    }
    let places = found.values.sorted { $0.folder < $1.folder }
    guard let place = places.first else { return nil }
    guard places.count < 2 else {
      throw .severalKernelsIn(directory: directory, images: places.map { "\($0.folder)/vmlinuz" })
    }
    return KernelLocation(image: "\(place.folder)/vmlinuz").completed(
      asPackage: directory, boot: place.folder, release: place.release)
  }

  private func completed(asTree root: String) -> KernelLocation {
    var location = self
    location.config = HostFiles.exists("\(root)/.config") ? "\(root)/.config" : nil
    location.modules = HostFiles.exists("\(root)/modules.order") ? root : nil
    location.moduleLayout = .buildTree
    location.build = root
    // A build with O= has a link to the tree that it was built from.
    location.source = ["\(root)/source", root].first { HostFiles.exists("\($0)/Kconfig") }
    if let bytes = try? KernelFiles.read("\(root)/include/config/kernel.release", limit: 128) {
      location.release = String(decoding: bytes.prefix { $0 > 32 }, as: UTF8.self)
    }
    return location
  }

  private func completed(asPackage root: String, boot: String, release: String?) -> KernelLocation {
    var location = self
    location.release = release
    guard let release else { return location }
    let folders = ["\(root)/lib/modules/\(release)", "\(root)/usr/lib/modules/\(release)"]
    let configs = ["\(boot)/config-\(release)", "\(boot)/config"] + folders.map { "\($0)/config" }
    location.config = configs.first { HostFiles.size(of: $0) != nil }
    // A folder without modules may hold the image or a link to the source.
    let lists = ["modules.order", "modules.dep", "kernel"]
    let full = folders.filter { folder in lists.contains { HostFiles.exists("\(folder)/\($0)") } }
    location.modules = full.first ?? folders.first(where: HostFiles.isDirectory)
    // In lib/modules/RELEASE itself, as Fedora has it.
    if location.modules == nil, HostFiles.isDirectory("\(boot)/kernel") { location.modules = boot }
    return location
  }
}
