/// Who printed a line, as printk says with `CONFIG_PRINTK_CALLER` (Documentation/admin-guide/kernel-parameters.txt,
/// `printk.caller`): a task by its thread id, or a CPU where it was not in task context.
public enum PrintkCaller: Sendable, Hashable {
  case task(Int)
  case cpu(Int)
}

/// One line of a console log: its text without the prefix that printk, dmesg, syslog or journald put before it, made
/// harmless for terminals and XML.
public struct ConsoleLine: Sendable, Equatable {
  /// Seconds since the guest's boot, where the prefix says so. A wall-clock prefix (`dmesg -T`, syslog) gives none.
  public var seconds: Double?
  public var caller: PrintkCaller?
  /// Whether a kernel prefix stood before the text. In a log whose kernel lines carry one, a line without came from user
  /// space or is the rest of a torn line.
  public var hasPrefix: Bool
  /// Where the whole line stands in the stream, in bytes.
  public var range: Range<Int>
  /// The line was longer than the splitter's limit.
  public var truncated: Bool

  /// Prefix and text, sanitised; `textStart` is where the text begins.
  let bytes: [UInt8]
  private(set) var textStart: Int

  /// The text without its prefix.
  public var text: String { String(decoding: bytes[textStart...], as: UTF8.self) }
  /// The whole line, prefix included.
  public var line: String { String(decoding: bytes, as: UTF8.self) }

  public init(_ raw: RawLine) {
    bytes = sanitised(raw.bytes)
    let prefix = PrintkPrefix(bytes)
    textStart = prefix.end
    seconds = prefix.seconds
    caller = prefix.caller
    hasPrefix = prefix.end > 0
    range = raw.range
    truncated = raw.truncated
  }

  /// A line on its own, placed at the beginning of the stream.
  public init(_ line: String) {
    let bytes = Array(line.utf8)
    self.init(RawLine(bytes: bytes, range: 0..<bytes.count))
  }

  /// The line as it is where what user space had begun to write stands before the kernel's own prefix:
  /// `login: [   12.3][   T1] BUG: …`. Looks no further than `place`.
  func withInnerPrefix(before place: Int) -> ConsoleLine {
    guard !hasPrefix else { return self }
    var line = self
    var from = 1
    while let bracket = bytes.place(of: [UInt8(ascii: "[")], from: from), bracket < place {
      let prefix = PrintkPrefix(Array(bytes[bracket...].prefix(80)))
      from = bracket + 1
      guard let seconds = prefix.seconds else { continue }
      (line.seconds, line.caller, line.hasPrefix, line.textStart) = (seconds, prefix.caller, true, bracket + prefix.end)
      from = line.textStart
    }
    return line
  }
}
