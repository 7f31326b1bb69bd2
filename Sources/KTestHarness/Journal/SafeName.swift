import KTestValues

/// File names inside a run's directory, derived from names that a suite, a user or a guest has chosen.
enum SafeName {
  /// Returns one path component: never empty, never hidden, at most 100 bytes of `A-Za-z0-9._+-`. A name that had to be
  /// changed gets a hash of the original before its extension, so that two different names do not share a file by
  /// accident.
  static func component(_ name: String) -> String {
    if isOwn(name) { return name }
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

  /// Whether the name is one that ``component(_:)`` has changed, which it leaves as it is: files of a journal keep their
  /// names in another. Of these, only those of more than 80 bytes would change again.
  private static func isOwn(_ name: String) -> Bool {
    guard (81...89).contains(name.utf8.count), !name.hasPrefix("."), name.utf8.allSatisfy(isPlain) else { return false }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    func hasHash(_ text: Substring) -> Bool {
      let end = text.utf8.suffix(9)
      return end.count == 9 && end.first == UInt8(ascii: "-")
        && end.dropFirst().allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
    if hasHash(Substring(name)) { return true }
    return parts.count > 1 && (1...8).contains(parts[parts.count - 1].utf8.count) && hasHash(parts[parts.count - 2])
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
