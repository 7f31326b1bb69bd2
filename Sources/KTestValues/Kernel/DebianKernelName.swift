/// The NAME of `debian:NAME`: a package, or a version and a flavour that select the newest package.
package enum DebianKernelName: Sendable, Equatable, Hashable, CustomStringConvertible {
  /// Exactly this package, for example `linux-image-6.1.0-48-amd64`.
  case package(String)
  /// A version and a flavour: `6.12-cloud` is version `6.12` and flavour `cloud`. The flavour of the full kernel is the
  /// empty string.
  case newest(version: String, flavour: String)

  /// Parses a name. Returns nil if the text is neither; a result never looks like an option of a program.
  package init?(parsing text: String) {
    guard let first = text.utf8.first, text.utf8.count < 200, text.utf8.allSatisfy(DebianKernelName.isNameByte)
    else { return nil }
    guard first >= 48, first <= 57 else {
      guard first >= 97, first <= 122 else { return nil }
      self = .package(text)
      return
    }
    // The ABI part may contain dashes ("6.1.0-56-cloud"); a flavour starts with a letter.
    var parts = text.split(separator: "-", omittingEmptySubsequences: false)
    if parts.contains("") { return nil }
    if parts.last == "amd64" { parts.removeLast() }
    let cut = parts.dropFirst().firstIndex { ($0.utf8.first ?? 0) >= 97 } ?? parts.endIndex
    self = .newest(
      version: parts[..<cut].joined(separator: "-"), flavour: parts[cut...].joined(separator: "-"))
  }

  package var description: String {
    switch self {
    case .package(let name): name
    case .newest(let version, let flavour): flavour.isEmpty ? version : "\(version)-\(flavour)"
    }
  }

  /// Returns the packages that the name can mean among all package names of the archive, the best first.
  ///
  /// Of the same kernel, the `-unsigned` package is preferred: its image is the same except for the signature, and it
  /// exists for builds whose signed package does not.
  package func candidates(in packages: some Sequence<String>) -> [String] {
    switch self {
    case .package(let name): packages.contains(name) ? [name] : []
    case .newest:
      packages.compactMap(DebianKernelPackage.init).filter(includes).sorted { $0 > $1 }.map(\.name)
    }
  }

  /// Returns whether the name can mean this package.
  package func includes(_ package: DebianKernelPackage) -> Bool {
    switch self {
    case .package(let name): package.name == name
    case .newest(let version, let flavour):
      package.flavour == flavour && DebianKernelName.version(package.abi, isOf: version)
    }
  }

  /// Returns packages that the user may have meant, the best first.
  package func nearest(in packages: some Sequence<String>, limit: Int = 6) -> [String] {
    let kernels = packages.compactMap(DebianKernelPackage.init)
    let wanted: (version: String, flavour: String) =
      switch self {
      case .newest(let version, let flavour): (version, flavour)
      case .package(let name): DebianKernelPackage(name).map { ($0.abi, $0.flavour) } ?? ("", "")
      }
    let series = wanted.version.split(separator: ".").prefix(2).joined(separator: ".")
    func rank(_ kernel: DebianKernelPackage) -> Int {
      (DebianKernelName.version(kernel.abi, isOf: series) ? 2 : 0) + (kernel.flavour == wanted.flavour ? 1 : 0)
    }
    var seen: Set<String> = []
    return kernels.sorted { rank($0) == rank($1) ? $0 > $1 : rank($0) > rank($1) }
      .map(\.shortForm).filter { seen.insert($0).inserted }.prefix(limit).map { $0 }
  }

  /// Returns whether the ABI belongs to the version: `6.12` includes `6.12.117+deb12` but not `6.120`, and `6.1` does
  /// not include `6.12`.
  private static func version(_ abi: String, isOf version: String) -> Bool {
    guard abi.hasPrefix(version) else { return false }
    guard let next = abi.dropFirst(version.count).utf8.first else { return true }
    return [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "~")].contains(next)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "~"):
      true
    default: false
    }
  }
}

/// The parts of a kernel package's name `linux-image-ABI[-FLAVOUR]-amd64[-unsigned]`.
package struct DebianKernelPackage: Sendable, Equatable, Comparable {
  package let name: String
  /// The ABI, for example `6.12.117+deb12` or `6.1.0-56`.
  package let abi: String
  /// The flavour: `cloud`, `rt`, or empty for the full kernel.
  package let flavour: String
  package let isUnsigned: Bool

  /// Returns nil for debug symbols, templates, meta-packages (`linux-image-6.12-amd64` has no third number) and
  /// everything else.
  package init?(_ name: String) {
    let start = "linux-image-"
    guard name.hasPrefix(start) else { return nil }
    var rest = String(name.dropFirst(start.count))
    isUnsigned = rest.hasSuffix("-unsigned")
    if isUnsigned { rest.removeLast("-unsigned".count) }
    guard rest.hasSuffix("-amd64") else { return nil }
    rest.removeLast("-amd64".count)
    guard case .newest(let abi, let flavour)? = DebianKernelName(parsing: rest),
      abi.split(separator: ".").prefix(3).filter({ ($0.utf8.first ?? 0) >= 48 && ($0.utf8.first ?? 0) <= 57 }).count
        == 3
    else { return nil }
    self.name = name
    self.abi = abi
    self.flavour = flavour
  }

  /// The name to write after `debian:`.
  package var shortForm: String { flavour.isEmpty ? abi : "\(abi)-\(flavour)" }

  package static func < (left: DebianKernelPackage, right: DebianKernelPackage) -> Bool {
    let (one, other) = (DebianVersion(left.abi), DebianVersion(right.abi))
    if one != other { return one < other }
    if left.flavour != right.flavour { return left.flavour > right.flavour }
    return !left.isUnsigned && right.isUnsigned
  }
}
