package import KTestValues

/// Finds the kernel that `--kernel` names, and fetches and unpacks it if necessary.
///
/// A package is fetched into `cache` once; later calls use neither apt nor the network, even if the archive has a newer
/// package for a short form. `refresh` asks apt again. `progress` is called from any thread, but not for kernels that
/// are already available.
///
/// Throws `KernelError`, whose description is for the user, or `CancellationError`.
@concurrent
package func resolveKernel(
  _ source: KernelSource, cache: KernelCache, refresh: Bool = false,
  progress: @escaping @Sendable (FetchProgress) -> Void = { _ in }
) async throws -> KernelBuild {
  switch source {
  case .debian(let name, let suite):
    try await debianKernel(name, suite, cache: cache, refresh: refresh, progress: progress)
  case .packages(let paths):
    try await packageFiles(paths, cache: cache, progress: progress)
  case .installed(let release):
    try await installedKernel(release, cache: cache)
  case .path(let path):
    try await kernel(at: path, cache: cache)
  }
}

private func debianKernel(
  _ name: DebianKernelName, _ suite: DebianSuite?, cache: KernelCache, refresh: Bool,
  progress: @escaping @Sendable (FetchProgress) -> Void
) async throws -> KernelBuild {
  let text = KernelSource.text(name, suite)
  // The record says which package it is, but another name may have led to it.
  func named(_ build: KernelBuild) -> KernelBuild {
    var build = build
    build.source.name = text
    return build
  }
  if !refresh, let entry = cache.alias(text), let build = cache.load(entry) { return named(build) }
  progress(FetchProgress(phase: .searching, package: "debian:\(text)"))
  let archive = try await DebianArchive.open(suite: suite, cache: cache, refresh: refresh)
  return named(try await fetch(name, text, from: archive, suite, into: cache, progress: progress))
}

/// Fetches a kernel that is not in the cache. `text` is the name under which it is found there from now on.
func fetch(
  _ name: DebianKernelName, _ text: String, from archive: DebianArchive, _ suite: DebianSuite?,
  into cache: KernelCache, progress: @escaping @Sendable (FetchProgress) -> Void
) async throws -> KernelBuild {
  let kernel = try await archive.find(name)
  let image = kernel.image
  let build = try await cache.entry(image.entry) { directory in
    let files = try await archive.download(kernel.files, for: image, into: directory, progress: progress)
    progress(FetchProgress(phase: .unpacking, package: image.name))
    let build = try await unpack(
      files, into: directory,
      source: .debian(
        name: nil, package: image.name, version: image.version, suite: suite.map { "\($0)" }))
    for file in files { KernelFiles.remove(file) }
    return build
  }
  try cache.setAlias(text, to: image.entry)
  progress(FetchProgress(phase: .done, package: image.name))
  return build
}

private func packageFiles(
  _ paths: [String], cache: KernelCache, progress: @Sendable (FetchProgress) -> Void
) async throws -> KernelBuild {
  let files = try paths.map { path throws(KernelError) in try KernelFiles.resolved(path) }
  // A directory may have any name.
  if files.count == 1, HostFiles.isDirectory(files[0]) { return try await kernel(at: files[0], cache: cache) }
  let digests = try files.map { file throws(KernelError) in try cache.digest(of: file) }
  let digest = digests.count == 1 ? digests[0] : SHA256.hex(of: Array(digests.joined(separator: " ").utf8))
  let kind = files[0].hasSuffix(".rpm") ? "rpm" : "deb"
  let name = files.joined(separator: ",")
  var build = try await cache.entry("\(kind)-\(digest.prefix(40))") { directory in
    progress(FetchProgress(phase: .unpacking, package: name))
    return try await unpack(files, into: directory, source: .packageFile(name, sha256: digest))
  }
  // The entry may have been made from another copy of the files.
  build.source.path = name
  return build
}

private func installedKernel(_ release: String?, cache: KernelCache) async throws -> KernelBuild {
  let running = HostFiles.smallText(of: "/proc/sys/kernel/osrelease")?.filter { !$0.isWhitespace }
  guard let name = release ?? running, let location = KernelLocation.installed(name) else {
    throw KernelError.notInstalled(release: release ?? running ?? "?", isRunning: release == nil)
  }
  return try await build(at: location, image: ImageFile(location.image), cache: cache, source: .path(location.image))
}

private func kernel(at path: String, cache: KernelCache) async throws -> KernelBuild {
  let found = try KernelFiles.resolved(path)
  if HostFiles.isDirectory(found) {
    // An entry of the cache knows more of itself than its files tell.
    if let build = try cache.load(at: found) { return build }
    let location = try KernelLocation.inDirectory(found)
    return try await build(at: location, image: ImageFile(location.image), cache: cache, source: .path(found))
  }
  let image = try ImageFile(found)
  let location = KernelLocation.ofImage(found, release: image.probe.release)
  return try await build(at: location, image: image, cache: cache, source: .path(found))
}

/// Returns a kernel outside of the cache. The `vmlinux` inside a `bzImage` is kept in the cache if possible.
private func build(
  at location: KernelLocation, image: ImageFile, cache: KernelCache, source: KernelOrigin
) async throws -> KernelBuild {
  guard image.probe.isBootable else { throw KernelError.notBootable(name: image.path) }
  let identity = try cache.digest(of: image.path)
  let build = try location.build(image: image, path: image.path, identity: identity, source: source)
  guard image.probe.format == .bzImage else { return build }
  do {
    let extracted = try await cache.entry("vmlinux-\(identity.prefix(40))") { directory in
      let vmlinux = "\(directory)/vmlinux"
      guard try await image.extractVmlinux(to: vmlinux) else { throw KernelError.notBootable(name: image.path) }
      return KernelBuild(
        label: build.label, release: build.release, imagePath: vmlinux, imageFormat: .vmlinux,
        identity: try KernelFiles.digest(of: vmlinux), source: .extracted(sha256: identity))
    }
    var faster = build
    faster.imagePath = extracted.imagePath
    faster.imageFormat = .vmlinux
    faster.identity = extracted.identity
    return faster
  } catch let error as CancellationError {
    throw error
  } catch let error as KernelError {
    // It would not boot.
    switch error {
    case .badImage, .tooLarge: throw error
    default: break
    }
    // The given image boots even if the cache is read-only, only slower.
    return build
  }
}

/// Unpacks the package files of one kernel into `directory/root`.
private func unpack(_ files: [String], into directory: String, source: KernelOrigin) async throws -> KernelBuild {
  let root = "\(directory)/root"
  try await PackageFile.unpack(files, into: root)
  guard let location = try KernelLocation.find(in: root) else {
    throw KernelError.badPackage(
      path: files.joined(separator: ", "), reason: "there is no boot/vmlinuz-* or lib/modules/*/vmlinuz")
  }
  let image = try ImageFile(location.image)
  let vmlinux = "\(directory)/vmlinux"
  let path = try await image.extractVmlinux(to: vmlinux) ? vmlinux : image.path
  return try location.build(image: image, path: path, identity: KernelFiles.digest(of: path), source: source)
}

extension KernelLocation {
  /// Combines the parts. `path` is the image to boot: `image` itself, or the `vmlinux` extracted from it.
  fileprivate func build(
    image: ImageFile, path: String, identity: String, source: KernelOrigin
  ) throws(KernelError) -> KernelBuild {
    guard let release = image.probe.release ?? release else {
      throw .notAKernel(name: image.path, what: "an image that does not say its release")
    }
    var configuration: KernelConfig?
    if let config { configuration = KernelConfig(parsing: try KernelFiles.read(config, limit: 16 << 20)) }
    return KernelBuild(
      label: release, release: release, imagePath: path,
      imageFormat: path == image.path ? image.probe.format : .vmlinux, configPath: config, config: configuration,
      modulesPath: modules, moduleLayout: moduleLayout, sourcePath: self.source, buildPath: build, identity: identity,
      source: source)
  }
}
