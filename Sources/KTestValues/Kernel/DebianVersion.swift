/// A Debian package version, ordered like in dpkg.
///
/// Source: deb-version(7). It also orders the version parts of kernel package names, which follow the same rules.
package struct DebianVersion: Sendable, Equatable, Comparable {
  private let epoch: [UInt8]
  private let upstream: [UInt8]
  private let revision: [UInt8]

  package init(_ text: String) {
    var rest = Array(text.utf8)[...]
    if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
      epoch = Array(rest[..<colon])
      rest = rest[(colon + 1)...]
    } else {
      epoch = [UInt8(ascii: "0")]
    }
    if let dash = rest.lastIndex(of: UInt8(ascii: "-")) {
      upstream = Array(rest[..<dash])
      revision = Array(rest[(dash + 1)...])
    } else {
      upstream = Array(rest)
      revision = []
    }
  }

  package static func < (left: DebianVersion, right: DebianVersion) -> Bool { order(left, right) < 0 }

  /// Compares like dpkg, for which `1.0` and `1.00` are equal.
  package static func == (left: DebianVersion, right: DebianVersion) -> Bool { order(left, right) == 0 }

  private static func order(_ left: DebianVersion, _ right: DebianVersion) -> Int {
    let epochs = compare(left.epoch[...], right.epoch[...])
    if epochs != 0 { return epochs }
    let upstreams = compare(left.upstream[...], right.upstream[...])
    return upstreams != 0 ? upstreams : compare(left.revision[...], right.revision[...])
  }

  private static func compare(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
    var (left, right) = (left, right)
    while !left.isEmpty || !right.isEmpty {
      while isWord(left.first) || isWord(right.first) {
        let difference = weight(left.first) - weight(right.first)
        if difference != 0 { return difference }
        left = left.dropFirst()
        right = right.dropFirst()
      }
      let (leftNumber, rightNumber) = (number(&left), number(&right))
      if leftNumber.count != rightNumber.count { return leftNumber.count - rightNumber.count }
      for (one, other) in zip(leftNumber, rightNumber) where one != other { return Int(one) - Int(other) }
    }
    return 0
  }

  private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 48 && $0 <= 57 } ?? false }
  private static func isWord(_ byte: UInt8?) -> Bool { byte != nil && !isDigit(byte) }

  /// Returns the sort weight: `~` sorts before the end, the end before letters, and letters before everything else.
  private static func weight(_ byte: UInt8?) -> Int {
    guard let byte, !isDigit(byte) else { return 0 }
    if byte == UInt8(ascii: "~") { return -1 }
    let isLetter = byte | 32 >= 97 && byte | 32 <= 122
    return isLetter ? Int(byte) : Int(byte) + 256
  }

  /// Removes the leading digits without leading zeros: of two numbers, the one with more digits is greater.
  private static func number(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = rest.prefix { isDigit($0) }
    rest = rest.dropFirst(digits.count)
    return digits.drop { $0 == 48 }
  }
}
