/// A place in the kernel's code as splats print it: `foo.isra.0+0x12/0x34 [ext4]`. Where the kernel was loaded does not
/// matter to it.
struct FrameReference: Hashable {
  /// As it stands in the symbol table, what the compiler added included.
  var function: String
  var offset: UInt64
  /// The function's size as kallsyms counts it: to the next symbol.
  var size: UInt64
  /// nil for the kernel itself.
  var module: String?
  /// The place is where a call returns to; the call itself stands before it.
  var isReturn: Bool

  /// All of a line, with where in it they end (before the module), in order.
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

  /// Where to look in the code, from the function's beginning.
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

  /// ` [ext4]`, or ` [ext4 0123…]` with the module's build id.
  private static func module(_ bytes: [UInt8], _ place: Int) -> String? {
    guard place + 2 < bytes.count, bytes[place] == 0x20, bytes[place + 1] == UInt8(ascii: "[") else { return nil }
    let name = bytes[(place + 2)...].prefix { isSymbol($0) || $0 == UInt8(ascii: "-") }
    guard !name.isEmpty, name.endIndex < bytes.count, [0x20, UInt8(ascii: "]")].contains(bytes[name.endIndex]) else {
      return nil
    }
    let text = String(decoding: name, as: UTF8.self)
    return text == "inline" ? nil : text
  }

  /// `RIP: 0010:`, `pc : `, `PC is at `, and the header of a WARNING name the instruction itself.
  private static func isPointer(_ before: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: before.suffix(80), as: UTF8.self)
    return ["RIP: ", "IP: ", "pc : ", "PC is at ", "epc : ", "WARNING: ", "NIP "].contains(where: text.contains)
  }

  private static func isSymbol(_ byte: UInt8) -> Bool {
    byte == 0x5f || byte == 0x2e || byte == 0x24 || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
  }
}
