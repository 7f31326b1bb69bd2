/// A pattern for a part of a function's name. It matches anywhere, or only at the beginning (`^`), at the end (`$`), or
/// the whole name (both).
struct FramePattern: Sendable, ExpressibleByStringLiteral {
  package let text: [UInt8]
  let atStart: Bool
  let atEnd: Bool

  init(stringLiteral pattern: String) {
    var text = Substring(pattern)
    atStart = text.hasPrefix("^")
    if atStart { text.removeFirst() }
    atEnd = text.hasSuffix("$")
    if atEnd { text.removeLast() }
    self.text = Array(text.utf8)
  }

  func matches(_ function: [UInt8]) -> Bool { function.withUnsafeBufferPointer { matches($0) } }

  func matches(_ function: UnsafeBufferPointer<UInt8>) -> Bool {
    switch (atStart, atEnd) {
    case (true, true): function.count == text.count && function.has(text, at: 0)
    case (true, false): function.has(text, at: 0)
    case (false, true): function.has(text, at: function.count - text.count)
    case (false, false): function.place(of: text, from: 0) != nil
    }
  }
}

/// A set of patterns. Those that may match anywhere are searched together.
struct FramePatternSet: Sendable {
  /// Those that begin at the beginning, by their first byte, and those that only end at the end, by their last.
  private let beginnings: [[FramePattern]]
  private let ends: [[FramePattern]]
  private let inside: HeaderFilter
  private let short: [FramePattern]

  init(_ patterns: [FramePattern]) {
    var (beginnings, ends) = (
      Array(repeating: [FramePattern](), count: 256), Array(repeating: [FramePattern](), count: 256)
    )
    var (inside, short): ([String], [FramePattern]) = ([], [])
    for pattern in patterns {
      if pattern.atStart {
        beginnings[Int(pattern.text.first ?? 0)].append(pattern)
      } else if pattern.atEnd {
        ends[Int(pattern.text.last ?? 0)].append(pattern)
      } else if pattern.text.count < HeaderFilter.shortest {
        short.append(pattern)
      } else {
        inside.append(String(decoding: pattern.text, as: UTF8.self))
      }
    }
    (self.beginnings, self.ends, self.inside, self.short) = (beginnings, ends, HeaderFilter(inside), short)
  }

  func matches(_ function: [UInt8]) -> Bool { function.withUnsafeBufferPointer { matches($0) } }

  func matches(_ function: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = function.first, let last = function.last else { return false }
    return inside.first(in: function, from: 0) != nil || beginnings[Int(first)].contains { $0.matches(function) }
      || ends[Int(last)].contains { $0.matches(function) } || short.contains { $0.matches(function) }
  }
}

/// Knowledge about functions that applies to all splats.
enum FrameTable {
  /// Functions that are not to blame for a bug seen in them: they check, report, allocate, lock, copy, count or wait
  /// for others, and their caller is the relevant function. The list follows syzkaller's, so that titles agree with
  /// those in its archives.
  private static let passedOver = FramePatternSet(allPassedOver)

  private static let allPassedOver: [FramePattern] =
    checkers + reporters + memory + locks + data + text + devices + kernel

  private static let checkers: [FramePattern] = [
    "__sanitizer", "__asan", "kasan", "hwasan", "__msan", "kmsan", "kcsan_setup_watchpoint", "check_memory_region",
    "check_heap_object", "check_object", "read_word_at_a_time", "read_once_", "write_once_", "debug_object",
    "timer_is_static_object", "work_is_static_object", "__might_fault", "might_fault", "might_sleep",
    "__might_resched", "lockdep", "print_unlock", "imbalance_bug", "print_usage_bug", "seqprop_assert",
    "__fortify_report", "__phys_addr", "assertfail", "ref_tracker",
  ]

  private static let reporters: [FramePattern] = [
    "panic", "print_address_description", "print_report", "invalid_op", "report_bug", "fixup_bug", "do_error",
    "_trap$", "do_trap", "show_stack", "dump_stack", "walk_stack", "dump_backtrace", "warn_slowpath", "warn_alloc",
    "warn_bogus", "__warn", "program_check_exception", "program_check_common", "stack_trace_consume_entry",
    "arch_stack_walk", "stack_trace_save", "do_kernel_fault", "do_translation_fault", "do_mem_abort", "el1_abort",
    "el1h_64_sync", "print_tainted", "^get_taint$", "perf_trace", "trace_hardirq", "trace_softirq",
  ]

  private static let memory: [FramePattern] = [
    "alloc_page", "malloc", "zalloc", "calloc", "krealloc", "kmem_cache", "allocate_slab",
    "__alloc_frozen_pages_noprof", "folio_alloc", "folio_unlock", "filemap_alloc_folio", "__filemap_get_folio",
    "find_or_create_page", "do_read_cache_folio", "read_cache_page", "pagecache_get_page",
    "grab_cache_page_write_begin", "slab_", "^kfree$", "^kvfree$", "kfree_skb", "memdup", "^lock_page", "^unlock_page",
    "find_lock_entries", "truncate_inode_pages_range", "mark_buffer_dirty",
  ]

  private static let locks: [FramePattern] =
    [
      "bh_enable", "bh_disable", "lock_acquire", "lock_release", "lock_class", "mark_lock", "reacquire_held_locks",
      "mark_held_locks", "raw_spin_rq", "spin_lock", "spin_trylock", "spin_unlock", "read_lock", "read_trylock",
      "write_lock", "write_trylock", "read_unlock", "write_unlock", "^down$", "down_read", "down_write", "down_trylock",
      "up_read", "up_write", "^mutex_", "^__mutex_", "^rt_mutex_", "owner_on_cpu", "osq_lock", "osq_unlock",
      "__wake_up", "^refcount_", "^kref_", "^complete$", "wait_for_completion", "finish_wait",
      "cleanup_srcu_struct",
    ] + atomics

  private static let atomics: [FramePattern] = [
    "atomic_dec", "atomic_inc", "atomic_read", "atomic_set", "atomic_or", "atomic_xor", "atomic_and", "atomic_add",
    "atomic_sub", "atomic_fetch", "atomic_xchg", "atomic_cmpxchg", "atomic_try", "atomic64_dec", "atomic64_inc",
    "atomic64_read", "atomic64_set", "atomic64_or", "atomic64_xor", "atomic64_and", "atomic64_add", "atomic64_sub",
    "atomic64_fetch", "atomic64_xchg", "atomic64_cmpxchg", "atomic64_try", "set_bit", "clear_bit", "change_bit",
    "test_bit",
  ]

  private static let data: [FramePattern] = [
    "list_add", "list_del", "list_replace", "list_move", "list_splice", "^rb_", "^__rb_", "^klist_", "xas_start",
    "xas_load", "xas_find", "rhashtable_lookup", "ida_free", "_indirect_thunk_", "^crc0", "^crc1", "^crc2", "^crc3",
    "^crc4", "^crc5", "^crc6", "^crc7", "^crc8", "crc_itu_t",
  ]

  private static let text: [FramePattern] = [
    "memcpy", "memcmp", "memset", "memchr", "memmove", "strcmp", "strncmp", "strcpy", "strlcpy", "strncpy", "strscpy",
    "strlen", "strstr", "strnstr", "strnlen", "strchr", "strdup", "strndup", "copy_to_user", "copy_from_user",
    "copy_to_iter", "copy_from_iter", "copy_page_to_iter", "copy_page_from_iter", "copy_folio_to_iter", "^copyin$",
    "^copyout$", "put_user", "get_user", "extract_user_to_sg", "extract_iter_to_sg", "string", "pointer", "snprintf",
    "scnprintf", "kasprintf", "kvasprintf", "printk", "va_format", "dev_info", "dev_notice", "dev_warn", "dev_err",
    "dev_alert", "dev_crit", "dev_emerg", "hex_dump_to_buffer", "print_hex_dump",
  ]

  private static let devices: [FramePattern] = [
    "kobject_", "add_uevent_var", "get_device_parent", "device_add", "device_del", "device_unregister",
    "device_destroy", "device_release", "devres_release_all", "hwrng_unregister", "i2c_del_adapter",
    "__unregister_client", "device_for_each_child", "rollback_registered", "unregister_netdev", "sysfs_remove",
    "device_remove_file", "tty_unregister_device", "dummy_urb_enqueue", "usb_kill_urb", "usb_kill_anchored_urbs",
    "usb_control_msg", "usb_hcd_submit_urb", "usb_submit_urb", "readb$", "readw$", "readl$", "readq$", "writeb$",
    "writew$", "writel$", "writeq$", "logic_in", "logic_out", "^put_device$",
  ]

  private static let kernel: [FramePattern] = [
    "del_timer", "lock_timer_base", "__timer_delete_sync", "sk_stop_timer_sync", "__mod_timer", "flush_work",
    "__cancel_work_timer", "cancel_work_sync", "try_to_grab_pending", "flush_workqueue", "drain_workqueue",
    "destroy_workqueue", "queue_work", "insert_work", "__queue_delayed_work", "queue_delayed_work_on", "kthread_stop",
    "^iput$", "^iput_final$", "^ihold$", "drop_nlink", "fast_dput", "dput",
  ]

  /// Prefixes of system call functions, which depend on the architecture and the age of the kernel.
  static let entryPrefixes = [
    "SYSC_", "SyS_", "sys_", "__x64_", "__ia32_", "__arm64_", "____sys_", "___sys_", "__sys_", "__se_", "__se_sys_",
    "__do_sys_", "compat_SYSC_", "compat_SyS_", "ksys_",
  ]

  /// Functions that dispatch work: below them, a stack shows what is being done but not who asked for it.
  static let entryPoints = FramePatternSet([

    "process_one_work", "do_syscall_", "do_fast_syscall_", "sysenter_dispatch", "tracesys_phase2", "el0_svc_handler",
    "invoke_syscall", "ret_fast_syscall", "netif_receive_skb", "do_softirq", "call_timer_fn", "_run_timers",
    "run_timer_softirq", "hrtimer_run", "run_ksoftirqd", "smpboot_thread_fn", "^kthread$", "start_secondary",
    "cpu_startup_entry", "ret_from_fork", "vfs_write", "vfs_read", "vfs_iter_read", "vfs_iter_write", "do_iter_read",
    "do_iter_write", "call_read_iter", "call_write_iter", "new_sync_read", "new_sync_write", "vfs_ioctl", "ksys_ioctl",
    "compat_ioctl", "compat_sys_ioctl", "blkdev_driver_ioctl", "blkdev_ioctl", "^call_mmap", "mmap_region", "do_mmap",
    "do_dentry_open", "vfs_open", "^sock_sendmsg", "^sock_recvmsg", "^sock_release", "^__sock_release",
    "^setsockopt$", "kernel_setsockopt", "sock_common_setsockopt", "^listen$", "kernel_listen", "sk_common_release",
    "^sock_mmap", "^accept$", "kernel_accept", "^sock_do_ioctl", "^sock_ioctl", "^compat_sock_ioctl",
    "^nfnetlink_rcv_msg", "^rtnetlink_rcv_msg", "^netlink_dump", "^socketpair", "^connect", "^ioctl",
    "^sys_socketpair", "^sys_connect", "^sys_ioctl", "__do_fault", "do_page_fault", "^page_fault$", "__fput",
    "task_work_run", "exit_to_usermode", "smp_call_function", "tasklet_action", "tasklet_hi_action",
  ])

  /// Waits that are the same bug wherever they are seen, with the name of that bug. The function's own name is used if
  /// the name is nil.
  static let sharedWaits: [(part: FramePattern, name: String?)] = [
    ("rtnl_lock", nil), ("synchronize_rcu", "synchronize_rcu"), ("synchronize_srcu", "synchronize_rcu"),
    ("synchronize_net", "synchronize_rcu"), ("synchronize_sched", "synchronize_rcu"),
  ]

  /// Functions through which tasks sleep, which do not show why.
  static let sleeping: [FramePattern] = [
    "sched", "_lock", "_slowlock", "down", "rwsem", "completion", "kthread", "wait", "synchronize", "context_switch",
    "__switch_to", "cancel_delayed_work", "rcu_barrier",
  ]

  /// Returns a function's name without the longest of these prefixes that it has.
  static func withoutEntryPrefix(_ function: String) -> String {
    var text = function
    let length = text.withUTF8 { bytes in
      entryBytes.reduce(0) { $1.count > $0 && bytes.has($1, at: 0) ? $1.count : $0 }
    }
    return length == 0 ? function : String(decoding: function.utf8.dropFirst(length), as: UTF8.self)
  }

  private static let entryBytes = entryPrefixes.map { Array($0.utf8) }

  static func isPassedOver(_ function: String, _ more: [FramePattern]) -> Bool {
    var function = function
    return function.withUTF8 { bytes in passedOver.matches(bytes) || more.contains { $0.matches(bytes) } }
  }
}
