/// A function with its position in the source.
package struct SourcePlace: Sendable, Hashable {
  package var function: String
  /// The path from the top of the source tree, or nil if the debug information does not have it.
  package var file: String?
  package var line: Int?
  /// Whether the compiler inlined it into the next function.
  package var isInlined: Bool
}

/// The output of `addr2line -a -f -i` and `llvm-symbolizer --output-style=GNU`: the address, and then two lines for
/// each function, the innermost inlined one first.
struct SymboliserOutput {
  private(set) var places: [UInt64: [SourcePlace]] = [:]

  init(_ text: String) {
    var address: UInt64?
    var function: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = line.hasSuffix("\r") ? line.dropLast() : line
      if line.hasPrefix("0x"), let value = UInt64(line.dropFirst(2), radix: 16) {
        (address, function) = (value, nil)
      } else if let name = function, let address {
        add(name, line, to: address)
        function = nil
      } else if !line.isEmpty {
        function = String(line)
      }
    }
    for (address, all) in places {
      for index in all.indices { places[address]?[index].isInlined = index < all.count - 1 }
    }
  }

  private mutating func add(_ function: String, _ line: Substring, to address: UInt64) {
    guard function != "??" else { return }
    // This strips the discriminator: `file.c:12 (discriminator 3)`.
    let bare = line.firstRange(of: " (").map { line[..<$0.lowerBound] } ?? line
    guard let colon = bare.lastIndex(of: ":") else { return }
    let file = String(bare[..<colon])
    let number = Int(bare[bare.index(after: colon)...].prefix { $0.isASCII && $0.isNumber })
    let isKnown = !file.hasPrefix("??") && (number ?? 0) > 0
    places[address, default: []].append(
      SourcePlace(
        function: function, file: isKnown ? file : nil, line: isKnown ? number : nil, isInlined: false))
  }
}
