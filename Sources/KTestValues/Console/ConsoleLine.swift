/// The context that printed a line, from `CONFIG_PRINTK_CALLER` (Documentation/admin-guide/kernel-parameters.txt,
/// `printk.caller`): a task by its thread id, or a CPU if it was not in task context.
package enum PrintkCaller: Sendable, Hashable {
  case task(Int)
  case cpu(Int)
}

/// One line of a console log. Its text has no printk, dmesg, syslog or journald prefix and is sanitised for terminals
/// and XML.
package struct ConsoleLine: Sendable, Equatable {
  /// Seconds since the guest's boot, if the prefix has them. A wall-clock prefix (`dmesg -T`, syslog) gives nil.
  package var seconds: Double?
  package var caller: PrintkCaller?
  /// Whether the text had a kernel prefix. If the kernel lines of a log have prefixes, a line without one comes from
  /// user space or is the rest of a torn line.
  package var hasPrefix: Bool
  /// The range of the whole line in the stream, in bytes.
  package var range: Range<Int>
  /// Whether the line was longer than the splitter's limit.
  package var truncated: Bool

  /// The prefix and the text, sanitised; the text begins at `textStart`.
  package let bytes: [UInt8]
  private(set) var textStart: Int

  /// The text without its prefix.
  package var text: String { String(decoding: bytes[textStart...], as: UTF8.self) }
  /// The whole line, including its prefix.
  package var line: String { String(decoding: bytes, as: UTF8.self) }

  /// Whether the text begins with these bytes.
  package func textBegins(with part: [UInt8]) -> Bool { bytes.has(part, at: textStart) }

  /// Whether these bytes are in the text.
  package func textContains(_ part: [UInt8]) -> Bool { bytes.place(of: part, from: textStart) != nil }

  /// Whether the whole line begins with these bytes and ends with those.
  package func begins(with start: [UInt8], endsWith end: [UInt8]) -> Bool {
    bytes.count >= start.count + end.count && bytes.has(start, at: 0) && bytes.has(end, at: bytes.count - end.count)
  }

  package init(_ raw: RawLine) {
    bytes = sanitised(raw.bytes)
    let prefix = PrintkPrefix(bytes)
    textStart = prefix.end
    seconds = prefix.seconds
    caller = prefix.caller
    hasPrefix = prefix.end > 0
    range = raw.range
    truncated = raw.truncated
  }

  /// Creates a single line at offset 0 of the stream.
  package init(_ line: String) {
    let bytes = Array(line.utf8)
    self.init(RawLine(bytes: bytes, range: 0..<bytes.count))
  }

  private static let bracket = [UInt8(ascii: "[")]

  /// Returns the line that begins at a kernel prefix after text that user space had begun to write: `login: [   12.3][
  /// T1] BUG: …`. The search stops at `place`.
  package func withInnerPrefix(before place: Int) -> ConsoleLine {
    guard !hasPrefix else { return self }
    var line = self
    var from = 1
    while let bracket = bytes.place(of: ConsoleLine.bracket, from: from), bracket < place {
      let prefix = PrintkPrefix(Array(bytes[bracket...].prefix(80)))
      from = bracket + 1
      guard let seconds = prefix.seconds else { continue }
      (line.seconds, line.caller, line.hasPrefix, line.textStart) = (seconds, prefix.caller, true, bracket + prefix.end)
      from = line.textStart
    }
    return line
  }
}
