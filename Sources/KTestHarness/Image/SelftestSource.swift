/// The part of Debian's `linux-source-*` that selftests are compiled from, unpacked into the cache: the whole is
/// 1.7 GB.
extension LayerBuild {
  /// The directories that tests include besides the headers for user space, and the inputs of those headers.
  private static let wantedParts =
    SelftestHeaders.parts + ["tools/testing/selftests", "include/vdso", "lib/*.h", "mm/*.h"]

  func debianSource(_ package: String, title: String) async throws -> (root: String, version: String) {
    let sources = cache.root + "/sources"
    // Another version of ktest may need other parts.
    let parts = LayerBuild.key(LayerBuild.wantedParts).prefix(8)
    // The candidate does not change as long as apt's lists do not, so no process needs to be started.
    let memo = "\(sources)/\(LayerBuild.key(["source 1", package, Apt.state])).version"
    func folder(_ version: String) -> String { "\(sources)/\(package)_\(version)_\(parts)" }
    if let version = try? Files.text(memo), Files.exists(folder(version)) { return (folder(version), version) }
    let tool = try HostTool.required(
      "apt-cache", for: title, advice: "an origin 'debian:' needs a host with apt, such as Debian or Ubuntu")
    let show = try await tool.run(["show", "--no-all-versions", "--", package], cache: cache)
    guard let version = PackageVersion.read(aptCacheShow: show.output)[package] else {
      throw ImageError.packageUnknown(package: package)
    }
    let root = folder(version.version)
    if !Files.exists(root) { try await unpackSource(version, to: root, title: title) }
    try cache.write(memo) { writer in try writer.write(Array(version.version.utf8)) }
    return (root, version.version)
  }

  private func unpackSource(_ package: PackageVersion, to root: String, title: String) async throws {
    let work = cache.temporary()
    try Files.makeDirectory(work + "/source")
    defer { Files.remove(work) }
    progress(ImageStep(layer: title, action: "fetching \(package.text)"))
    try await Apt(cache: cache, title: title).fetch([package], into: work)
    guard let file = Files.list(work).first(where: { $0.hasSuffix(".deb") }) else {
      throw ImageError.packageFetchFailed(package: package.text, lines: ["it left no file in the folder"])
    }
    progress(ImageStep(layer: title, action: "unpacking the selftests of \(package.text)"))
    let advice = "install it with apt, or name the kernel's build directory so that its own source is used"
    let unpack = try HostTool.required("dpkg-deb", for: title, advice: advice)
    let extracted = try await unpack.run(["-x", work + "/" + file, work + "/package"], cache: cache)
    guard extracted.succeeded else {
      throw ImageError.toolFailed(tool: "dpkg-deb -x", status: "\(extracted.status)", lines: extracted.lines(last: 8))
    }
    Files.remove(work + "/" + file)
    let folder = work + "/package/usr/src"
    guard let archive = Files.list(folder).first(where: { $0.hasPrefix(package.name + ".tar") }) else {
      throw ImageError.fileMissing(path: "/usr/src/\(package.name).tar.xz", layer: package.text)
    }
    let tar = try HostTool.required("tar", for: title, advice: advice)
    _ = try HostTool.required("xz", for: title, advice: "'apt-get install xz-utils', or the equivalent on your system")
    let outcome = try await tar.run(
      ["-x", "-f", "\(folder)/\(archive)", "-C", work + "/source", "--strip-components=1", "--no-same-owner"]
        + ["--wildcards", "--no-wildcards-match-slash"] + LayerBuild.wantedParts.map { "\(package.name)/\($0)" },
      cache: cache)
    // If another version lacks a part, this is reported when the part is used, if at all.
    let isComplete = outcome.lines(last: 50).allSatisfy {
      $0.contains("Not found in archive") || $0.contains("Exiting with failure status")
    }
    guard outcome.succeeded || isComplete else {
      throw ImageError.toolFailed(
        tool: "tar -x \(archive)", status: "\(outcome.status)", lines: outcome.lines(last: 8))
    }
    try cache.move(work + "/source", to: root)
  }
}
