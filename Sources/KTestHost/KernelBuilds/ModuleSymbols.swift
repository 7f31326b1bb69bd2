import KTestValues

/// The symbols that build each module, from the Makefiles of a tree: `obj-$(CONFIG_BLK_DEV_RAM) += brd.o`.
///
/// Source: `Documentation/kbuild/makefiles.rst`, "Loadable module goals".
struct ModuleSymbols: Sendable, Equatable {
  /// The symbols by module name with underscores.
  private(set) var symbols: [String: [String]] = [:]

  /// Adds the information of one Makefile about modules with these names.
  mutating func read(_ bytes: [UInt8], names: Set<String>) {
    let marker = Array("obj-$(CONFIG_".utf8)
    // Lines after a backslash continue the one before.
    var symbol: String?
    for line in bytes.split(separator: 10) {
      var rest = line.drop { $0 == 32 || $0 == 9 }
      let goesOn = line.last == UInt8(ascii: "\\")
      if rest.starts(with: marker) {
        rest = rest.dropFirst(marker.count)
        let name = rest.prefix { $0 != UInt8(ascii: ")") }
        symbol = String(decoding: name, as: UTF8.self)
        guard let sign = rest.firstIndex(of: UInt8(ascii: "=")) else { continue }
        rest = rest[(sign + 1)...]
      }
      if let symbol {
        for word in rest.split(whereSeparator: { $0 == 32 || $0 == 9 || $0 == UInt8(ascii: "\\") }) {
          guard word.count > 2, word.suffix(2) == Array(".o".utf8)[...] else { continue }
          let name = ModuleIndex.name(ofFile: String(decoding: word, as: UTF8.self))
          if names.contains(name), symbols[name]?.contains(symbol) != true { symbols[name, default: []].append(symbol) }
        }
      }
      if !goesOn { symbol = nil }
    }
  }

  /// Searches the Makefiles below a directory, except for documentation, tools and other architectures.
  static func search(_ tree: String, for names: Set<String>) -> ModuleSymbols {
    var found = ModuleSymbols()
    guard !names.isEmpty else { return found }
    let apart: Set = ["Documentation", "tools", "scripts", "samples", "include", "LICENSES", ".git"]
    var pending = HostFiles.names(in: tree).filter { !apart.contains($0) }.map { "\(tree)/\($0)" }
    while let path = pending.popLast() {
      let base = Paths.last(path)
      if base == "Makefile" || base == "Kbuild" {
        if let bytes = try? KernelFiles.read(path, limit: 1 << 20) { found.read(bytes, names: names) }
      } else if !base.contains("."), HostFiles.isDirectory(path) {
        if path.hasSuffix("/arch") {
          pending.append("\(path)/x86")
        } else {
          pending += HostFiles.names(in: path).filter { $0 == "Makefile" || $0 == "Kbuild" || !$0.contains(".") }
            .map { "\(path)/\($0)" }
        }
      }
    }
    return found
  }

  /// Returns requests for the modules that a single symbol builds. The preflight handles the others, based on the built
  /// modules.
  func wishes(for modules: [ModuleWish]) -> [ConfigWish] {
    modules.compactMap { module in
      guard let names = symbols[module.name], names.count == 1 else { return nil }
      return ConfigWish(
        names[0], module.hasParameters ? .module : .loadable, origin: "\(module.origin) (module \(module.name))",
        isOptional: module.isOptional)
    }
  }
}
