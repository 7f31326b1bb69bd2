/// Finds the source file that a symbolised splat points at.
package enum Blame {
  /// Returns the first file down the stacks that is not generic code, or the first of all if every file is generic. A
  /// log that is not symbolised only has the file of a header (`kernel BUG at fs/a.c:12!`); the result is nil if that
  /// file is generic code.
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
    var fallback: String?
    var blamed: String?
    var directory: Substring = ""
    var hasSymbols = false
    for line in lines {
      guard let file = sourceFile(line) else { continue }
      if isSymbolised(line, file) { hasSymbols = true }
      if fallback == nil { fallback = file }
      guard !isPlumbing(file), !isNoFrame(line) else { continue }
      if blamed == nil {
        blamed = file
        directory = parent(file)
      } else if file.hasPrefix(directory + "/"), parent(file).count > directory.count {
        // A caller deeper in the same directory is the driver that uses the surrounding library code.
        blamed = file
        directory = parent(file)
      }
    }
    return blamed ?? (hasSymbols ? fallback : nil)
  }

  /// Returns whether the file follows the offset of a function, where only a symboliser puts it.
  private static func isSymbolised(_ line: [UInt8], _ file: String) -> Bool {
    guard let offset = line.place(of: Array("+0x".utf8)) else { return false }
    return line.place(of: Array(file.utf8), from: offset) != nil
  }

  /// Returns the first `path/file.c:12` or `.h` in the line, without the line number.
  private static func sourceFile(_ line: [UInt8]) -> String? {
    var place = 0
    while place < line.count {
      guard let source = StackFrame.source(line, from: place) else { return nil }
      let file = source.prefix { $0 != ":" }
      if file.hasSuffix(".c") || file.hasSuffix(".h") {
        return file.hasPrefix("./") ? String(file.dropFirst(2)) : String(file)
      }
      place = (line.place(of: Array(source.utf8), from: place) ?? line.count) + source.utf8.count
    }
    return nil
  }

  private static func parent(_ file: String) -> Substring {
    file.lastIndex(of: "/").map { file[..<$0] } ?? ""
  }

  /// Returns whether the line lists held locks or interrupt state, whose places are not frames.
  private static func isNoFrame(_ line: [UInt8]) -> Bool { notFrames.contains { $0.isIn(line) } }

  private static let notFrames: [TextPattern] = [
    "hardirqs last ", "softirqs last ", ", at: ", "^ #<n>:", "^#<n>:", "^Register r<n> information",
  ]

  private static func isPlumbing(_ file: String) -> Bool {
    file.hasSuffix(".h") || plumbing.contains { $0.matches(Array(file.utf8)) }
      || architecture.contains { file.hasPrefix("arch/") && $0.matches(Array(file.utf8)) }
  }

  /// Files whose functions serve all other code or check it.
  private static let plumbing: [FramePattern] = [
    "^lib/", "^virt/lib/", "^mm/kasan/", "^mm/kmsan/", "^kernel/kcov.c$", "^mm/slab.c$", "^mm/slub.c$", "^mm/slob.c$",
    "^mm/filemap.c$", "^mm/folio-compat.c$", "^mm/truncate.c$", "^mm/memory.c$", "^mm/percpu", "^mm/vmalloc.c$",
    "^mm/page_alloc.c$", "^mm/mempool.c$", "^mm/util.c$", "^kernel/rcu/", "^kernel/locking/", "^kernel/panic.c$",
    "^kernel/printk/", "^kernel/softirq.c$", "^kernel/kthread.c$", "^kernel/sched/", "^kernel/stacktrace.c$",
    "^kernel/time/timer.c$", "^kernel/workqueue.c$", "^net/core/dev.c$", "^net/core/sock.c$", "^net/core/skbuff.c$",
    "^fs/proc/generic.c$", "^trusty/", "^drivers/usb/core/urb.c$",
  ]

  private static let architecture: [FramePattern] = [
    "/kernel/traps.c$", "/kernel/unwind", "/mm/fault.c$", "/mm/physaddr.c$", "/kernel/stacktrace.c$",
    "/kernel/apic/apic.c$", "arm64/kernel/entry", "arm64/kernel/process.c$", "/lib/crc",
  ]
}
