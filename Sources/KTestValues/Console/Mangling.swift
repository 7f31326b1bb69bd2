/// Demangles Rust symbol names (v0 mangling, RFC 2603) as far as kernels have them: paths, methods of types and traits,
/// closures, generic arguments. Anything else stays unchanged.
enum Mangling {
  static func readable(_ symbol: String) -> String {
    guard symbol.hasPrefix("_R") else { return symbol }
    var reader = Reader(bytes: Array(symbol.utf8.dropFirst(2)))
    return reader.path() ?? symbol
  }

  /// A recursive descent parser for the grammar of RFC 2603. Depth and length are bounded because a symbol may refer
  /// back to itself.
  private struct Reader {
    package let bytes: [UInt8]
    var place = 0
    var depth = 0
    package var length = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private mutating func take() -> UInt8 {
      defer { place += 1 }
      return current
    }

    mutating func path() -> String? {
      depth += 1
      defer { depth -= 1 }
      guard depth < 40, length < 2000 else { return nil }
      switch take() {
      case UInt8(ascii: "C"): return identifier()?.name
      case UInt8(ascii: "N"): return nested()
      case UInt8(ascii: "M"):
        guard implementation() != nil, let type = type() else { return nil }
        return "<\(type)>"
      case UInt8(ascii: "X"):
        guard implementation() != nil else { return nil }
        return cast()
      case UInt8(ascii: "Y"): return cast()
      case UInt8(ascii: "I"):
        guard let path = path(), let arguments = list(of: { $0.argument() }) else { return nil }
        return path + "::<" + arguments.joined(separator: ", ") + ">"
      case UInt8(ascii: "B"): return back { $0.path() }
      default: return nil
      }
    }

    private mutating func nested() -> String? {
      let space = take()
      guard let path = path(), let (name, number) = identifier() else { return nil }
      switch space {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): return name.isEmpty ? path : path + "::" + name
      case UInt8(ascii: "C"): return path + "::{closure" + (name.isEmpty ? "" : ":" + name) + "#\(number)}"
      default: return path + "::{shim" + (name.isEmpty ? "" : ":" + name) + "#\(number)}"
      }
    }

    private mutating func cast() -> String? {
      guard let type = type(), let trait = path() else { return nil }
      return "<\(type) as \(trait)>"
    }

    private mutating func implementation() -> String? {
      guard disambiguator() != nil else { return nil }
      return path()
    }

    /// Returns 0 if there is no disambiguator, and nil if it is malformed.
    private mutating func disambiguator() -> Int? {
      guard current == UInt8(ascii: "s") else { return 0 }
      place += 1
      return base62().map { $0 &+ 1 }
    }

    private mutating func identifier() -> (name: String, number: Int)? {
      guard let number = disambiguator() else { return nil }
      // Punycode names are so rare that they stay unchanged.
      if current == UInt8(ascii: "u") { place += 1 }
      var count = 0
      guard ASCII.isDigit(current) else { return nil }
      while ASCII.isDigit(current), count < 1000 { count = count * 10 + Int(take() - 0x30) }
      if current == UInt8(ascii: "_") { place += 1 }
      guard place + count <= bytes.count else { return nil }
      defer { place += count }
      length += count
      return (String(decoding: bytes[place..<place + count], as: UTF8.self), number)
    }

    private mutating func base62() -> Int? {
      if current == UInt8(ascii: "_") {
        place += 1
        return 0
      }
      var value = 0
      while current != UInt8(ascii: "_") {
        let digit: Int
        switch take() {
        case let byte where ASCII.isDigit(byte): digit = Int(byte - 0x30)
        case let byte where byte &- 0x61 < 26: digit = Int(byte - 0x61) + 10
        case let byte where byte &- 0x41 < 26: digit = Int(byte - 0x41) + 36
        default: return nil
        }
        value = value &* 62 &+ digit
      }
      place += 1
      return value &+ 1
    }

    private mutating func back(_ read: (inout Reader) -> String?) -> String? {
      let from = place - 1
      guard let target = base62(), target >= 0, target < from else { return nil }
      let next = place
      place = target
      defer { place = next }
      return read(&self)
    }

    private mutating func list(of read: (inout Reader) -> String?) -> [String]? {
      var items: [String] = []
      while current != UInt8(ascii: "E") {
        guard items.count < 32, let item = read(&self) else { return nil }
        items.append(item)
      }
      place += 1
      return items
    }

    private mutating func argument() -> String? {
      switch current {
      case UInt8(ascii: "L"):
        place += 1
        return base62().map { _ in "'_" }
      case UInt8(ascii: "K"):
        place += 1
        return constant()
      default: return type()
      }
    }

    private mutating func constant() -> String? {
      if current == UInt8(ascii: "p") {
        place += 1
        return "_"
      }
      guard type() != nil else { return nil }
      let from = place
      while current != UInt8(ascii: "_") {
        guard place < bytes.count else { return nil }
        place += 1
      }
      defer { place += 1 }
      return "0x" + String(decoding: bytes[from..<place], as: UTF8.self)
    }

    private mutating func type() -> String? {
      depth += 1
      defer { depth -= 1 }
      guard depth < 40, length < 2000 else { return nil }
      let tag = current
      if let name = Self.basic[tag] {
        place += 1
        return name
      }
      switch tag {
      case UInt8(ascii: "R"), UInt8(ascii: "Q"):
        place += 1
        if current == UInt8(ascii: "L") {
          place += 1
          guard base62() != nil else { return nil }
        }
        return type().map { (tag == UInt8(ascii: "R") ? "&" : "&mut ") + $0 }
      case UInt8(ascii: "P"), UInt8(ascii: "O"):
        place += 1
        return type().map { (tag == UInt8(ascii: "P") ? "*const " : "*mut ") + $0 }
      case UInt8(ascii: "S"):
        place += 1
        return type().map { "[\($0)]" }
      case UInt8(ascii: "A"):
        place += 1
        guard let item = type(), let count = constant() else { return nil }
        return "[\(item); \(count)]"
      case UInt8(ascii: "T"):
        place += 1
        return list(of: { $0.type() }).map { "(" + $0.joined(separator: ", ") + ")" }
      case UInt8(ascii: "B"):
        place += 1
        return back { $0.type() }
      default: return path()
      }
    }

    private static let basic: [UInt8: String] = [
      UInt8(ascii: "a"): "i8", UInt8(ascii: "b"): "bool", UInt8(ascii: "c"): "char", UInt8(ascii: "d"): "f64",
      UInt8(ascii: "e"): "str", UInt8(ascii: "f"): "f32", UInt8(ascii: "h"): "u8", UInt8(ascii: "i"): "isize",
      UInt8(ascii: "j"): "usize", UInt8(ascii: "l"): "i32", UInt8(ascii: "m"): "u32", UInt8(ascii: "n"): "i128",
      UInt8(ascii: "o"): "u128", UInt8(ascii: "p"): "_", UInt8(ascii: "s"): "i16", UInt8(ascii: "t"): "u16",
      UInt8(ascii: "u"): "()", UInt8(ascii: "v"): "...", UInt8(ascii: "x"): "i64", UInt8(ascii: "y"): "u64",
      UInt8(ascii: "z"): "!",
    ]
  }
}
