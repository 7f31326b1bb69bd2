/// Bytes with a name, and questions about bytes. Kernel logs are ASCII nearly everywhere, so the Console room works on
/// bytes and makes strings only of what it hands out.
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

  /// Whether one of the eight bytes of `word` is `byte`.
  @inline(__always)
  static func hasByte(_ word: UInt64, _ byte: UInt8) -> Bool {
    let zeroed = word ^ (ones &* UInt64(byte))
    return (zeroed &- ones) & ~zeroed & tops != 0
  }

  /// Whether all eight bytes of `word` are printable ASCII. May say no where they are (the answer is then found byte by
  /// byte), never yes where they are not.
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

  /// A byte of a C identifier, or of the suffix a compiler gives to a clone (`foo.isra.0`, `foo.constprop.3`).
  @inline(__always)
  static func isSymbol(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == 0x5f }
}
