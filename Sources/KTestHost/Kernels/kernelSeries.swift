import KTestValues

/// The kernels of `--builds` in order.
package struct KernelSeries: Sendable, Equatable {
  /// The values of `--kernel`.
  package var names: [String] = []
  /// Builds that a pattern means and that cannot be had.
  package var absent: [String] = []
  /// Of a kernel the builds directly before it that cannot be had.
  package var gaps: [String: [String]] = [:]
  /// The builds behind the last kernel that cannot be had.
  var rest: [String] = []

  /// A sentence about builds that are left out; nil if there are none.
  package var note: String? {
    guard !absent.isEmpty else { return nil }
    return "left out, because the archive no longer has all of their packages: \(absent.joined(separator: ", "))"
  }
}

/// Returns the kernels of `--builds` in order. `debian:6.1-cloud*` and `debian:7.*-cloud@SUITE` mean every build of this
/// version in the archive that can be had, oldest first.
///
/// Throws `KernelError`: `badSource`, `noSuchPackage` if a star matches nothing, `partMissing` if nothing that it matches
/// can be had, and the errors of opening the archive.
package func kernelSeries(_ names: [String], cache: KernelCache) async throws -> KernelSeries {
  var series = KernelSeries()
  for name in names {
    guard let pattern = try DebianKernelPattern(parsing: name) else {
      _ = try KernelSource(parsing: name)
      series.append(KernelSeries(names: [name]))
      continue
    }
    let archive = try await DebianArchive.open(suite: pattern.suite, cache: cache)
    series.append(try await archive.series(pattern))
  }
  return series
}

extension KernelSeries {
  /// Appends the kernels that are not in it yet.
  mutating func append(_ other: KernelSeries) {
    let fresh = other.names.filter { !names.contains($0) }
    for name in fresh { gaps[name] = other.gaps[name] }
    if let first = fresh.first {
      let before = rest + (other.gaps[first] ?? [])
      gaps[first] = before.isEmpty ? nil : before
      rest = other.rest
    } else {
      rest += other.rest
    }
    names += fresh
    absent += other.absent.filter { !absent.contains($0) }
  }
}

extension DebianArchive {
  /// Returns the builds of a pattern, oldest first.
  func series(_ pattern: DebianKernelPattern) async throws -> KernelSeries {
    let packages = try await packageNames()
    let builds = pattern.builds(in: packages)
    guard !builds.isEmpty else { throw unknown(pattern.name, among: packages) }
    var series = KernelSeries()
    var problem: KernelError?
    for (name, kernel) in zip(builds, try await kernels(builds)) {
      switch kernel {
      case .success:
        let name = "debian:\(full(name))"
        series.names.append(name)
        if !series.rest.isEmpty { series.gaps[name] = series.rest }
        series.rest = []
      case .failure(let error):
        guard case .partMissing = error else { throw error }
        problem = error
        series.absent.append(DebianKernelPackage(name)?.shortForm ?? name)
        series.rest.append(DebianKernelPackage(name)?.shortForm ?? name)
      }
    }
    if series.names.isEmpty, let problem { throw problem }
    return series
  }
}
