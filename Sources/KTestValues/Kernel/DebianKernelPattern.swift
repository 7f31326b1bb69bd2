/// All builds of a version and flavour in Debian's archive: `debian:6.1-cloud*`, `debian:7.*-cloud@trixie-backports`.
package struct DebianKernelPattern: Sendable, Equatable {
  package var name: DebianKernelName
  package var suite: DebianSuite?

  /// Parses a value of `--builds`. Returns nil if it has no star, so that it names one kernel.
  ///
  /// Throws `KernelError.badSource`.
  package init?(parsing text: String) throws(KernelError) {
    guard text.hasPrefix("debian:"), text.contains("*") else { return nil }
    let advice = "write a version and a flavour with one star, as in debian:6.1-cloud* or debian:7.*-cloud@sid"
    guard let (words, suite) = DebianSuite.split(String(text.dropFirst(7))) else { throw .badSource(text, advice) }
    var short = words
    if let star = words.firstRange(of: ".*") {
      let rest = words[star.upperBound...]
      guard rest.isEmpty || rest.hasPrefix("-") else { throw .badSource(text, advice) }
      short.removeSubrange(star)
    } else if words.hasSuffix("*") {
      short.removeLast()
    }
    guard let name = DebianKernelName(parsing: short), case .newest = name else { throw .badSource(text, advice) }
    (self.name, self.suite) = (name, suite)
  }

  /// Returns the packages of the builds among these, oldest first; of each build the unsigned package, if there is one.
  package func builds(in packages: some Sequence<String>) -> [String] {
    var builds: [String: DebianKernelPackage] = [:]
    for package in packages.compactMap(DebianKernelPackage.init) where name.includes(package) {
      if let other = builds[package.shortForm], other > package { continue }
      builds[package.shortForm] = package
    }
    return builds.values.sorted().map(\.name)
  }
}
