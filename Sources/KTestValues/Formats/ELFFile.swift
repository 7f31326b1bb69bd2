/// The header, segments and sections of an ELF64 little-endian file (elf(5)).
///
/// The bytes may be anything: a read outside of them returns nil, is left out or is an error, but never traps.
package struct ELFFile {
  package enum Kind: Int { case relocatable = 1, executable = 2, shared = 3, core = 4 }

  package struct Segment {
    package var type: Int
    package var offset: Int
    var address: UInt64
    package var size: Int
    package var align: Int

    func contains(_ address: UInt64) -> Bool {
      address >= self.address && address - self.address < UInt64(clamping: size)
    }
  }

  package struct Section {
    package var name: String
    package var type: Int
    package var flags: Int
    package var bytes: ByteView?
    /// For a symbol table, the index of the section with its names.
    package var link: Int
  }

  package static let magic: [UInt8] = [0x7f, UInt8(ascii: "E"), UInt8(ascii: "L"), UInt8(ascii: "F")]
  package static let loadSegment = 1
  static let dynamicSegment = 2
  static let interpreterSegment = 3
  package static let noteSegment = 4
  package static let symbolSection = 2
  package static let executableFlag = 4

  package let bytes: ByteView
  /// The kind; nil for one that elf(5) does not define.
  package let kind: Kind?
  let machine: ELFMachine

  package init(_ bytes: ByteView) throws(ELFProblem) {
    guard bytes.starts(with: ELFFile.magic) else { throw .notELF }
    guard let width = bytes.u8(4), let order = bytes.u8(5), let number = bytes.u16(18) else {
      throw .truncated("the header")
    }
    let isBigEndian = order == 2
    machine = ELFMachine(number: isBigEndian ? number.byteSwapped16 : number)
    guard width == 2, order == 1 else {
      throw .notSupported(machine: machine, is32Bit: width == 1, isBigEndian: isBigEndian)
    }
    guard bytes.count >= 64 else { throw .truncated("the header") }
    self.bytes = bytes
    kind = bytes.u16(16).flatMap(Kind.init)
  }

  /// The number of segments according to the header.
  var segmentCount: Int { bytes.u16(56) ?? 0 }

  /// The segments whose headers are inside the file.
  package var segments: [Segment] {
    guard let table = bytes.u64(32), let size = bytes.u16(54), size >= 56 else { return [] }
    return (0..<segmentCount).compactMap { index in
      guard let entry = offset(table, index * size), let type = bytes.u32(entry), let start = bytes.u64(entry + 8),
        let address = bytes.word(entry + 16), let length = bytes.u64(entry + 32), let align = bytes.u64(entry + 48)
      else { return nil }
      return Segment(type: type, offset: start, address: address, size: length, align: align)
    }
  }

  /// Whether the file ends before its last segment.
  var isTruncated: Bool { segments.contains { bytes.slice($0.offset, $0.size) == nil } }

  /// All sections by index; empty if the table is damaged.
  package var sections: [Section] {
    guard let table = bytes.u64(40), let size = bytes.u16(58), let count = bytes.u16(60), let names = bytes.u16(62),
      size >= 64, names < count, let strings = sectionBytes(table, names * size)
    else { return [] }
    return (0..<count).compactMap { index in
      guard let entry = offset(table, index * size), let name = bytes.u32(entry), let type = bytes.u32(entry + 4),
        let flags = bytes.u64(entry + 8), let link = bytes.u32(entry + 40)
      else { return nil }
      return Section(
        name: strings.text(at: name, limit: 256) ?? "", type: type, flags: flags,
        bytes: sectionBytes(table, index * size), link: link)
    }
  }

  /// Returns the bytes of the first section with this name.
  func section(_ wanted: String) -> ByteView? { sections.first { $0.name == wanted }?.bytes }

  private func sectionBytes(_ table: Int, _ entry: Int) -> ByteView? {
    guard let entry = offset(table, entry), let start = bytes.u64(entry + 24), let length = bytes.u64(entry + 32)
    else { return nil }
    return bytes.slice(start, length)
  }

  /// Returns the sum, or nil instead of an overflow: damaged files have offsets near `Int.max`.
  private func offset(_ base: Int, _ distance: Int) -> Int? {
    base <= bytes.count ? base + distance : nil
  }
}

/// The reasons why bytes cannot be read as an ELF64 little-endian file.
package enum ELFProblem: Error, Equatable, CustomStringConvertible {
  case notELF
  /// The ELF file has another width or byte order.
  case notSupported(machine: ELFMachine, is32Bit: Bool, isBigEndian: Bool)
  /// The named part is outside of the file.
  case truncated(String)

  package var description: String {
    switch self {
    case .notELF: "not an ELF file"
    case .notSupported(let machine, let is32Bit, let isBigEndian):
      "an ELF file of another kind: " + (is32Bit ? "32-bit, " : isBigEndian ? "big-endian, " : "")
        + "for \(machine.name)"
    case .truncated(let what): "a damaged ELF file: \(what) lies outside of the file"
    }
  }
}

extension Int {
  fileprivate var byteSwapped16: Int { Int(UInt16(truncatingIfNeeded: self).byteSwapped) }
}
