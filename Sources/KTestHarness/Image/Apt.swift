import Glibc

/// Access to Debian packages through apt's own tools, as an ordinary user; nothing is installed.
struct Apt: Sendable {
  let cache: ImageCache
  let title: String

  private static let advice = "package layers need a host with apt, such as Debian or Ubuntu"

  /// A stamp that changes with every `apt-get update` and every change of apt's sources; computing it starts no
  /// process.
  static var state: String {
    var hash = SHA256()
    for folder in [
      "/var/lib/apt/lists", "/etc/apt/sources.list.d", "/etc/apt/preferences.d", "/etc/apt/apt.conf.d", "/etc/apt",
    ] {
      for name in Files.list(folder) where name != "lock" && name != "partial" {
        guard let stamp = FileStamp(folder + "/" + name), stamp.isRegular else { continue }
        hash.update("\(folder)/\(name) \(stamp.text)\n")
      }
    }
    return hash.hex()
  }

  /// Returns the dependency closure of a package, nearest first, and apt's candidate of each.
  func closure(of package: String) async throws -> (graph: PackageGraph, versions: [String: PackageVersion]) {
    let tool = try HostTool.required("apt-cache", for: title, advice: Apt.advice)
    let omitted = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map { "--no-" + $0 }
    let depends = try await tool.run(["depends", "--recurse"] + omitted + ["--", package], cache: cache)
    guard depends.succeeded else { throw failure(of: tool, package, depends) }
    let graph = PackageGraph(aptCacheDepends: depends.output)
    let names = graph.closure(of: package)
    let show = try await tool.run(["show", "--no-all-versions", "--"] + names, cache: cache)
    let versions = PackageVersion.read(aptCacheShow: show.output)
    // A package that depends on a purely virtual one is fine, but the requested one must be real.
    guard versions[package] != nil else { throw failure(of: tool, package, show) }
    return (graph, versions)
  }

  private func failure(of tool: HostTool, _ package: String, _ outcome: HostTool.Outcome) -> ImageError {
    if outcome.succeeded || outcome.errors.contains("No packages found") || outcome.errors.contains("Unable to locate")
    {
      return .packageUnknown(package: package)
    }
    return .toolFailed(tool: tool.name, status: "\(outcome.status)", lines: outcome.lines(last: 8))
  }

  /// Unpacks the packages side by side, each in its own folder; fetches those that the cache does not have.
  func unpacked(_ packages: [PackageVersion], _ progress: (String) -> Void) async throws -> [FileRoot] {
    let folders = packages.map { cache.root + "/sysroots/" + $0.folder }
    for folder in folders where Files.exists(folder) { try SpecialModes.settle(folder, cache: cache) }
    let absent = zip(packages, folders).filter { !cache.isWhole(tree: $0.1) }
    if !absent.isEmpty {
      progress("fetching " + absent.map(\.0.text).joined(separator: ", "))
      let work = cache.temporary()
      try Files.makeDirectory(work)
      defer { Files.remove(work) }
      try await fetch(absent.map(\.0), into: work)
      progress("unpacking " + Phrase.count(absent.count, "package"))
      for (package, folder) in absent { try await unpack(package, from: work, to: folder) }
    }
    return folders.map { FileRoot(path: $0) }
  }

  func fetch(_ packages: [PackageVersion], into work: String) async throws {
    let tool = try HostTool.required("apt-get", for: title, advice: Apt.advice)
    // As root, apt switches to its own user, who may not write into ktest's folder.
    let sandbox = geteuid() == 0 ? ["-o", "APT::Sandbox::User=root"] : []
    let names = packages.map { "\($0.name)=\($0.version)" }
    let outcome = try await tool.run(
      sandbox + ["-q", "-o", "Acquire::Retries=2", "download", "--"] + names, in: work, cache: cache)
    guard outcome.succeeded else {
      throw ImageError.packageFetchFailed(
        package: packages.map(\.text).joined(separator: ", "), lines: outcome.lines(last: 8))
    }
  }

  private func unpack(_ package: PackageVersion, from work: String, to folder: String) async throws {
    let tool = try HostTool.required("dpkg-deb", for: title, advice: Apt.advice)
    guard let file = Files.list(work).first(where: { $0.hasPrefix(package.name + "_") && $0.hasSuffix(".deb") }) else {
      throw ImageError.packageFetchFailed(package: package.text, lines: ["it left no file in the folder"])
    }
    let unfinished = cache.temporary()
    defer { Files.remove(unfinished) }
    // Nobody else may access a setuid program before its bits are removed.
    try Files.makeDirectory(unfinished)
    guard chmod(unfinished, 0o700) == 0 else { throw Files.failure("write", unfinished) }
    let outcome = try await tool.run(["-x", work + "/" + file, unfinished], cache: cache)
    guard outcome.succeeded else {
      throw ImageError.toolFailed(
        tool: "dpkg-deb -x \(file)", status: "\(outcome.status)", lines: outcome.lines(last: 8))
    }
    try SpecialModes.settle(unfinished, as: folder, cache: cache)
    try cache.seal(unfinished, as: folder)
  }
}
