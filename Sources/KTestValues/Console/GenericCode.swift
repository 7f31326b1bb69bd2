/// Code that serves all other code, checks it or runs it. A bug that is seen there is a bug of its caller.
enum GenericCode {
  /// Returns whether a file, named from the top of the tree, never carries blame.
  static func contains(file: String) -> Bool {
    let bytes = Array(file.utf8)
    // Headers hold inline functions, which became part of a caller's code.
    if file.hasSuffix(".h") || file.hasSuffix(".S") { return true }
    if tests.contains(where: { $0.matches(bytes) }) { return false }
    return files.contains { $0.matches(bytes) }
      || file.hasPrefix("arch/") && architecture.contains { $0.matches(bytes) }
  }

  /// Returns whether a place never carries blame: its file is generic, or its function is one that titles skip and
  /// belongs to the core, where such functions lie beside others (`alloc_pages` in mm/mempolicy.c).
  static func contains(file: String, function: [UInt8]) -> Bool {
    if contains(file: file) { return true }
    return core.contains { file.hasPrefix($0) }
      && FrameTable.isPassedOver(String(decoding: function, as: UTF8.self), [])
  }

  private static let core = ["arch/", "kernel/", "mm/"]

  /// Tests lie among generic code.
  private static let tests: [FramePattern] = ["^lib/test_", "^lib/tests/", "_kunit.c$", "_test.c$"]

  private static let files: [FramePattern] = libraries + checkers + allocators + scheduling + subsystems

  private static let libraries: [FramePattern] = [
    "^lib/", "^virt/lib/", "^rust/", "^library/", "^crypto/crc",
  ]

  /// Sanitizers and other code that checks the rest of the kernel or prints for it.
  private static let checkers: [FramePattern] = [
    "^mm/kasan/", "^mm/kmsan/", "^mm/kfence/", "^kernel/kcsan/", "^kernel/kcov.c$", "^kernel/panic.c$",
    "^kernel/printk/", "^kernel/stacktrace.c$", "^kernel/bug.c$", "^kernel/fail_function.c$", "^kernel/watchdog",
    "^kernel/hung_task.c$", "^kernel/cfi.c$",
    "^mm/usercopy.c$", "^mm/maccess.c$", "^mm/debug", "^mm/fail", "^mm/page_owner.c$", "^mm/page_ext.c$",
    "^mm/page_poison.c$", "^mm/page_table_check.c$", "^mm/kmemleak.c$",
  ]

  /// Code that hands out memory, or pages of files, to others.
  private static let allocators: [FramePattern] = [
    "^mm/slab", "^mm/slub.c$", "^mm/slob.c$", "^mm/page_alloc.c$", "^mm/page_frag", "^mm/mempool.c$",
    "^mm/dmapool", "^mm/percpu", "^mm/vmalloc.c$", "^mm/util.c$", "^mm/filemap.c$", "^mm/folio-compat.c$",
    "^mm/truncate.c$", "^mm/memory.c$",
  ]

  /// Locks, and code that runs other code later or elsewhere.
  private static let scheduling: [FramePattern] = [
    "^kernel/rcu/", "^kernel/locking/", "^kernel/sched/", "^kernel/softirq.c$", "^kernel/kthread.c$",
    "^kernel/workqueue.c$", "^kernel/time/timer.c$", "^kernel/time/hrtimer.c$",
    "^kernel/task_work.c$", "^kernel/notifier.c$", "^kernel/entry/",
  ]

  /// The common entry points of large subsystems.
  private static let subsystems: [FramePattern] = [
    "^net/core/dev.c$", "^net/core/sock.c$", "^net/core/skbuff.c$", "^fs/proc/generic.c$", "^trusty/",
    "^drivers/usb/core/urb.c$",
  ]

  private static let architecture: [FramePattern] = [
    "/kernel/traps.c$", "/kernel/unwind", "/mm/fault.c$", "/mm/physaddr.c$", "/mm/extable.c$", "/kernel/stacktrace.c$",
    "/kernel/dumpstack", "/kernel/apic/apic.c$", "/kernel/entry", "/entry/", "/kernel/process", "/kernel/irq",
    "/kernel/smp.c$", "/lib/",
  ]
}
