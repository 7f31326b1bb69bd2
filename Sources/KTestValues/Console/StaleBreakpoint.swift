/// A breakpoint that a processor executed although the kernel's own code dump shows that memory has none.
///
/// The kernel patches its code at run time (static keys, static calls, ftrace): it writes a breakpoint over the first
/// byte, then the rest, then the first byte. QEMU's translator may read the breakpoint while another processor removes
/// it, miss that write, and execute the stale translation from then on. The kernel does not know the breakpoint and
/// stops with `Oops: int3`. QEMU's commit deba78709ae8 ("accel/tcg: Always lock pages before translation", 8.1.0) makes
/// this rare, but it was still seen with 10.0.2.
package struct StaleBreakpoint: Sendable, Equatable {
  /// The location of the breakpoint as the kernel prints it: `enqueue_timer+0xa5/0x100`.
  package var place: String
  /// The instruction in memory at the breakpoint's address.
  package var instruction: Instruction

  /// The instructions that the kernel writes when it patches its code: arch/x86/kernel/jump_label.c, static_call.c and
  /// ftrace.c.
  package enum Instruction: String, Sendable, Equatable {
    case jump, call, nop
  }

  /// Parses the splat. Returns nil for every other splat, and for a breakpoint that is really in memory.
  package init?(_ splat: Splat) {
    guard splat.lines.first?.hasPrefix("Oops: int3:") == true || splat.lines.first?.hasPrefix("int3:") == true,
      let place = splat.lines.lazy.compactMap(StaleBreakpoint.place(in:)).first,
      let code = splat.lines.lazy.compactMap(StaleBreakpoint.code(in:)).first,
      let instruction = StaleBreakpoint.instruction(code)
    else { return nil }
    (self.place, self.instruction) = (place, instruction)
  }

  /// Parses `RIP: 0010:enqueue_timer+0xa5/0x100`.
  private static func place(in line: String) -> String? {
    guard line.hasPrefix("RIP: 0010:") else { return nil }
    return line.dropFirst(10).split(separator: " ").first.map(String.init)
  }

  /// Returns the bytes from the breakpoint's address on. `Code:` marks the next byte to execute, which is one further.
  private static func code(in line: String) -> [UInt8]? {
    guard line.hasPrefix("Code: ") else { return nil }
    let words = line.dropFirst(6).split(separator: " ")
    guard let next = words.firstIndex(where: { $0.hasPrefix("<") && $0.hasSuffix(">") }), next > 0 else { return nil }
    var bytes: [UInt8] = []
    for word in words[(next - 1)...] {
      let digits = word.filter { $0 != "<" && $0 != ">" }
      guard digits.utf8.count == 2, let byte = UInt8(digits, radix: 16) else { break }
      bytes.append(byte)
    }
    return bytes
  }

  private static func instruction(_ code: [UInt8]) -> Instruction? {
    switch code.first {
    case 0xeb, 0xe9: return .jump
    case 0xe8: return .call
    default: break
    }
    let nops: [[UInt8]] = [[0x66, 0x90], [0x0f, 0x1f, 0x44, 0x00, 0x00], [0x0f, 0x1f, 0x00]]
    return nops.contains { code.starts(with: $0) } ? .nop : nil
  }
}
