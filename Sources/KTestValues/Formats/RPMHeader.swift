/// The header of an RPM package.
///
/// Source: the RPM package file format (docs/manual/format_v4.md of rpm), and lib/rpmtag.h for the numbers of tags.
package struct RPMHeader: Sendable, Equatable {
  package enum Problem: Error, Sendable, Equatable {
    case notRPM
    case source
    /// The file ends before the package does.
    case truncated
    case malformed
  }

  package var name: String
  /// Version and release, and the epoch before them if there is one: `6.17.1-300.fc43`.
  package var version: String
  package var architecture: String
  /// The number of bytes that the package unpacks to, by its own account.
  package var unpackedSize: Int?
  /// The size of the whole file in bytes, where the package tells it.
  package var fileSize: Int?

  /// The number of bytes at the start of a file that hold the header of any kernel package.
  package static let limit = 32 << 20

  private static let lead = 96

  package init(_ bytes: [UInt8]) throws(Problem) {
    self = try bytes.withUnsafeBufferPointer { buffer throws(Problem) in
      try RPMHeader(ByteView(UnsafeRawBufferPointer(buffer)))
    }
  }

  private init(_ bytes: ByteView) throws(Problem) {
    guard bytes.starts(with: [0xed, 0xab, 0xee, 0xdb]) else { throw .notRPM }
    guard bytes.count >= RPMHeader.lead else { throw .truncated }
    guard bytes.u8(6) == 0, bytes.u8(7) == 0 else { throw .source }
    let signature = try Section(bytes, at: RPMHeader.lead)
    // The next section begins at a multiple of eight bytes.
    let start = (signature.end + 7) / 8 * 8
    let header = try Section(bytes, at: start)
    guard let name = header.text(1000), let version = header.text(1001), let release = header.text(1002),
      let architecture = header.text(1022)
    else { throw .malformed }
    let epoch = header.number(1003)
    self.name = name
    self.version = (epoch.map { "\($0):" } ?? "") + "\(version)-\(release)"
    self.architecture = architecture
    unpackedSize = header.number(5009) ?? header.number(1009)
    fileSize = (signature.number(270) ?? signature.number(1000)).map { $0 + start }
  }

  /// An index of tags, and the values they point at.
  private struct Section {
    let bytes: ByteView
    let index: Int
    let count: Int
    let store: Int
    let end: Int

    init(_ bytes: ByteView, at offset: Int) throws(Problem) {
      guard let magic = bytes.slice(offset, 16) else { throw .truncated }
      guard magic.starts(with: [0x8e, 0xad, 0xe8, 0x01]) else { throw .malformed }
      let count = Section.big(bytes, offset + 8, 4)
      let size = Section.big(bytes, offset + 12, 4)
      guard let count, let size, count <= 1 << 16, size <= RPMHeader.limit else { throw .malformed }
      (self.bytes, self.count) = (bytes, count)
      index = offset + 16
      store = index + 16 * count
      end = store + size
      guard end <= bytes.count else { throw .truncated }
    }

    /// Returns a string: type 6.
    func text(_ tag: Int) -> String? {
      guard let (type, offset) = find(tag), type == 6, let rest = bytes.slice(offset, end - offset) else { return nil }
      return rest.text(at: 0, limit: 256)
    }

    /// Returns the first number of 32 or 64 bits: type 4 or 5.
    func number(_ tag: Int) -> Int? {
      guard let (type, offset) = find(tag), type == 4 || type == 5 else { return nil }
      let width = type == 4 ? 4 : 8
      guard offset + width <= end, let value = Section.big(bytes, offset, width), value < 1 << 48 else { return nil }
      return value
    }

    private func find(_ tag: Int) -> (type: Int, offset: Int)? {
      for entry in 0..<count where Section.big(bytes, index + 16 * entry, 4) == tag {
        guard let type = Section.big(bytes, index + 16 * entry + 4, 4),
          let offset = Section.big(bytes, index + 16 * entry + 8, 4), offset < end - store
        else { return nil }
        return (type, store + offset)
      }
      return nil
    }

    private static func big(_ bytes: ByteView, _ offset: Int, _ width: Int) -> Int? {
      var value: UInt64 = 0
      for place in 0..<width {
        guard let byte = bytes.u8(offset + place) else { return nil }
        value = value << 8 | UInt64(byte)
      }
      return Int(exactly: value)
    }
  }
}
