/// The functions of a running kernel and its modules, from its `/proc/kallsyms`.
package struct KernelSymbols: Sendable, Equatable {
  private struct Symbol: Equatable {
    var address: UInt64
    var isGlobal: Bool
    /// The name, and the module in brackets, in ``text``.
    var name: Range<Int>
  }

  private var text: [UInt8]
  /// The functions in the order of their addresses; of several names for an address only one.
  private var symbols: [Symbol] = []

  /// Reads lines `ffffffff81000000 T name` or `ffffffffc0000000 t name [module]`; what is not code is left out.
  ///
  /// - Returns: nil if there is no function, or the addresses are hidden.
  package init?(kallsyms: [UInt8]) {
    text = kallsyms
    var found: [Symbol] = []
    kallsyms.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count {
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        if let symbol = KernelSymbols.symbol(bytes, start..<end) { found.append(symbol) }
        start = end + 1
      }
    }
    found.sort { $0.address < $1.address }
    for symbol in found {
      guard let last = symbols.last, last.address == symbol.address else {
        symbols.append(symbol)
        continue
      }
      if isBetter(symbol, than: last) { symbols[symbols.count - 1] = symbol }
    }
    guard !symbols.isEmpty else { return nil }
  }

  private static func symbol(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Symbol? {
    // Sixteen digits, a space, the type, a space.
    guard line.count > 19, bytes[line.lowerBound + 16] == UInt8(ascii: " "),
      bytes[line.lowerBound + 18] == UInt8(ascii: " ")
    else { return nil }
    let type = bytes[line.lowerBound + 17]
    // t and T are code, w and W may be.
    guard type | 0x20 == UInt8(ascii: "t") || type | 0x20 == UInt8(ascii: "w") else { return nil }
    var address: UInt64 = 0
    for byte in bytes[line.prefix(16)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      address = address << 4 | UInt64(digit)
    }
    guard address != 0 else { return nil }
    return Symbol(address: address, isGlobal: type & 0x20 == 0, name: line.dropFirst(19))
  }

  /// Returns whether the first of two names for one address is the one that people know: it is global, has fewer
  /// underscores in front, is shorter, or comes first.
  private func isBetter(_ symbol: Symbol, than other: Symbol) -> Bool {
    func rank(_ symbol: Symbol) -> (Int, Int, Int) {
      (symbol.isGlobal ? 0 : 1, text[symbol.name].prefix { $0 == UInt8(ascii: "_") }.count, symbol.name.count)
    }
    let (one, two) = (rank(symbol), rank(other))
    return one == two ? text[symbol.name].lexicographicallyPrecedes(text[other.name]) : one < two
  }

  /// Returns the function that the address is in, and whether it is the function's first instruction; nil if the address
  /// is before all of them.
  ///
  /// What a compiler has made of a function, `name.isra.0`, `name.cold`, is part of that function.
  package func function(at address: UInt64) -> (name: String, isEntry: Bool)? {
    var low = 0
    var high = symbols.count
    while low < high {
      let middle = (low + high) / 2
      if symbols[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let symbol = symbols[low - 1]
    let words = text[symbol.name].split(whereSeparator: { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") })
    guard let name = words.first else { return nil }
    let isPart = name.dropFirst().contains(UInt8(ascii: "."))
    let base = isPart ? name.prefix(1) + name.dropFirst().prefix { $0 != UInt8(ascii: ".") } : name
    let module = words.count > 1 ? " \(String(decoding: words[1], as: UTF8.self))" : ""
    return (String(decoding: base, as: UTF8.self) + module, symbol.address == address && !isPart)
  }
}
