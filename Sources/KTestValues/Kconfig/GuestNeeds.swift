/// The symbols that a kernel needs to boot as a guest of ktest, to talk to ktest and to report what went wrong.
///
/// The suite lists everything else that it needs.
package enum GuestNeeds {
  /// The symbols with their reason, in the order of a boot.
  package static let table: [(symbols: [String], reason: String)] = [
    (["64BIT", "SMP"], "guests are x86_64 and have several CPUs"),
    (["HYPERVISOR_GUEST", "PARAVIRT", "KVM_GUEST", "PVH"], "QEMU starts an ELF vmlinux through its PVH entry"),
    (["ACPI", "PCI"], "the machine is a q35, where ACPI describes devices, CPUs and power-off"),
    (["BLK_DEV_INITRD"], "guests are diskless and have only the initramfs"),
    (["PRINTK", "BUG", "DEBUG_BUGVERBOSE"], "a kernel log, with file and line of a BUG or WARN"),
    (["PRINTK_TIME"], "lines without a time stamp come from programs and do not count"),
    (["PRINTK_CALLER"], "interleaved lines of two CPUs can be separated"),
    (["TTY", "SERIAL_8250", "SERIAL_8250_CONSOLE"], "the console is the first serial port"),
    (["VIRTIO_MENU", "VIRTIO_PCI", "VIRTIO_CONSOLE"], "the agent's channel is a virtio port"),
    (["MULTIUSER", "BINFMT_ELF", "BINFMT_SCRIPT"], "programs and scripts run, also as other users"),
    (["DEVTMPFS", "PROC_FS", "SYSFS", "SHMEM", "TMPFS"], "what the agent mounts first"),
    (["DEBUG_KERNEL", "DEBUG_FS"], "tests of memory management use debugfs"),
    (
      ["FUTEX", "EPOLL", "EVENTFD", "SIGNALFD", "TIMERFD", "POSIX_TIMERS", "FILE_LOCKING", "ADVISE_SYSCALLS"],
      "C libraries and Swift's runtime expect these"
    ),
    (["NET", "UNIX", "UNIX98_PTYS", "SYSVIPC", "MEMBARRIER", "AIO"], "test programs expect these"),
    (["CGROUPS", "MEMCG"], "a case with a memory limit runs in a control group"),
    (["MODULES", "MODULE_UNLOAD"], "suites load modules"),
    (["KALLSYMS", "STACKTRACE", "UNWINDER_ORC"], "splats have function names and reliable stacks"),
    (["MAGIC_SYSRQ"], "the state of a hanging guest can be read"),
    (["PVPANIC", "PVPANIC_MMIO"], "a panic is detected at once"),
    (["DETECT_HUNG_TASK"], "a task that hangs is reported"),
  ]

  package static let wishes: [ConfigWish] =
    table.flatMap { row in row.symbols.map { ConfigWish($0, .either, origin: "ktest itself (\(row.reason))") } }
    + [
      // allnoconfig writes 1, which SMP raises only to 2. With MAXSMP the number cannot be chosen and is large enough.
      ConfigWish("NR_CPUS", .text("64"), origin: "ktest itself (guests with many CPUs)", isOptional: true)
    ]
}
