import KTestValues

/// File names inside a run's directory, derived from names that a suite, a user or a guest has chosen.
enum SafeName {
  /// Returns one path component: never empty, never hidden, at most 100 bytes of `A-Za-z0-9._+-`. A name that had to be
  /// changed gets a hash of the original before its extension, so that two different names do not share a file by
  /// accident.
  static func component(_ name: String) -> String {
    var bytes = name.utf8.prefix(80).map { isPlain($0) ? $0 : UInt8(ascii: "_") }
    if bytes.first == UInt8(ascii: ".") { bytes[0] = UInt8(ascii: "_") }
    let text = String(decoding: bytes, as: UTF8.self)
    if !text.isEmpty, text == name { return text }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, let suffix = parts.last, !suffix.isEmpty, suffix.utf8.count <= 8 else {
      return text + "-" + hash(name)
    }
    return parts.dropLast().joined(separator: ".") + "-" + hash(name) + "." + suffix
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Returns the 64-bit FNV-1a hash, folded to eight hexadecimal digits.
  private static func hash(_ name: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(UInt32(truncatingIfNeeded: hash ^ hash >> 32), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
