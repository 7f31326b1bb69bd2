/// The dependencies of Debian packages, parsed from the output of apt's own tools.
package struct PackageGraph: Sendable, Equatable {
  /// `Depends` and `Pre-Depends` of each package, in order. The first existing alternative is used, and the first
  /// provider of a virtual package.
  package private(set) var dependencies: [String: [String]] = [:]

  /// Parses the output of `apt-cache depends --recurse`.
  package init(aptCacheDepends text: String) {
    var package: String?
    var isAlternative = false
    var wantsProvider = false
    var ignoresProviders = true
    for line in text.split(separator: "\n") {
      let word = String(line.drop { $0 == " " || $0 == "|" })
      if line.first != " " && line.first != "|" {
        package = word.hasPrefix("<") ? nil : word
        if let package { dependencies[package] = dependencies[package] ?? [] }
        (isAlternative, wantsProvider, ignoresProviders) = (false, false, true)
        continue
      }
      guard let package else { continue }
      if line.hasPrefix("    ") {
        if wantsProvider && !ignoresProviders {
          append(word, to: package)
          wantsProvider = false
        }
        continue
      }
      guard let colon = word.firstRange(of: ": ") else { continue }
      let kind = word[..<colon.lowerBound]
      guard kind == "Depends" || kind == "PreDepends" else { continue }
      let name = String(word[colon.upperBound...])
      // The line after ` |Depends: a` is another way to satisfy the same dependency.
      let isSettled = isAlternative && !wantsProvider
      isAlternative = line.hasPrefix(" |")
      ignoresProviders = isSettled
      if isSettled { continue }
      wantsProvider = name.hasPrefix("<")
      if !wantsProvider { append(name, to: package) }
    }
  }

  private mutating func append(_ name: String, to package: String) {
    if dependencies[package, default: []].contains(name) { return }
    dependencies[package, default: []].append(name)
  }

  /// Returns the package and all its dependencies, nearest first.
  package func closure(of package: String) -> [String] {
    var order = [package]
    var seen: Set = [package]
    var next = 0
    while next < order.count {
      for name in dependencies[order[next]] ?? [] where seen.insert(name).inserted { order.append(name) }
      next += 1
    }
    return order
  }
}
