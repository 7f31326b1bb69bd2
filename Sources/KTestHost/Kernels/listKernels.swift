package import KTestValues

/// A kernel in the cache.
package struct CachedKernel: Sendable, Equatable {
  /// The name of its directory, for example `linux-image-6.1.0-56-cloud-amd64-unsigned_6.1.192-2`.
  package var name: String
  package var directory: String
  package var build: KernelBuild
}

/// Returns the kernels in the cache that came from packages, oldest release first.
package func listKernels(in cache: KernelCache) -> [CachedKernel] {
  cache.entries().filter { !$0.hasPrefix("vmlinux-") }.compactMap { name in
    cache.record(of: name).map { CachedKernel(name: name, directory: cache.path(of: name), build: $0) }
  }.sorted {
    let (one, other) = (DebianVersion($0.build.release), DebianVersion($1.build.release))
    return one == other ? $0.name < $1.name : one < other
  }
}

/// Returns the cached kernels that `name` can mean: the name of a directory, a release, or the value of `--kernel` when
/// they were fetched.
package func cachedKernels(named name: String, in cache: KernelCache) -> [CachedKernel] {
  let text = name.hasPrefix("debian:") ? name : "debian:\(name)"
  let alias =
    if case .debian(let name, let suite)? = try? KernelSource(parsing: text) {
      cache.alias(KernelSource.text(name, suite))
    } else { String?.none }
  return listKernels(in: cache).filter { $0.name == name || $0.build.release == name || $0.name == alias }
}
