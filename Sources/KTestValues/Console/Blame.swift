/// Finds the source file that a symbolised splat points at.
package enum Blame {
  /// Returns the first file down the stacks that is not generic code. If every file is generic, it is that of the first
  /// function that titles do not skip. A log that is not symbolised only has the file of a header (`kernel BUG at
  /// fs/a.c:12!`); the result is nil if that file is generic code. Paths are given from the top of the source tree.
  package static func file(title: String, _ lines: [[UInt8]]) -> String? {
    if title.hasPrefix("INFO: rcu detected stall") {
      // The frames above the interrupt only show how the stall was detected.
      for mark in interruptMarks {
        if let start = lines.firstIndex(where: { $0.contains(mark) }), let file = file(lines[start...]) { return file }
      }
    }
    return file(lines[...])
  }

  private static let interruptMarks = ["apic_timer_interrupt+0x", "el1h_64_irq+0x", "Exception stack"].map {
    Array($0.utf8)
  }

  private static func file(_ lines: ArraySlice<[UInt8]>) -> String? {
    let places = lines.flatMap { SourceMention.read($0) }
    guard !places.isEmpty else { return nil }
    let tree = TreePath(places.map(\.path))
    var blamed: String?
    var directory: Substring = ""
    for place in places where !place.isNoFrame {
      let file = tree.relative(place.path)
      guard !GenericCode.contains(file: file, function: place.function) else { continue }
      if blamed == nil {
        blamed = file
        directory = parent(file)
      } else if file.hasPrefix(directory + "/"), parent(file).count > directory.count {
        // A caller deeper in the same directory is the driver that uses the surrounding library code.
        blamed = file
        directory = parent(file)
      }
    }
    guard blamed == nil, places.contains(where: \.isSymbolised) else { return blamed }
    let own = places.first {
      !$0.isNoFrame && !$0.path.hasSuffix(".h")
        && !FrameTable.isPassedOver(String(decoding: $0.function, as: UTF8.self), [])
    }
    return (own ?? places.first).map { tree.relative($0.path) }
  }

  private static func parent(_ file: String) -> Substring {
    file.lastIndex(of: "/").map { file[..<$0] } ?? ""
  }
}
