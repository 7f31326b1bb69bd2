/// A position in the kernel's code as splats print it: `foo.isra.0+0x12/0x34 [ext4]`. It does not depend on where the
/// kernel was loaded.
struct FrameReference: Hashable {
  /// The name in the symbol table, including compiler suffixes.
  var function: String
  var offset: UInt64
  /// The function's size as computed by kallsyms: the distance to the next symbol.
  var size: UInt64
  /// The module, or nil for the kernel itself.
  var module: String?
  /// Whether the position is a return address; the call is before it.
  var isReturn: Bool

  /// Returns all references in a line in order, each with the offset where it ends (before the module).
  static func read(_ line: String) -> [(reference: FrameReference, end: Int)] {
    let bytes = Array(line.utf8)
    var found: [(FrameReference, Int)] = []
    var place = 0
    while let plus = bytes[place...].firstIndex(of: UInt8(ascii: "+")) {
      place = plus + 1
      guard let offset = hex(bytes, place), offset.end < bytes.count, bytes[offset.end] == UInt8(ascii: "/"),
        let size = hex(bytes, offset.end + 1)
      else { continue }
      var start = plus
      while start > 0, isSymbol(bytes[start - 1]) { start -= 1 }
      guard start < plus, offset.value <= size.value, plus - start <= 512 else { continue }
      found.append(
        (
          FrameReference(
            function: String(decoding: bytes[start..<plus], as: UTF8.self), offset: offset.value, size: size.value,
            module: module(bytes, size.end), isReturn: !isPointer(bytes[..<start])), size.end
        ))
      place = size.end
    }
    return found
  }

  /// The offset from the function's beginning to look up.
  var place: UInt64 { isReturn && offset > 0 ? offset - 1 : offset }

  private static func hex(_ bytes: [UInt8], _ place: Int) -> (value: UInt64, end: Int)? {
    guard place + 2 < bytes.count, bytes[place] == 0x30, bytes[place + 1] | 0x20 == 0x78 else { return nil }
    var end = place + 2
    var value: UInt64 = 0
    while end < bytes.count, let digit = Character(Unicode.Scalar(bytes[end])).hexDigitValue, end - place < 18 {
      value = value << 4 | UInt64(digit)
      end += 1
    }
    return end > place + 2 ? (value, end) : nil
  }

  /// Parses ` [ext4]`, or ` [ext4 0123…]` with the module's build id.
  private static func module(_ bytes: [UInt8], _ place: Int) -> String? {
    guard place + 2 < bytes.count, bytes[place] == 0x20, bytes[place + 1] == UInt8(ascii: "[") else { return nil }
    let name = bytes[(place + 2)...].prefix { isSymbol($0) || $0 == UInt8(ascii: "-") }
    guard !name.isEmpty, name.endIndex < bytes.count, [0x20, UInt8(ascii: "]")].contains(bytes[name.endIndex]) else {
      return nil
    }
    let text = String(decoding: name, as: UTF8.self)
    return text == "inline" ? nil : text
  }

  /// Returns whether the text is `RIP: 0010:`, `pc : `, `PC is at `, or the header of a WARNING, which name the
  /// instruction itself.
  private static func isPointer(_ before: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: before.suffix(80), as: UTF8.self)
    return ["RIP: ", "IP: ", "pc : ", "PC is at ", "epc : ", "WARNING: ", "NIP "].contains(where: text.contains)
  }

  private static func isSymbol(_ byte: UInt8) -> Bool {
    byte == 0x5f || byte == 0x2e || byte == 0x24 || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
  }
}
