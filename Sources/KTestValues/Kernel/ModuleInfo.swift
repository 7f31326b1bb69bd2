/// The `.modinfo` section of a module.
///
/// Source: `include/linux/module.h`, `scripts/mod/modpost.c`.
package struct ModuleInfo: Sendable, Equatable {
  /// The name with underscores, or nil for modules older than 4.12.
  package var name: String?
  /// The names of the modules that must be loaded first.
  package var depends: [String]
  /// The names or aliases of modules that should be loaded first (`softdep=pre: …`).
  package var softDepends: [String] = []
  /// The aliases without wildcards.
  package var aliases: [String] = []
  /// The first word of `vermagic`: the release it was built for.
  package var release: String?

  package init(name: String? = nil, depends: [String] = [], release: String? = nil) {
    self.name = name
    self.depends = depends
    self.release = release
  }

  /// Parses an uncompressed `.ko`. `path` is for messages.
  ///
  /// Throws `KernelError.badModule` or `wrongArchitecture`.
  package init(module bytes: [UInt8], path: String) throws(KernelError) {
    self = try bytes.withUnsafeBufferPointer { buffer throws(KernelError) in
      let bytes = ByteView(UnsafeRawBufferPointer(buffer))
      guard bytes.starts(with: ELFFile.magic) else { throw .badModule(path: path, reason: "it is not an ELF file") }
      let file = try ELFFile(kernel: bytes, name: path)
      guard file.kind == .relocatable, let section = file.section(".modinfo") else {
        throw .badModule(path: path, reason: "it has no .modinfo section, or is truncated")
      }
      return ModuleInfo(section: section)
    }
  }

  private init(section: ByteView) {
    self.init()
    for entry in section.bytes.split(separator: 0) {
      guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let value = String(decoding: entry[(equals + 1)...], as: UTF8.self)
      switch String(decoding: entry[..<equals], as: UTF8.self) {
      case "name": name = value
      case "softdep": softDepends += ModuleInfo.before(value)
      case "alias" where !value.contains("*"): aliases.append(value)
      case "depends": depends = value.split(separator: ",").map(String.init)
      case "vermagic": release = value.split(separator: " ").first.map(String.init)
      default: break
      }
    }
  }

  /// Returns the names in `pre: a b post: c` that are loaded before the module.
  static func before(_ text: some StringProtocol) -> [String] {
    var isBefore = false
    var names: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if word.hasSuffix(":") { isBefore = word == "pre:" } else if isBefore { names.append(String(word)) }
    }
    return names
  }
}
