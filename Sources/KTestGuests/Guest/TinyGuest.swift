internal import Foundation

/// The smallest kernel that proves a machine works: it prints one line on the first serial port and resets.
///
/// It is an ELF file with a PVH entry (https://xenbits.xen.org/docs/unstable/misc/pvh.html), so that QEMU starts it
/// like a `vmlinux`: through the firmware, in 32-bit protected mode.
enum TinyGuest {
  static let message = "ktest: tiny guest is up\n"

  static var image: [UInt8] {
    let base: UInt32 = 0x10_0000
    let code = instructions(messageAt: base + 64)
    let text = Array(message.utf8)
    precondition(code.count <= 64)
    let load = code + [UInt8](repeating: 0x90, count: 64 - code.count) + text
    let headers = 64 + 2 * 56
    let note = words([4, 4, 18]) + Array("Xen\0".utf8) + words([base])
    let loadOffset = headers + note.count
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
    file += halves([2, 62]) + words([1]) + longs([UInt64(base), 64, 0]) + words([0])
    file += halves([64, 56, 2, 0, 0, 0])
    // PT_LOAD, readable and executable; PT_NOTE with the entry point.
    file += words([1, 5]) + longs([loadOffset, base, base, load.count, load.count, 1])
    file += words([4, 4]) + longs([headers, 0, 0, note.count, note.count, 4])
    return file + note + load
  }

  private static func instructions(messageAt address: UInt32) -> [UInt8] {
    var code: [UInt8] = [0xBA] + words([0x3F8])  // mov edx, COM1
    code += [0xBE] + words([address])  // mov esi, message
    code += [0xB9] + words([UInt32(message.utf8.count)])  // mov ecx, length
    code += [0xFC, 0xF3, 0x6E]  // cld; rep outsb
    code += [0x66, 0xBA, 0xF9, 0x0C, 0xB0, 0x06, 0xEE]  // mov dx, 0xcf9; mov al, 6; out dx, al: reset
    code += [0xF4, 0xEB, 0xFD]  // hlt; jmp back
    return code
  }

  private static func halves(_ values: [UInt16]) -> [UInt8] { values.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } }

  private static func words(_ values: [UInt32]) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }

  private static func longs(_ values: [any BinaryInteger]) -> [UInt8] {
    values.map { UInt64($0) }.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }
}
