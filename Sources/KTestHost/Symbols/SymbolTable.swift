import KTestValues

/// The positions of the functions of a kernel or a module in its file.
struct SymbolTable {
  struct Place: Hashable {
    var address: UInt64
    /// The section's name if addresses are relative to it (modules), or nil if they are the kernel's own.
    var section: String?
  }

  private struct Symbol {
    var address: UInt64
    var size: UInt64
    var name: Int
    var section: Int
    /// The distance to the next symbol in the section, in bytes; nil for the last.
    var distance: UInt64?
  }

  private let sections: [String]
  private let isRelocatable: Bool
  private var byName: [String: [Symbol]] = [:]
  let hasDebugInfo: Bool

  /// Looks for these names only.
  init(_ bytes: ByteView, functions: Set<String>) throws(ELFProblem) {
    let file = try ELFFile(bytes)
    isRelocatable = file.kind == .relocatable
    let all = file.sections
    sections = all.map(\.name)
    hasDebugInfo = all.contains { [".debug_info", ".zdebug_info"].contains($0.name) }
    var symbols: [Symbol] = []
    var names: ByteView?
    for table in all where table.type == ELFFile.symbolSection && table.link < all.count {
      guard let entries = table.bytes, let strings = all[table.link].bytes else { continue }
      names = strings
      symbols = Self.code(entries, sections: all)
    }
    guard let names else { return }
    symbols.sort { ($0.section, $0.address) < ($1.section, $1.address) }
    var next: (section: Int, address: UInt64)?
    var after: UInt64?
    for index in symbols.indices.reversed() {
      let symbol = symbols[index]
      if next?.section != symbol.section {
        after = nil
      } else if next?.address != symbol.address {
        after = next?.address
      }
      symbols[index].distance = after.map { $0 - symbol.address }
      next = (symbol.section, symbol.address)
    }
    let wanted = Set(functions.map { Self.hash($0.utf8) })
    for symbol in symbols where wanted.contains(Self.hash(names, at: symbol.name)) {
      guard let text = names.text(at: symbol.name, limit: 1024), functions.contains(text) else { continue }
      byName[text, default: []].append(symbol)
    }
  }

  /// Returns the position of a frame, or nil if the function is not here, has another size (so the file is of another
  /// kernel), or is ambiguous.
  func place(of frame: FrameReference) -> Place? {
    let all = byName[frame.function] ?? []
    // Of several functions, only one with the exact size is unambiguous.
    let fitting = all.filter { Self.isExact($0, frame.size) || all.count == 1 && Self.isNear($0, frame.size) }
    let places = Set(
      fitting.map {
        Place(address: $0.address &+ frame.place, section: isRelocatable ? sections[$0.section] : nil)
      })
    return places.count == 1 ? places.first : nil
  }

  /// Returns where a function with this name begins, if there is one.
  func start(of function: String) -> Place? {
    guard let found = byName[function], found.count == 1 else { return nil }
    return Place(address: found[0].address, section: isRelocatable ? sections[found[0].section] : nil)
  }

  /// Compares sizes. kallsyms has no sizes and uses the distance to the next symbol.
  private static func isExact(_ symbol: Symbol, _ size: UInt64) -> Bool {
    symbol.distance.map { $0 == size } ?? (symbol.size == size)
  }

  /// Compares sizes loosely. The next symbol may be missing in kallsyms or in this file; after the last one of a
  /// section there may be padding up to a page.
  private static func isNear(_ symbol: Symbol, _ size: UInt64) -> Bool {
    guard symbol.size > 0, size >= symbol.size else { return false }
    return size - symbol.size < (symbol.distance == nil ? 4096 : 16)
  }

  private static func code(_ entries: ByteView, sections: [ELFFile.Section]) -> [Symbol] {
    var symbols: [Symbol] = []
    for entry in stride(from: 0, to: entries.count - 23, by: 24) {
      // Only untyped symbols, objects in code, and functions count; sections and files are not symbols (elf(5)).
      guard let name = entries.u32(entry), let info = entries.u8(entry + 4), info & 15 <= 2 || info & 15 == 10,
        let section = entries.u16(entry + 6), section > 0, section < sections.count, name > 0,
        sections[section].flags & ELFFile.executableFlag != 0, let address = entries.word(entry + 8),
        let size = entries.word(entry + 16)
      else { continue }
      symbols.append(Symbol(address: address, size: size, name: name, section: section, distance: nil))
    }
    return symbols
  }

  private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private static func hash(_ names: ByteView, at offset: Int) -> UInt64 {
    guard offset < names.count else { return 0 }
    return hash(names.bytes[offset...].prefix(1024).prefix { $0 != 0 })
  }
}
