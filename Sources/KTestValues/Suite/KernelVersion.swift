/// A kernel's version, as its release begins with it: `6.12.117`, `7.3-rc2`. A release candidate sorts before its
/// release.
package struct KernelVersion: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  package var major: Int
  package var minor: Int
  package var patch: Int
  /// The number of the release candidate; nil for a release.
  package var candidate: Int?

  package init(_ major: Int, _ minor: Int = 0, _ patch: Int = 0, candidate: Int? = nil) {
    self.major = major
    self.minor = minor
    self.patch = patch
    self.candidate = candidate
  }

  /// Finds the version in what `uname -r` prints, or returns nil if there is none: `6.12.117+deb13-cloud-amd64` is
  /// 6.12.117, and `7.3.0-rc2-00012-g1a2b3c` is 7.3-rc2.
  package init?(release: String) {
    var rest = Substring(release)
    guard let major = KernelVersion.number(&rest), rest.first == "." else { return nil }
    rest = rest.dropFirst()
    guard let minor = KernelVersion.number(&rest) else { return nil }
    self.init(major, minor)
    if rest.first == "." {
      rest = rest.dropFirst()
      guard let patch = KernelVersion.number(&rest) else { return nil }
      self.patch = patch
    }
    candidate = KernelVersion.candidate(in: rest)
  }

  /// Returns the number of the release candidate from what follows the numbers: `-rc2`, Ubuntu's `-070300rc2`, Fedora's
  /// `-0.rc2.20261120`. A later word is somebody's own name for the kernel.
  private static func candidate(in text: Substring) -> Int? {
    guard text.first == "-" else { return nil }
    let words = text.dropFirst().split(separator: "-", omittingEmptySubsequences: false).first?.split(separator: ".")
    for word in words?.prefix(2) ?? [] {
      var rest = word.drop { $0.isASCII && $0.isNumber }
      if rest.hasPrefix("rc") {
        rest = rest.dropFirst(2)
        return number(&rest)
      }
      guard word == "0" else { return nil }
    }
    return nil
  }

  /// Removes a number from the beginning. It has at most six digits, so that nothing overflows.
  static func number(_ rest: inout Substring) -> Int? {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, digits.count <= 6, let number = Int(digits) else { return nil }
    rest = rest.dropFirst(digits.count)
    return number
  }

  package static func < (left: KernelVersion, right: KernelVersion) -> Bool {
    let (one, other) = (left.order, right.order)
    return one.lexicographicallyPrecedes(other)
  }

  private var order: [Int] { [major, minor, patch, candidate ?? .max] }

  /// The version as kernels are called: `7.3`, `7.3-rc2`, `6.12.117`.
  package var description: String {
    "\(major).\(minor)" + (patch == 0 ? "" : ".\(patch)") + (candidate.map { "-rc\($0)" } ?? "")
  }
}
