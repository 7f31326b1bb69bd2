package import KTestValues

/// Returns the directory and the name of the unpacked tree of a package `linux-source-…`, fetching it if it is not in
/// the cache.
///
/// It needs neither root nor an installed package. `refresh` asks apt whether there is a newer version.
///
/// Throws ``KernelBuildError`` and `KernelError`.
@concurrent
package func unpackDebianSource(
  _ name: String, suite: DebianSuite? = nil, cache: KernelBuildCache, refresh: Bool = false,
  progress: @escaping @Sendable (KernelBuildProgress) -> Void = { _ in }
) async throws -> (directory: String, name: String) {
  let text = name + (suite.map { "@\($0)" } ?? "")
  let memory = cache.source(".\(text)")
  if !refresh, let entry = cache.text(memory) {
    cache.use.note("sources/\(entry)")
    if HostFiles.exists("\(cache.source(entry))/Makefile") { return (cache.source(entry), entry) }
  }
  progress(.fetching(FetchProgress(phase: .searching, package: "debian:\(text)")))
  let archive = try await DebianArchive.open(suite: suite, cache: cache.kernels, refresh: refresh)
  let package = try await archive.source(name)
  // The kernel's Makefile does not accept blanks or colons in a path, and make rejects more characters.
  let entry = String(
    package.entry.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._+-".contains($0)) ? $0 : "-" })
  let directory = cache.source(entry)
  cache.use.note("sources/\(entry)")
  try await cache.locked(
    "source-\(entry)", waiting: { progress(.note("waiting for another ktest that is fetching \(text)")) }
  ) {
    if HostFiles.exists("\(directory)/Makefile") { return }
    let partial = cache.source(".partial-\(entry)")
    HostFiles.remove(partial)
    do {
      try cache.makeDirectory("\(partial)/deb")
      let files = try await archive.download(
        [package], for: package, into: "\(partial)/deb", progress: { progress(.fetching($0)) })
      progress(.fetching(FetchProgress(phase: .unpacking, package: package.name)))
      try BuildFiles.makeDirectory("\(partial)/tree")
      try await unpack(files[0], into: "\(partial)/tree", scratch: "\(partial)/root", package: text)
      try BuildFiles.rename("\(partial)/tree", to: directory)
      HostFiles.remove(partial)
    } catch {
      HostFiles.remove(partial)
      throw error
    }
  }
  try cache.write(entry, to: memory)
  progress(.fetching(FetchProgress(phase: .done, package: package.name)))
  return (directory, entry)
}

private func unpack(_ file: String, into directory: String, scratch: String, package: String) async throws {
  try await forKernels("unpack a kernel's source") {
    do {
      try await Archive.unpack(linuxSource: file, into: directory, scratch: scratch)
    } catch let failure as ArchiveFailure {
      throw failure.isDiskFull
        ? KernelBuildError.diskFull(path: directory)
        : KernelBuildError.fetchFailed(source: "debian:\(package)", reason: failure.reason)
    }
  }
}
