/// Returns the directory and the name of the unpacked tree of a package `linux-source-…`, fetching it if it is not in
/// the cache.
///
/// It needs neither root nor an installed package. `refresh` asks apt whether there is a newer version.
///
/// Throws ``KernelBuildError`` and `KernelError`.
@concurrent
public func unpackDebianSource(
  _ name: String, cache: KernelBuildCache, refresh: Bool = false,
  progress: @escaping @Sendable (KernelBuildProgress) -> Void = { _ in }
) async throws -> (directory: String, name: String) {
  let memory = cache.source(".\(name)")
  if !refresh, let entry = cache.text(memory), KernelFiles.exists("\(cache.source(entry))/Makefile") {
    return (cache.source(entry), entry)
  }
  progress(.fetching(FetchProgress(phase: .searching, package: "debian:\(name)")))
  let archive = DebianArchive()
  let package = try await archive.show(name)
  // The kernel's Makefile does not accept blanks or colons in a path, and make rejects more characters.
  let entry = String(
    package.entry.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._+-".contains($0)) ? $0 : "-" })
  let directory = cache.source(entry)
  try await cache.locked(
    "source-\(entry)", waiting: { progress(.note("waiting for another ktest that is fetching \(name)")) }
  ) {
    if KernelFiles.exists("\(directory)/Makefile") { return }
    let partial = cache.source(".partial-\(entry)")
    BuildFiles.remove(partial)
    do {
      try cache.makeDirectory("\(partial)/deb")
      let file = try await archive.download(package, into: "\(partial)/deb", progress: { progress(.fetching($0)) })
      progress(.fetching(FetchProgress(phase: .unpacking, package: package.name)))
      try await unpack(file, into: partial, package: name)
      try BuildFiles.rename("\(partial)/tree", to: directory)
      BuildFiles.remove(partial)
    } catch {
      BuildFiles.remove(partial)
      throw error
    }
  }
  try cache.write(entry, to: memory)
  progress(.fetching(FetchProgress(phase: .done, package: package.name)))
  return (directory, entry)
}

private func unpack(_ file: String, into directory: String, package: String) async throws {
  func run(_ tool: Tool, _ arguments: [String]) async throws {
    let result = try await tool.run(arguments, purpose: "unpack a kernel's source")
    guard result.succeeded else {
      if result.complaint.contains("No space left") { throw KernelBuildError.diskFull(path: directory) }
      throw KernelBuildError.fetchFailed(
        source: "debian:\(package)", reason: "\(tool.name): \(DebianArchive.reason(in: result.complaint))")
    }
  }
  try await run(.dpkgDeb, ["--extract", file, "\(directory)/root"])
  let folder = "\(directory)/root/usr/src"
  guard
    let tarball = KernelFiles.names(in: folder).first(where: { $0.hasPrefix("linux-source-") && $0.contains(".tar") })
  else {
    throw KernelBuildError.fetchFailed(source: "debian:\(package)", reason: "there is no usr/src/linux-source-*.tar")
  }
  try BuildFiles.makeDirectory("\(directory)/tree")
  try await run(
    Tool(name: "tar", package: "tar"),
    ["--extract", "--file", "\(folder)/\(tarball)", "--directory", "\(directory)/tree", "--strip-components=1"])
  try KernelFiles.dropSpecialBits(below: "\(directory)/tree")
}
