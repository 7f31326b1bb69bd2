/// Whether a text is well-formed XML, as far as reports use it: a declaration, elements, attributes in double quotes,
/// references. No comments, sections or document types.
struct XMLCheck {
  private let bytes: [UInt8]
  private var place = 0
  private var open: [ArraySlice<UInt8>] = []

  /// What is wrong and where; nil where nothing is.
  static func problem(in text: String) -> String? {
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x9, 0xa, 0xd, 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: continue
      default: return "XML does not allow U+\(String(scalar.value, radix: 16))"
      }
    }
    var check = XMLCheck(bytes: Array(text.utf8))
    return check.document() ? nil : "XML is not well-formed at byte \(check.place) of \(check.bytes.count)"
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func document() -> Bool {
    guard skip("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") else { return false }
    var elements = 0
    while place < bytes.count {
      if open.isEmpty {
        if elements == 1, bytes[place...].allSatisfy({ $0 == 10 }) { return true }
        elements += 1
        if elements > 1 { return false }
      }
      guard bytes[place] == UInt8(ascii: "<") ? tag() : character(in: nil) else { return false }
    }
    return open.isEmpty && elements == 1
  }

  private mutating func skip(_ text: String) -> Bool {
    guard bytes[place...].starts(with: text.utf8) else { return false }
    place += text.utf8.count
    return true
  }

  private mutating func tag() -> Bool {
    if skip("</") {
      guard let name = name(), open.popLast() == name else { return false }
      return skip(">")
    }
    guard skip("<"), let name = name() else { return false }
    var seen: Set<ArraySlice<UInt8>> = []
    while skip(" ") {
      guard let key = self.name(), seen.insert(key).inserted, skip("=\"") else { return false }
      while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
        guard character(in: UInt8(ascii: "\"")) else { return false }
      }
      guard skip("\"") else { return false }
    }
    if skip("/>") { return true }
    open.append(name)
    return skip(">")
  }

  private mutating func name() -> ArraySlice<UInt8>? {
    let start = place
    while place < bytes.count, bytes[place] | 32 >= 97 && bytes[place] | 32 <= 122 { place += 1 }
    return place > start ? bytes[start..<place] : nil
  }

  private mutating func character(in quote: UInt8?) -> Bool {
    switch bytes[place] {
    case UInt8(ascii: "<"): return false
    case UInt8(ascii: "&"):
      for reference in ["&amp;", "&lt;", "&gt;", "&quot;"] where skip(reference) { return true }
      guard skip("&#") else { return false }
      let start = place
      while place < bytes.count, bytes[place] >= 48, bytes[place] <= 57 { place += 1 }
      return place > start && skip(";")
    default:
      place += 1
      return true
    }
  }
}
