/// The part of Debian's `linux-source-*` that selftests are compiled from, unpacked into the cache: the whole is
/// 1.7 GB.
extension LayerBuild {
  /// The directories that tests include besides the headers for user space, and the inputs of those headers.
  private static let wantedParts = SelftestCopy.parts

  /// - Parameter name: a package, and `@SUITE` behind it if it is not of this machine's archive.
  func debianSource(_ name: String, title: String) async throws -> (root: String, version: String) {
    let package = String(name.prefix { $0 != "@" })
    let suite = String(name.dropFirst(package.count + 1))
    var packages = PackageSource(cache: cache, title: title)
    if !suite.isEmpty { packages = try await packages.of(suite: suite) }
    let sources = cache.root + "/sources"
    // Another version of ktest may need other parts.
    let parts = LayerBuild.key(LayerBuild.wantedParts).prefix(8)
    // The candidate does not change as long as apt's lists do not, so no process needs to be started.
    let memo = "\(sources)/\(LayerBuild.key(["source 1", name, packages.apt.state])).version"
    func folder(_ version: String) -> String { "\(sources)/\(package)_\(version)_\(parts)" }
    if let version = try? Files.text(memo), Files.exists(folder(version)) { return (folder(version), version) }
    let version = try await packages.candidate(of: package)
    let root = folder(version.version)
    if !Files.exists(root) { try await unpackSource(version, from: packages, to: root, title: title) }
    try cache.write(memo) { writer in try writer.write(Array(version.version.utf8)) }
    return (root, version.version)
  }

  private func unpackSource(
    _ package: DebianPackage, from source: PackageSource, to root: String, title: String
  ) async throws {
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
