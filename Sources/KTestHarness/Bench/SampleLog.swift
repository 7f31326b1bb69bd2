/// Console logs for measurements, which are the same every time.
package enum SampleLog: String, Sendable, CaseIterable {
  /// A log without splats.
  case clean
  /// A log with one report after another.
  case splats

  /// Writes about this many bytes, as whole lines, in pieces.
  package func write(bytes total: Int, to body: ([UInt8]) throws -> Void) rethrows {
    var (written, number) = (0, 0)
    var piece: [UInt8] = []
    while written < total {
      switch self {
      case .clean: Self.addLines(64, from: number * 64, to: &piece)
      case .splats:
        Self.addSplat(number, to: &piece)
        Self.addLines(8, from: number * 64, to: &piece)
      }
      number += 1
      guard piece.count >= 1 << 20 || written + piece.count >= total else { continue }
      try body(piece)
      written += piece.count
      piece.removeAll(keepingCapacity: true)
    }
  }

  private static func stamp(_ tick: Int) -> String {
    let micros = String(tick % 1_000_000)
    return "[\(String(repeating: " ", count: 5 - min(5, String(tick / 1_000_000).count)))\(tick / 1_000_000)."
      + String(repeating: "0", count: 6 - micros.count) + micros
      + "][\(tick % 3 == 0 ? "    T1" : "  T\(100 + tick % 7 * 31)")] "
  }

  private static let talk = [
    "pci 0000:00:%.0: [8086:29c0] type 00 class 0x060000 conventional PCI endpoint",
    "ACPI: PCI: Interrupt link LNK% configured for IRQ 11", "EXT4-fs (vda%): mounted filesystem with ordered data mode",
    "systemd[1]: Started session-%.scope - Session % of user root.",
    "audit: type=1400 audit(17.%:%): apparmor=\"STATUS\"",
    "clocksource: tsc-early: mask: 0xffffffffffffffff max_cycles: 0x% max_idle_ns: 881590591483 ns",
    "virtio_net virtio%: renamed from eth0", "random: crng init done", "usb %-1: new high-speed USB device number 2",
    "Memory: 2012% K/2096620K available (18432K kernel code, 3327K rwdata, 8192K rodata)",
    "NET: Registered PF_% family",
  ]

  private static func addLines(_ count: Int, from first: Int, to bytes: inout [UInt8]) {
    for number in first..<first + count {
      bytes += stamp(number * 211).utf8
      for byte in talk[number % talk.count].utf8 {
        if byte == UInt8(ascii: "%") { bytes += String(number % 1000).utf8 } else { bytes.append(byte) }
      }
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  private static func addSplat(_ number: Int, to bytes: inout [UInt8]) {
    let stamp = stamp(number * 64 * 211)
    let frames = (0..<18).map { " sample_function_\((number + $0) % 997)+0x\(String(16 + $0, radix: 16))/0x240" }
    let header: [String]
    switch number % 4 {
    case 0:
      header = [
        String(repeating: "=", count: 66),
        "BUG: KASAN: slab-use-after-free in sample_function_\(number % 997)+0x10/0x240",
        "Read of size 8 at addr ffff888012345678 by task sample/\(100 + number % 900)", "",
      ]
    case 1:
      header = [
        "------------[ cut here ]------------",
        "WARNING: CPU: 1 PID: \(number % 900) at mm/sample.c:\(number % 2000) sample_function_\(number % 997)+0x10/0x240",
        "Modules linked in:",
      ]
    case 2:
      header = [
        "INFO: task sample:\(number % 900) blocked for more than 120 seconds.",
        "      Not tainted 6.12.0 #1", "task:sample state:D stack:0 pid:\(number % 900) ppid:2 flags:0x00004000",
      ]
    default:
      header = [
        "BUG: unable to handle page fault for address: ffffffffc0\(number % 900)",
        "#PF: supervisor read access in kernel mode",
        "Oops: 0000 [#1] PREEMPT SMP KASAN",
      ]
    }
    let state = [
      "CPU: 1 UID: 0 PID: \(number % 900) Comm: sample Not tainted 6.12.0 #1",
      "Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)",
      "RIP: 0010:sample_function_\(number % 997)+0x10/0x240",
      "RSP: 0018:ffffc90000013e18 EFLAGS: 00010246 ORIG_RAX: 0000000000000000",
      "RAX: 0000000000000000 RBX: ffff888100a1c000 RCX: 0000000000000000", "Call Trace:", " <TASK>",
    ]
    for line in header + state + frames + [" </TASK>", "---[ end trace 0000000000000000 ]---"] {
      bytes += stamp.utf8
      bytes += line.utf8
      bytes.append(UInt8(ascii: "\n"))
    }
  }
}
