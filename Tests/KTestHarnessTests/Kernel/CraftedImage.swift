/// Smallest files that are what the readers of kernel images look for.
enum CraftedImage {
  static let banner = "Linux version 6.12.117-test (builder@host) #1 SMP"

  /// An ELF64 executable with one segment that holds a banner, and a note segment where `pvh` is asked for.
  static func vmlinux(
    machine: UInt16 = 62, width: UInt8 = 2, bigEndian: Bool = false, type: UInt16 = 2, pvh: Bool = true,
    banner: String = banner
  ) -> [UInt8] {
    // The format string of the kernel's own source comes before the filled one, as in a real image.
    let text = Array("Linux version %s (%s)\0\(banner)\0".utf8)
    let note = little(UInt32(4)) + little(UInt32(8)) + little(UInt32(18)) + Array("Xen\0".utf8) + little(UInt64(0x100))
    let start = 64 + 56 * 2
    var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, width, bigEndian ? 2 : 1, 1, 0] + zeros(8)
    header += bigEndian ? [0, UInt8(type), UInt8(machine >> 8), UInt8(machine & 255)] : little(type) + little(machine)
    header += little(UInt32(1)) + little(UInt64(0x100)) + little(UInt64(64)) + little(UInt64(0))
    header += little(UInt32(0)) + little(UInt16(64)) + little(UInt16(56)) + little(UInt16(2))
    header += little(UInt16(64)) + little(UInt16(0)) + little(UInt16(0))
    let load = segment(type: 1, offset: start, size: text.count)
    let notes = segment(type: pvh ? 4 : 0, offset: start + text.count, size: note.count)
    return header + load + notes + text + note
  }

  /// Boot sector, setup header and one compressed payload.
  static func bzImage(
    payload: [UInt8] = [], unpackedSize: Int = 0, release: String = "6.12.117-test", is64Bit: Bool = true,
    sizeIsInPayload: Bool = false
  ) -> [UInt8] {
    let body = payload.isEmpty ? [] : payload + (sizeIsInPayload ? [] : little(UInt32(unpackedSize)))
    var image = zeros(1024)
    func put(_ bytes: [UInt8], at offset: Int) { image.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
    put([1], at: 0x1f1)
    put(little(UInt32((body.count + 15) / 16)), at: 0x1f4)
    put([0x55, 0xaa], at: 0x1fe)
    put(Array("HdrS".utf8), at: 0x202)
    put(little(UInt16(0x20f)), at: 0x206)
    put(little(UInt16(0x300 - 0x200)), at: 0x20e)
    put(little(UInt16(is64Bit ? 1 : 0)), at: 0x236)
    put(little(UInt32(0)) + little(UInt32(body.count)), at: 0x248)
    put(Array("\(release) (builder@host) #1 SMP\0".utf8), at: 0x300)
    return image + body + zeros((16 - body.count % 16) % 16)
  }

  /// A relocatable object with a `.modinfo` section.
  static func module(
    name: String, depends: String = "", more: [String] = [], release: String = "6.12.117-test"
  ) -> [UInt8] {
    let fields = ["name=\(name)", "depends=\(depends)", "", "vermagic=\(release) SMP preempt mod_unload"] + more
    let info = Array(fields.map { $0 + "\0" }.joined().utf8)
    let names = Array("\0.modinfo\0.shstrtab\0".utf8)
    let table = 64 + info.count + names.count
    var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + zeros(8) + little(UInt16(1)) + little(UInt16(62))
    header += little(UInt32(1)) + little(UInt64(0)) + little(UInt64(0)) + little(UInt64(UInt64(table)))
    header += little(UInt32(0)) + little(UInt16(64)) + little(UInt16(0)) + little(UInt16(0))
    header += little(UInt16(64)) + little(UInt16(3)) + little(UInt16(2))
    let sections =
      zeros(64) + section(name: 1, offset: 64, size: info.count)
      + section(name: 10, offset: 64 + info.count, size: names.count)
    return header + info + names + sections
  }

  static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static func segment(type: UInt32, offset: Int, size: Int) -> [UInt8] {
    little(type) + little(UInt32(5)) + little(UInt64(offset)) + zeros(16) + little(UInt64(size))
      + little(UInt64(size)) + little(UInt64(4))
  }

  private static func section(name: UInt32, offset: Int, size: Int) -> [UInt8] {
    little(name) + little(UInt32(1)) + zeros(16) + little(UInt64(offset)) + little(UInt64(size)) + zeros(24)
  }
}
