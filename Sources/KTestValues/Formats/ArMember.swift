/// The header of a member of an `ar` archive, which a Debian package is. Source: ar(5).
package struct ArMember: Sendable, Equatable {
  /// What an archive begins with.
  package static let magic = Array("!<arch>\n".utf8)
  /// The number of bytes of a header.
  package static let headerSize = 60

  /// The number of bytes of the member, which follows its header. The next header begins at an even offset.
  package var size: Int

  /// Returns nil if the bytes are no header.
  package init?(header: [UInt8]) {
    guard header.count == ArMember.headerSize, header[58...] == [0x60, 0x0a] else { return nil }
    let digits = header[48..<58].prefix { $0 != 0x20 }
    // Ten digits fit.
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      header[(48 + digits.count)..<58].allSatisfy({ $0 == 0x20 })
    else { return nil }
    size = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}
