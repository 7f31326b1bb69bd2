/// The configuration of a kernel, parsed from its `.config`.
///
/// Source: `Documentation/kbuild/kconfig.rst`. Symbols can be named with or without the `CONFIG_` prefix.
package struct KernelConfig: Sendable, Equatable {
  /// The value of a symbol. A symbol that the text does not mention is not set (`no`): Kconfig omits symbols with unmet
  /// dependencies.
  package enum Value: Sendable, Equatable {
    case yes
    case module
    case no
    /// A string without its quotes, with `\"` and `\\` resolved.
    case string(String)
    /// A number as written: decimal or `0x…`.
    case number(String)
  }

  /// The symbols that are set, without prefix.
  private let values: [String: Value]

  /// Parses the text of a `.config`. It skips lines that are not assignments, later assignments override earlier ones,
  /// and invalid UTF-8 is repaired: a damaged file gives fewer symbols, never a crash.
  package init(parsing bytes: some Sequence<UInt8>) {
    var values: [String: Value] = [:]
    let bytes = Array(bytes)
    for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
      if let (symbol, value) = KernelConfig.assignment(in: line) { values[symbol] = value }
    }
    self.values = values
  }

  package init(parsing text: String) { self.init(parsing: text.utf8) }

  package func value(of symbol: String) -> Value { values[KernelConfig.bare(symbol)] ?? .no }

  /// Returns true for `y` and `m`.
  package func isEnabled(_ symbol: String) -> Bool {
    let value = value(of: symbol)
    return value == .yes || value == .module
  }

  /// The names of all symbols that are set, without prefix, sorted.
  package var symbols: [String] { values.keys.sorted() }

  /// Returns the names of the symbols with a different value in the other configuration, sorted.
  package func differences(from other: KernelConfig) -> [String] {
    Set(symbols).union(other.symbols).filter { value(of: $0) != other.value(of: $0) }.sorted()
  }

  /// The configuration as a file, sorted and without comments.
  package var text: String {
    symbols.map { symbol in
      let value = value(of: symbol)
      return value == .no ? "# CONFIG_\(symbol) is not set\n" : "CONFIG_\(symbol)=\(value.text)\n"
    }.joined()
  }

  /// The SHA-256 (hex) of the sorted assignments: it ignores comments and order.
  package var hash: String {
    var hash = SHA256()
    for symbol in symbols {
      hash.update("CONFIG_\(symbol)=\(value(of: symbol).text)\n")
    }
    return hash.hex()
  }

  /// Removes the prefix: `CONFIG_X` and `X` are the same symbol.
  package static func bare(_ symbol: String) -> String {
    symbol.hasPrefix("CONFIG_") ? String(symbol.dropFirst(7)) : symbol
  }

  private static let prefix = Array("CONFIG_".utf8)

  private static func assignment(in line: ArraySlice<UInt8>) -> (String, Value)? {
    if line.first == UInt8(ascii: "#") { return unset(in: line) }
    guard line.starts(with: prefix), let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    let symbol = line[line.startIndex + prefix.count..<equals]
    guard !symbol.isEmpty, symbol.allSatisfy(isSymbolByte) else { return nil }
    let raw = line[(equals + 1)...]
    return (String(decoding: symbol, as: UTF8.self), value(of: raw))
  }

  /// Parses `# CONFIG_X is not set`.
  private static func unset(in line: ArraySlice<UInt8>) -> (String, Value)? {
    let suffix = Array(" is not set".utf8)
    let body = line.dropFirst(2)
    guard body.starts(with: prefix), body.count > prefix.count + suffix.count, body.suffix(suffix.count) == suffix[...]
    else { return nil }
    let symbol = body.dropFirst(prefix.count).dropLast(suffix.count)
    return symbol.allSatisfy(isSymbolByte) ? (String(decoding: symbol, as: UTF8.self), .no) : nil
  }

  private static func value(of raw: ArraySlice<UInt8>) -> Value {
    if raw.count == 1 {
      switch raw.first {
      case UInt8(ascii: "y"): return .yes
      case UInt8(ascii: "m"): return .module
      case UInt8(ascii: "n"): return .no
      default: break
      }
    }
    guard raw.first == UInt8(ascii: "\"") else { return .number(String(decoding: raw, as: UTF8.self)) }
    var text: [UInt8] = []
    var escaped = false
    for byte in raw.dropFirst() {
      if !escaped, byte == UInt8(ascii: "\"") { break }
      escaped = !escaped && byte == UInt8(ascii: "\\")
      if !escaped { text.append(byte) }
    }
    return .string(String(decoding: text, as: UTF8.self))
  }

  private static func isSymbolByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension KernelConfig.Value {
  /// The value as the right side of an assignment.
  package var text: String {
    switch self {
    case .yes: "y"
    case .module: "m"
    case .no: "n"
    case .string(let text):
      "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    case .number(let digits): digits
    }
  }
}
