import KTestValues

/// A splat as shown in a mail: with the message before it, and without details that only make sense with this kernel's
/// image.
package struct MailSplat: Sendable, Equatable {
  package var lines: [String]

  /// - Parameters:
  ///   - lines: the splat's lines without prefixes.
  ///   - console: the log up to the splat's first line, or the end of that part. The output of WARN() is between `cut
  ///     here` and the header (kernel/panic.c, `__warn_printk`).
  package init(_ lines: [String], after console: some Collection<UInt8>) {
    self.lines = MailSplat.message(before: console) + MailSplat.trimmed(lines)
  }

  /// Removes registers and code bytes, which mean something only with the kernel's image. The position of the
  /// instruction stays.
  static func trimmed(_ lines: [String]) -> [String] {
    lines.filter { line in
      let text = line.drop { $0 == " " }
      if text.hasPrefix("Code: ") || text.hasPrefix("Modules linked in:") || text.hasPrefix("PKRU: ") { return false }
      let word = text.prefix { $0 != " " }
      // These are lines of values, or of segments and control registers.
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
    // Another processor may have printed something meanwhile.
    let caller = last[cut].caller
    return last[(cut + 1)...].filter { $0.hasPrefix && $0.caller == caller }.map(\.text)
  }
}
