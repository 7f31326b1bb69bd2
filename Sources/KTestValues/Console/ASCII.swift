/// Named bytes, and predicates on bytes. Kernel logs are almost entirely ASCII, so the Console room works on bytes and
/// makes strings only of its results.
enum ASCII {
  static let tab: UInt8 = 0x09
  static let newline: UInt8 = 0x0a
  static let carriageReturn: UInt8 = 0x0d
  static let escape: UInt8 = 0x1b
  static let bell: UInt8 = 0x07
  static let space: UInt8 = 0x20
  static let delete: UInt8 = 0x7f

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let tops: UInt64 = 0x8080_8080_8080_8080

  /// Returns whether one of the eight bytes of `word` equals `byte`.
  @inline(__always)
  static func hasByte(_ word: UInt64, _ byte: UInt8) -> Bool {
    let zeroed = word ^ (ones &* UInt64(byte))
    return (zeroed &- ones) & ~zeroed & tops != 0
  }

  /// Returns whether all eight bytes of `word` are printable ASCII. The result may be a false negative, in which case
  /// the caller checks byte by byte, but never a false positive.
  @inline(__always)
  static func isPlain(_ word: UInt64) -> Bool {
    let below = (word &- (ones &* 0x20)) & ~word
    let delete = word ^ (ones &* 0x7f)
    let isDelete = (delete &- ones) & ~delete
    return (word | below | isDelete) & tops == 0
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  @inline(__always)
  static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }

  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  /// Returns whether the byte can be part of a C identifier or of a suffix that a compiler adds to a clone
  /// (`foo.isra.0`, `foo.constprop.3`).
  @inline(__always)
  static func isSymbol(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == 0x5f }
}
