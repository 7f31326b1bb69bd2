/// Makes a title stable from run to run: addresses, numbers, lines and process names with a number are replaced by a
/// word for what they are.
enum SplatTitle {
  /// The maximum length of a title in bytes; longer titles come from torn lines.
  static let longest = 120

  static func normalised(_ title: String) -> String { normalised(Array(title.utf8)) }

  static func normalised(_ title: [UInt8]) -> String {
    var bytes = title
    for name in names { bytes = numberedName(bytes, name.text, dotted: name.isDotted) }
    bytes = addresses(bytes)
    // All others begin with a digit or end with one.
    if bytes.contains(where: ASCII.isDigit) {
      bytes = networkAddresses(bytes)
      bytes = sourceLines(bytes)
      bytes = offsets(bytes)
      bytes = numbers(bytes)
    }
    return shortened(bytes)
  }

  private static let names = [("syz-executor", true), ("syzkaller", false)].map {
    (text: Array($0.0.utf8), isDotted: $0.1)
  }

  /// Replaces `name12:3` by `name`.
  private static func numberedName(_ bytes: [UInt8], _ word: [UInt8], dotted: Bool) -> [UInt8] {
    guard bytes.contains(word) else { return bytes }
    return replace(bytes) { bytes, place in
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
      return (word, end)
    }
  }

  private static func addresses(_ bytes: [UInt8]) -> [UInt8] {
    replace(bytes) { bytes, place in
      guard place > 0, !ASCII.isLetter(bytes[place - 1]), !ASCII.isDigit(bytes[place - 1]) else { return nil }
      let isMarked = bytes[place] == 0x30 && place + 1 < bytes.count && bytes[place + 1] == 0x78
      let begin = isMarked ? place + 2 : place
      let end = bytes.end(from: begin) { ASCII.isDigit($0) || $0 &- 0x61 < 6 }
      return end - begin >= 6 ? (addressWord, end) : nil
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
      return (networkWord, end)
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
      return (bytes[place..<suffix] + lineWord, end)
    }
  }

  /// Replaces `foo+0x1/0x2` by `foo`.
  private static func offsets(_ bytes: [UInt8]) -> [UInt8] {
    replace(bytes) { bytes, place in
      guard bytes[place] == UInt8(ascii: "+"), place > 0, ASCII.isSymbol(bytes[place - 1]), bytes.has(plus, at: place)
      else { return nil }
      let middle = bytes.end(from: place + 3, while: ASCII.isSymbol)
      guard middle > place + 3, bytes.has(slash, at: middle) else { return nil }
      let end = bytes.end(from: middle + 3, while: ASCII.isSymbol)
      return end > middle + 3 ? ([], end) : nil
    }
  }

  /// Replaces separate numbers, `CPU#1`, and numbers too long to be part of a name.
  private static func numbers(_ bytes: [UInt8]) -> [UInt8] {
    replace(bytes) { bytes, place in
      if bytes[place] == processor[0], bytes.has(processor, at: place) {
        let end = bytes.end(from: place + 4, while: ASCII.isDigit)
        return end > place + 4 ? (processorWord, end) : nil
      }
      guard ASCII.isDigit(bytes[place]), place == 0 || !ASCII.isDigit(bytes[place - 1]) else { return nil }
      let end = bytes.end(from: place, while: ASCII.isDigit)
      let standsAlone =
        place > 0 && !ASCII.isSymbol(bytes[place - 1]) && (end == bytes.count || !ASCII.isSymbol(bytes[end]))
      return standsAlone || end - place >= 7 ? (numberWord, end) : nil
    }
  }

  private static let (addressWord, networkWord, lineWord) = (Array("ADDR".utf8), Array("IP".utf8), Array(":LINE".utf8))
  private static let (plus, slash) = (Array("+0x".utf8), Array("/0x".utf8))
  private static let (processor, processorWord) = (Array("CPU#".utf8), Array("CPU".utf8))
  private static let numberWord = Array("NUM".utf8)

  @inline(__always)
  private static func replace(_ bytes: [UInt8], _ rule: ([UInt8], Int) -> ([UInt8], Int)?) -> [UInt8] {
    var result: [UInt8] = []
    var (place, done) = (0, 0)
    while place < bytes.count {
      if let (text, end) = rule(bytes, place) {
        result += bytes[done..<place]
        result += text
        (place, done) = (end, end)
      } else {
        place += 1
      }
    }
    return done == 0 ? bytes : result + bytes[done...]
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
