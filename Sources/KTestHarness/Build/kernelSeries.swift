/// What `--builds` names: kernels in order, where `debian:6.1-cloud*` stands for every build of 6.1-cloud that the
/// archive has, oldest first.
///
/// Throws `KernelError`: `badSource`, `noSuchPackage` where a star stands for nothing, and what apt's tools throw.
public func kernelSeries(_ names: [String]) async throws -> [String] {
  var packages: Set<String>?
  var series: [String] = []
  for name in names {
    guard name.hasPrefix("debian:"), name.hasSuffix("*") else {
      _ = try KernelSource(parsing: name)
      series.append(name)
      continue
    }
    guard case .newest? = DebianKernelName(parsing: String(name.dropFirst("debian:".count).dropLast())) else {
      throw KernelError.badSource(name, "before the star comes a version and a flavour, as in debian:6.1-cloud*")
    }
    let known: Set<String>
    if let packages { known = packages } else { known = try await DebianArchive().packageNames() }
    packages = known
    series += try expanded(name, known).map { "debian:\($0)" }
  }
  return series.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
}

/// The builds of `debian:VERSION-FLAVOUR*` among these packages, oldest first; of each the unsigned package, where there
/// is one.
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
