/// Makes a title stable from run to run: addresses, numbers, lines and process names with a number are replaced by a
/// word for what they are.
enum SplatTitle {
  /// The maximum length of a title in bytes; longer titles come from torn lines.
  static let longest = 120

  static func normalised(_ title: String) -> String {
    var bytes = Array(title.utf8)
    bytes = numberedName(bytes, "syz-executor", dotted: true)
    bytes = numberedName(bytes, "syzkaller", dotted: false)
    bytes = addresses(bytes)
    bytes = networkAddresses(bytes)
    bytes = sourceLines(bytes)
    bytes = offsets(bytes)
    bytes = numbers(bytes)
    return shortened(bytes)
  }

  /// Replaces `name12:3` by `name`.
  private static func numberedName(_ bytes: [UInt8], _ name: String, dotted: Bool) -> [UInt8] {
    replace(bytes) { bytes, place in
      let word = Array(name.utf8)
      guard bytes.has(word, at: place) else { return nil }
      var end = place + word.count
      if dotted, end < bytes.count, bytes[end] == UInt8(ascii: "."), end + 1 < bytes.count,
        ASCII.isDigit(bytes[end + 1])
      {
        end += 1
      }
      let digits = bytes.end(from: end, while: ASCII.isDigit)
      guard digits > end else { return nil }
      end = digits
      if end < bytes.count, bytes[end] == UInt8(ascii: "/") || bytes[end] == UInt8(ascii: ":") {
        let more = bytes.end(from: end + 1, while: ASCII.isDigit)
        if more > end + 1 { end = more }
      }
      return (name, end)
    }
  }

  private static func addresses(_ bytes: [UInt8]) -> [UInt8] {
    replace(bytes) { bytes, place in
      guard place > 0, !ASCII.isLetter(bytes[place - 1]), !ASCII.isDigit(bytes[place - 1]) else { return nil }
      let start = bytes.has([0x30, 0x78], at: place) ? place + 2 : place
      let lower = { (byte: UInt8) in ASCII.isDigit(byte) || byte &- 0x61 < 6 }
      for begin in start == place ? [place] : [start, place] {
        let end = bytes.end(from: begin, while: lower)
        if end - begin >= 6 { return ("ADDR", end) }
      }
      return nil
    }
  }

  private static func networkAddresses(_ bytes: [UInt8]) -> [UInt8] {
    replace(bytes) { bytes, place in
      var end = place
      for part in 0..<4 {
        if part > 0 {
          guard end < bytes.count, bytes[end] == UInt8(ascii: ".") else { return nil }
          end += 1
        }
        let digits = min(bytes.end(from: end, while: ASCII.isDigit), end + 3)
        guard digits > end else { return nil }
        end = digits
      }
      return ("IP", end)
    }
  }

  /// Replaces `.c:12:34` by `.c:LINE`.
  private static func sourceLines(_ bytes: [UInt8]) -> [UInt8] {
    replace(bytes) { bytes, place in
      guard bytes[place] == UInt8(ascii: ".") else { return nil }
      let suffix = bytes.end(from: place + 1, while: ASCII.isSymbol)
      guard suffix > place + 1 else { return nil }
      var end = suffix
      while end < bytes.count, bytes[end] == UInt8(ascii: ":") {
        let digits = bytes.end(from: end + 1, while: ASCII.isDigit)
        guard digits > end + 1 else { break }
        end = digits
      }
      guard end > suffix else { return nil }
      return (String(decoding: bytes[place..<suffix], as: UTF8.self) + ":LINE", end)
    }
  }

  /// Replaces `foo+0x1/0x2` by `foo`.
  private static func offsets(_ bytes: [UInt8]) -> [UInt8] {
    replace(bytes) { bytes, place in
      let plus = Array("+0x".utf8)
      guard place > 0, ASCII.isSymbol(bytes[place - 1]), bytes.has(plus, at: place) else { return nil }
      let middle = bytes.end(from: place + 3, while: ASCII.isSymbol)
      guard middle > place + 3, bytes.has(Array("/0x".utf8), at: middle) else { return nil }
      let end = bytes.end(from: middle + 3, while: ASCII.isSymbol)
      return end > middle + 3 ? ("", end) : nil
    }
  }

  /// Replaces separate numbers, `CPU#1`, and numbers too long to be part of a name.
  private static func numbers(_ bytes: [UInt8]) -> [UInt8] {
    replace(bytes) { bytes, place in
      if bytes.has(Array("CPU#".utf8), at: place) {
        let end = bytes.end(from: place + 4, while: ASCII.isDigit)
        return end > place + 4 ? ("CPU", end) : nil
      }
      guard ASCII.isDigit(bytes[place]), place == 0 || !ASCII.isDigit(bytes[place - 1]) else { return nil }
      let end = bytes.end(from: place, while: ASCII.isDigit)
      let standsAlone =
        place > 0 && !ASCII.isSymbol(bytes[place - 1]) && (end == bytes.count || !ASCII.isSymbol(bytes[end]))
      return standsAlone || end - place >= 7 ? ("NUM", end) : nil
    }
  }

  private static func replace(_ bytes: [UInt8], _ rule: ([UInt8], Int) -> (String, Int)?) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      if let (text, end) = rule(bytes, place) {
        result += Array(text.utf8)
        place = end
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return result
  }

  private static func shortened(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    for byte in bytes.prefix(longest) {
      let byte = byte == ASCII.tab ? ASCII.space : byte
      guard byte >= ASCII.space, byte < ASCII.delete else { continue }
      if byte == ASCII.space, result.last ?? ASCII.space == ASCII.space { continue }
      result.append(byte)
    }
    while result.last == ASCII.space { result.removeLast() }
    return String(decoding: result, as: UTF8.self)
  }
}
