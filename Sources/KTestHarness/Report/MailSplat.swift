/// A splat as a mail shows it: the message before it, and without what helps nobody who has not this very kernel.
public struct MailSplat: Sendable, Equatable {
  public var lines: [String]

  /// - Parameters:
  ///   - lines: the splat's own, without prefixes.
  ///   - console: the log up to the splat's first line, or its end. What WARN() prints stands between
  ///     `cut here` and the header (kernel/panic.c, `__warn_printk`).
  public init(_ lines: [String], after console: some Collection<UInt8>) {
    self.lines = MailSplat.message(before: console) + MailSplat.trimmed(lines)
  }

  /// Registers and code bytes mean something only beside the kernel's own image, which is in no mail. The place of the
  /// instruction stays.
  static func trimmed(_ lines: [String]) -> [String] {
    lines.filter { line in
      let text = line.drop { $0 == " " }
      if text.hasPrefix("Code: ") || text.hasPrefix("Modules linked in:") || text.hasPrefix("PKRU: ") { return false }
      let word = text.prefix { $0 != " " }
      // A line of values, or of segments and control registers.
      return !(MailSplat.registers.contains(String(word)) && !text.hasPrefix("RIP: "))
    }
  }

  private static let registers: Set<String> = [
    "RSP:", "RAX:", "RDX:", "RBP:", "R10:", "R13:", "FS:", "CS:", "CR2:", "DR0:", "DR3:", "PKRU:", "EAX:", "ESI:",
    "DS:",
    "CR0:", "ORIG_RAX:", "sp", "x29:", "x26:", "x23:", "x20:", "x17:", "x14:", "x11:", "x8", "x5", "x2",
  ]

  private static func message(before console: some Collection<UInt8>) -> [String] {
    var splitter = LineSplitter()
    let last = splitter.push(Array(console.suffix(8 << 10))).suffix(8).map { ConsoleLine($0) }
    guard let cut = last.lastIndex(where: { $0.text.contains("[ cut here ]") }) else { return [] }
    // On another processor somebody else may have said something meanwhile.
    let caller = last[cut].caller
    return last[(cut + 1)...].filter { $0.hasPrefix && $0.caller == caller }.map(\.text)
  }
}
