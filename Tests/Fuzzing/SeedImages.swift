/// Small images of kernels and modules to mutate, with tables that point at something.
enum SeedImages {
  /// An ELF file: the header, segments, contents, then sections.
  static func elf(type: UInt16, segments: [(type: UInt32, bytes: [UInt8])], sections: [(name: String, bytes: [UInt8])])
    -> [UInt8]
  {
    var names: [UInt8] = [0]
    var contents: [UInt8] = []
    let start = 64 + 56 * segments.count
    var headers: [UInt8] = []
    for segment in segments {
      headers += little(segment.type) + little(UInt32(5)) + little(UInt64(start + contents.count)) + zeros(16)
      headers += little(UInt64(segment.bytes.count)) + little(UInt64(segment.bytes.count)) + little(UInt64(4))
      contents += segment.bytes
    }
    var table = zeros(64)
    for section in sections + [(".shstrtab", [])] {
      let isNames = section.name == ".shstrtab"
      let name = UInt32(names.count)
      names += Array(section.name.utf8) + [0]
      let bytes = isNames ? names : section.bytes
      table += little(name) + little(UInt32(section.name == ".symtab" ? 2 : 1)) + little(UInt64(4)) + zeros(8)
      table += little(UInt64(start + contents.count)) + little(UInt64(bytes.count)) + little(UInt32(1)) + zeros(20)
      contents += bytes
    }
    let count = UInt16(sections.count + 2)
    var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + zeros(8) + little(type) + little(UInt16(62))
    header += little(UInt32(1)) + little(UInt64(0x100)) + little(UInt64(64)) + little(UInt64(start + contents.count))
    header += little(UInt32(0)) + little(UInt16(64)) + little(UInt16(56)) + little(UInt16(segments.count))
    header += little(UInt16(64)) + little(count) + little(count - 1)
    return header + headers + contents + table
  }

  static let vmlinux: [UInt8] = {
    let banner = Array("Linux version %s (%s)\0Linux version 6.12.117-test (builder@host) #1 SMP\0\0".utf8)
    let note = little(UInt32(4)) + little(UInt32(8)) + little(UInt32(18)) + Array("Xen\0".utf8) + little(UInt64(0x100))
    return elf(
      type: 2, segments: [(1, banner), (4, note)],
      sections: [
        (".strtab", Array("\0main\0".utf8)), (".symtab", zeros(24) + little(UInt32(1)) + [2, 0, 1, 0] + zeros(16)),
      ])
  }()

  static let module = elf(
    type: 1, segments: [],
    sections: [(".modinfo", Array("name=dax\0depends=libnvdimm,x\0\0vermagic=6.12.117-test SMP\0".utf8))])

  /// A shared library with a loader, names of libraries and a search path.
  static let library: [UInt8] = {
    let names = Array("\0libc.so.6\0$ORIGIN/lib\0libx.so\0".utf8)
    // The table of strings comes first in the file, so its address is its place behind the headers.
    let start = 64 + 56 * 4
    let entries: [(UInt64, UInt64)] = [
      (1, 1), (29, 11), (14, 23), (5, UInt64(start)), (10, UInt64(names.count)), (0, 0),
    ]
    let dynamic = entries.flatMap { little($0.0) + little($0.1) }
    return elf(
      type: 3,
      segments: [(1, names), (2, dynamic), (3, Array("/lib64/ld-linux-x86-64.so.2\0".utf8)), (1, zeros(16))],
      sections: [(".dynstr", names)])
  }()

  /// Boot sector, setup header and a payload, which may be compressed.
  static func bzImage(payload: [UInt8]) -> [UInt8] {
    var image = zeros(1024)
    func put(_ bytes: [UInt8], at offset: Int) { image.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
    put([1], at: 0x1f1)
    put(little(UInt32((payload.count + 15) / 16)), at: 0x1f4)
    put([0x55, 0xaa], at: 0x1fe)
    put(Array("HdrS".utf8), at: 0x202)
    put(little(UInt16(0x20f)), at: 0x206)
    put(little(UInt16(0x100)), at: 0x20e)
    put(little(UInt16(1)), at: 0x236)
    put(little(UInt32(0)) + little(UInt32(payload.count)), at: 0x248)
    put(Array("6.12.117-test (builder@host) #1 SMP\0".utf8), at: 0x300)
    return image + payload + zeros((16 - payload.count % 16) % 16)
  }

  static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
