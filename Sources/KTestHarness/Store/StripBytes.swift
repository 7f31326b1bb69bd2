/// Numbers as bytes: seven bits in each, the lowest first; a set eighth bit says that more follow.
enum StripBytes {
  /// Appends a number that is not negative.
  static func append(_ number: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(max(number, 0))
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Returns the next number; nil for bytes that are none.
  static func number(_ bytes: inout some IteratorProtocol<UInt8>) -> Int64? {
    var (value, shift) = (Int64(0), Int64(0))
    while let byte = bytes.next(), shift < 63 {
      value |= Int64(byte & 127) << shift
      if byte < 128 { return value }
      shift += 7
    }
    return nil
  }

  /// Appends the difference of two numbers, which may be negative.
  static func append(_ number: Int64, from last: Int64, to bytes: inout [UInt8]) {
    let step = number &- last
    // A small one of either sign is a small number.
    append(step >= 0 ? step << 1 : (-(step + 1)) << 1 | 1, to: &bytes)
  }

  /// Returns the number that follows from the last one.
  static func number(_ bytes: inout some IteratorProtocol<UInt8>, from last: Int64) -> Int64? {
    guard let step = number(&bytes) else { return nil }
    let (next, overflow) = last.addingReportingOverflow(step & 1 == 0 ? step >> 1 : -(step >> 1) - 1)
    return overflow ? nil : next
  }
}
