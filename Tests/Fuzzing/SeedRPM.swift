import KTestValues

/// A small RPM package with plain content, so that its header and a cpio archive can be mutated.
package enum SeedRPM {
  package static func make(
    name: String = "kernel-core", version: String = "6.17.1", release: String = "300.fc43",
    architecture: String = "x86_64", isSource: Bool = false, files: [(path: String, bytes: [UInt8])]
  ) -> [UInt8] {
    let archive = CPIO(
      files.map { CPIO.Entry(path: $0.path, mode: 0o644, body: .file(.bytes($0.bytes))) })
    let content: [UInt8] = archive.pieces().flatMap { piece -> [UInt8] in
      if case .bytes(let bytes) = piece { bytes } else { [] }
    }
    let size = files.reduce(0) { $0 + $1.bytes.count }
    let header = section(
      [
        (1000, .text(name)), (1001, .text(version)), (1002, .text(release)), (1009, .number(size)),
        (1022, .text(architecture)), (1124, .text("cpio")),
      ])
    let signature = section([(1000, .number(header.count + content.count))])
    let title = Array("\(name)-\(version)-\(release)".utf8.prefix(65))
    let lead: [UInt8] =
      [0xed, 0xab, 0xee, 0xdb, 3, 0, 0, isSource ? 1 : 0, 0, 1] + title + zeros(66 - title.count) + [0, 1, 0, 5]
      + zeros(16)
    return lead + signature + zeros((8 - signature.count % 8) % 8) + header + content
  }

  private enum Value {
    case text(String)
    case number(Int)
  }

  private static func section(_ values: [(tag: Int, value: Value)]) -> [UInt8] {
    var index: [UInt8] = []
    var store: [UInt8] = []
    // Numbers are aligned, so they come first.
    let sorted =
      values.filter { if case .number = $0.value { true } else { false } }
      + values.filter { if case .text = $0.value { true } else { false } }
    for (tag, value) in sorted {
      switch value {
      case .text(let text):
        index += big(tag) + big(6) + big(store.count) + big(1)
        store += Array(text.utf8) + [0]
      case .number(let number):
        index += big(tag) + big(4) + big(store.count) + big(1)
        store += big(number)
      }
    }
    return [0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0] + big(values.count) + big(store.count) + index + store
  }

  private static func big(_ value: Int) -> [UInt8] { SeedImages.little(UInt32(value)).reversed() }
  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
