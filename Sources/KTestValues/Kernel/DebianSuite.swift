/// The suite of Debian's archive in `debian:NAME@SUITE`, for example `trixie-backports` or `sid`.
package struct DebianSuite: Sendable, Equatable, Hashable, Codable, CustomStringConvertible {
  package let description: String

  /// Parses a suite's name. Returns nil for what could be a path, an option or a field of a list of sources.
  package init?(parsing text: some StringProtocol) {
    let isPlain = { (byte: UInt8) in byte >= 97 && byte <= 122 || byte >= 48 && byte <= 57 }
    guard let first = text.utf8.first, isPlain(first), text.utf8.count < 64,
      text.utf8.allSatisfy({ isPlain($0) || "-._".utf8.contains($0) })
    else { return nil }
    description = String(text)
  }

  /// Splits `NAME@SUITE` or `NAME`. Returns nil if the suite is not usable.
  package static func split(_ text: String) -> (name: String, suite: DebianSuite?)? {
    guard let at = text.lastIndex(of: "@") else { return (text, nil) }
    guard let suite = DebianSuite(parsing: text[text.index(after: at)...]) else { return nil }
    return (String(text[..<at]), suite)
  }
}
