package import KTestValues

/// Returns the kernels of `--builds` in order; `debian:6.1-cloud*` means every build of 6.1-cloud in the archive,
/// oldest first.
///
/// Throws `KernelError`: `badSource`, `noSuchPackage` if a star matches nothing, and the errors of apt's tools.
package func kernelSeries(_ names: [String]) async throws -> [String] {
  var packages: Set<String>?
  var series: [String] = []
  for name in names {
    guard name.hasPrefix("debian:"), name.hasSuffix("*") else {
      _ = try KernelSource(parsing: name)
      series.append(name)
      continue
    }
    guard case .newest? = DebianKernelName(parsing: String(name.dropFirst("debian:".count).dropLast())) else {
      throw KernelError.badSource(name, "write a version and a flavour before the star, as in debian:6.1-cloud*")
    }
    let known: Set<String>
    if let packages { known = packages } else { known = try await DebianArchive.host.packageNames() }
    packages = known
    series += try expanded(name, known).map { "debian:\($0)" }
  }
  return series.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
}

/// Returns the builds of `debian:VERSION-FLAVOUR*` among these packages, oldest first; of each the unsigned package, if
/// there is one.
package func expanded(_ name: String, _ packages: Set<String>) throws(KernelError) -> [String] {
  guard let wanted = DebianKernelName(parsing: String(name.dropFirst("debian:".count).dropLast())) else { return [] }
  var builds: [String: DebianKernelPackage] = [:]
  for package in packages.compactMap(DebianKernelPackage.init) where wanted.includes(package) {
    if let other = builds[package.shortForm], other > package { continue }
    builds[package.shortForm] = package
  }
  guard !builds.isEmpty else { throw .noSuchPackage(name: "\(wanted)", nearest: wanted.nearest(in: packages)) }
  return builds.values.sorted().map(\.name)
}
