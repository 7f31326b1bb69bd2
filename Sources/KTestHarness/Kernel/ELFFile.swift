/// The parts of an ELF64 little-endian file that show whether it is a kernel, and what a module depends on.
///
/// Source: elf(5).
struct ELFFile {
  enum Kind: Int { case relocatable = 1, executable = 2, shared = 3, core = 4 }

  struct Segment {
    var type: Int
    var offset: Int
    var size: Int
    var align: Int
  }

  static let magic: [UInt8] = [0x7f, UInt8(ascii: "E"), UInt8(ascii: "L"), UInt8(ascii: "F")]
  static let machineX86_64 = 62
  static let loadSegment = 1
  static let noteSegment = 4

  let bytes: ImageBytes
  let kind: Kind?

  /// Throws if bytes that start like ELF are truncated or for another machine. `name` is for messages.
  init(_ bytes: ImageBytes, name: String) throws(KernelError) {
    try self.init(bytes, name: name, machine: ELFFile.machineX86_64)
  }

  /// Parses a file for any 64-bit little-endian machine.
  init(anyMachine bytes: ImageBytes, name: String) throws(KernelError) {
    try self.init(bytes, name: name, machine: nil)
  }

  private init(_ bytes: ImageBytes, name: String, machine wanted: Int?) throws(KernelError) {
    guard bytes.starts(with: ELFFile.magic) else { throw .notAKernel(name: name, what: "not an ELF file") }
    guard let width = bytes.u8(4), let order = bytes.u8(5), bytes.count >= 20 else { throw .truncated(name: name) }
    let machine = order == 2 ? (bytes.u16(18)?.bigEndian16 ?? 0) : (bytes.u16(18) ?? 0)
    guard width == 2, order == 1, machine == wanted ?? machine else {
      throw .wrongArchitecture(name: name, architecture: ELFFile.machineName(machine, is32Bit: width == 1))
    }
    guard bytes.count >= 64 else { throw .truncated(name: name) }
    self.bytes = bytes
    kind = bytes.u16(16).flatMap(Kind.init)
  }

  var segments: [Segment] {
    guard let table = bytes.u64(32), let size = bytes.u16(54), let count = bytes.u16(56), size >= 56 else { return [] }
    return (0..<count).compactMap { index in
      guard let entry = self.offset(table, index * size), let type = bytes.u32(entry),
        let offset = bytes.u64(entry + 8), let length = bytes.u64(entry + 32), let align = bytes.u64(entry + 48)
      else { return nil }
      return Segment(type: type, offset: offset, size: length, align: align)
    }
  }

  /// Whether the file ends before its last segment does.
  var isTruncated: Bool {
    segments.contains { bytes.slice($0.offset, $0.size) == nil }
  }

  struct Section {
    var name: String
    var type: Int
    var flags: Int
    var bytes: ImageBytes?
    /// For a symbol table, the index of the section with its names.
    var link: Int
  }

  static let symbolSection = 2
  static let executableFlag = 4

  /// All sections by index; empty if the table is damaged.
  var sections: [Section] {
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
  func section(_ wanted: String) -> ImageBytes? { sections.first { $0.name == wanted }?.bytes }

  /// Whether a note segment has the 32-bit entry point that QEMU's direct boot needs.
  ///
  /// Source: `XEN_ELFNOTE_PHYS32_ENTRY` in `include/xen/interface/elfnote.h`, `arch/x86/platform/pvh/head.S`.
  var hasPVHEntry: Bool {
    for segment in segments where segment.type == ELFFile.noteSegment {
      guard let notes = bytes.slice(segment.offset, segment.size) else { continue }
      let align = segment.align == 8 ? 8 : 4
      var offset = 0
      while let nameSize = notes.u32(offset), let size = notes.u32(offset + 4), let type = notes.u32(offset + 8) {
        if type == 18, notes.starts(with: Array("Xen\0".utf8), at: offset + 12), nameSize == 4 { return true }
        offset += 12 + nameSize.rounded(upTo: align)
        offset += size.rounded(upTo: align)
      }
    }
    return false
  }

  private func sectionBytes(_ table: Int, _ entry: Int) -> ImageBytes? {
    guard let entry = offset(table, entry), let start = bytes.u64(entry + 24), let length = bytes.u64(entry + 32)
    else { return nil }
    return bytes.slice(start, length)
  }

  /// Adds two offsets. Returns nil instead of overflowing for offsets near `Int.max`, which come from damaged files.
  private func offset(_ base: Int, _ distance: Int) -> Int? {
    base <= bytes.count ? base + distance : nil
  }

  private static func machineName(_ machine: Int, is32Bit: Bool) -> String {
    switch machine {
    case 3: "an i386"
    case 8: "a MIPS"
    case 20, 21: "a PowerPC"
    case 22: "an s390x"
    case 40: "a 32-bit ARM"
    case 62: is32Bit ? "an x32" : "an x86_64"
    case 183: "an aarch64"
    case 243: is32Bit ? "a riscv32" : "a riscv64"
    case 258: "a loongarch"
    default: "a machine-\(machine)"
    }
  }
}

extension Int {
  fileprivate func rounded(upTo align: Int) -> Int { (self + align - 1) & ~(align - 1) }
  fileprivate var bigEndian16: Int { Int(UInt16(truncatingIfNeeded: self).byteSwapped) }
}
