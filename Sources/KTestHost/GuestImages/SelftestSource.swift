/// The part of Debian's `linux-source-*` that selftests are compiled from, unpacked into the cache: the whole is
/// 1.7 GB.
extension LayerBuild {
  /// The directories that tests include besides the headers for user space, and the inputs of those headers.
  private static let wantedParts = SelftestCopy.parts

  func debianSource(_ package: String, title: String) async throws -> (root: String, version: String) {
    let sources = cache.root + "/sources"
    // Another version of ktest may need other parts.
    let parts = LayerBuild.key(LayerBuild.wantedParts).prefix(8)
    // The candidate does not change as long as apt's lists do not, so no process needs to be started.
    let memo = "\(sources)/\(LayerBuild.key(["source 1", package, Apt.host.state])).version"
    func folder(_ version: String) -> String { "\(sources)/\(package)_\(version)_\(parts)" }
    if let version = try? Files.text(memo), Files.exists(folder(version)) { return (folder(version), version) }
    let version = try await PackageSource(cache: cache, title: title).candidate(of: package)
    let root = folder(version.version)
    if !Files.exists(root) { try await unpackSource(version, to: root, title: title) }
    try cache.write(memo) { writer in try writer.write(Array(version.version.utf8)) }
    return (root, version.version)
  }

  private func unpackSource(_ package: DebianPackage, to root: String, title: String) async throws {
    let source = PackageSource(cache: cache, title: title)
    let work = cache.temporary()
    try Files.makeDirectory(work + "/source")
    defer { Files.remove(work) }
    progress(ImageStep(layer: title, action: "fetching \(package.text)"))
    guard let file = try await source.fetch([package], into: work).first else {
      throw ImageError.packageFetchFailed(package: package.text, lines: ["it left no file in the folder"])
    }
    progress(ImageStep(layer: title, action: "unpacking the selftests of \(package.text)"))
    // If another version lacks a part, this is reported when the part is used, if at all.
    try await source.unpack(
      linuxSource: file, parts: LayerBuild.wantedParts, into: work + "/source", scratch: work + "/package")
    try cache.move(work + "/source", to: root)
  }
}
