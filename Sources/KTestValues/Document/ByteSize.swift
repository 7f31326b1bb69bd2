/// A number of bytes, or an address: `4GiB`, `512MiB`, `64KiB`, `4096`, `0x40000000`.
///
/// Only powers of two are accepted. `4GB` and `4G` are refused because some readers take them for 4·10⁹.
package struct ByteSize: Sendable, Equatable, Hashable, Comparable, CustomStringConvertible {
  package var bytes: UInt64

  package init(bytes: UInt64) {
    self.bytes = bytes
  }

  package static func kibibytes(_ count: UInt64) -> ByteSize { ByteSize(bytes: count << 10) }
  package static func mebibytes(_ count: UInt64) -> ByteSize { ByteSize(bytes: count << 20) }
  package static func gibibytes(_ count: UInt64) -> ByteSize { ByteSize(bytes: count << 30) }

  package static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }

  /// Parses a whole number with an optional unit (KiB, MiB, GiB, TiB); the default unit is bytes.
  package init(parsing text: String) throws(ValueProblem) {
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      guard let value = UInt64(text.dropFirst(2), radix: 16), !text.dropFirst(2).hasPrefix("+") else {
        throw ValueProblem("\(Phrase.quoted(text)) is not a hexadecimal number of at most 64 bits")
      }
      bytes = value
      return
    }
    if text.hasPrefix("-") { throw ValueProblem("a size cannot be negative, found \(Phrase.quoted(text))") }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count)
    guard !digits.isEmpty else { throw Self.unreadable(text) }
    guard let shift = Self.units[String(unit)] else { throw Self.wrongUnit(unit, of: text, digits: digits) }
    guard let number = UInt64(digits), number <= UInt64.max >> shift else {
      throw ValueProblem("\(Phrase.quoted(text)) does not fit into 64 bits")
    }
    bytes = number << shift
  }

  private static let units: [String: UInt64] = ["": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]

  private static func unreadable(_ text: String) -> ValueProblem {
    ValueProblem("expected a size, found \(Phrase.quoted(text))", note: "for example 4GiB, 512MiB, 64KiB or 4096")
  }

  private static func wrongUnit(_ unit: Substring, of text: String, digits: Substring) -> ValueProblem {
    if unit.hasPrefix(".") {
      return ValueProblem(
        "\(Phrase.quoted(text)) is not a whole number", note: "use a smaller unit, for example 1536MiB for 1.5GiB")
    }
    guard let first = unit.lowercased().first(where: { $0 != " " }), "kmgtb".contains(first) else {
      return unreadable(text)
    }
    if first == "b" {
      return ValueProblem("bytes have no unit, found \(Phrase.quoted(text))", note: "write \(digits)")
    }
    let right = "\(digits)\(first.uppercased())iB"
    return ValueProblem(
      "the unit of \(Phrase.quoted(text)) is unknown; did you mean '\(right)'?",
      note: "sizes are powers of two: KiB, MiB, GiB or TiB right after the number")
  }

  /// The exact value in the largest unit that divides it: `4GiB`, `1536MiB`, `4097`.
  package var description: String {
    let (number, unit) = reduced
    return unit.isEmpty ? "\(number)" : "\(number)\(unit)iB"
  }

  /// The value in the format of the kernel's `memparse()`: `4G`, `1536M`, `4097`.
  package var kernelForm: String {
    let (number, unit) = reduced
    return "\(number)\(unit)"
  }

  private var reduced: (UInt64, String) {
    for (shift, unit) in [(30, "G"), (20, "M"), (10, "K")] as [(UInt64, String)] {
      let mask = (UInt64(1) << shift) - 1
      if bytes != 0, bytes & mask == 0 { return (bytes >> shift, unit) }
    }
    return (bytes, "")
  }
}

extension ByteSize: Codable {
  /// Decodes a plain number of bytes.
  package init(from decoder: any Decoder) throws {
    bytes = try decoder.singleValueContainer().decode(UInt64.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(bytes)
  }
}
