/// Rows whose header is `WARNING:` or `INFO:`.
extension SplatTable {
  static let warnings: [SplatPattern] = [
    SplatPattern(
      header: "WARNING:",
      ignored: [
        "warning: /etc/ssh/moduli does not exist", "warning: workqueue cpumask: online intersect > possible intersect",
        "warning: the mand mount option", "warning: unsupported flag value", "warning: unprivileged ebpf is enabled",
        "warning: fbcon: driver '", "warning: see https", "warning: kernel not compiled with",
        "warning: *uses deprecated v2 capabilities", "warning: *uses wireless extensions", "ext4-fs:", "ext4-fs (*):",
        "xfs (*): warning",
      ],
      forms: places + lockdep)
  ]

  private static func place(_ header: [TextPattern], _ title: String, _ passOver: [FramePattern] = []) -> SplatForm {
    SplatForm(
      header: header, title: title,
      // If WARN is a trap, the stack begins at the trapped instruction, otherwise at the call trace.
      way: [.trap, .stack], otherWay: traceWay, passOver: passOver)
  }

  private static let places: [SplatForm] = [
    place(
      [
        "WARNING: *lib/debugobjects.c* debug_print", "WARNING: *lib/debugobjects.c* debug_check",
        "WARNING: *lib/debugobjects.c* at",
      ],
      "WARNING: ODEBUG bug in {frame}",
      [
        "debug_", "rcu", "hrtimer_", "timer_", "work_", "percpu_", "vunmap", "vfree", "__free_", "debug_check",
        "kobject_",
      ]),
    place(
      ["WARNING: *mm/usercopy.c* usercopy_warn", "WARNING: *mm/usercopy.c* at"], "WARNING: bad usercopy in {frame}",
      ["usercopy", "__check"]),
    place(
      ["WARNING: *lib/kobject.c* kobject_", "WARNING: *lib/kobject.c* at"], "WARNING: kobject bug in {frame}",
      ["kobject_"]),
    place(
      ["WARNING: *fs/proc/generic.c* proc_register", "WARNING: *fs/proc/generic.c* at"],
      "WARNING: proc registration bug in {frame}", ["proc_"]),
    place(
      ["WARNING: *lib/refcount.c* refcount_", "WARNING: *lib/refcount.c* at"], "WARNING: refcount bug in {frame}",
      ["refcount", "kobject_"]),
    place(
      ["WARNING: *kernel/locking/lockdep.c*lock_"], "WARNING: locking bug in {frame}", ["lock_sock", "release_sock"]),
    SplatForm(
      header: ["WARNING: *still has locks held!"], title: "WARNING: still has locks held in {1}", body: ["at: <func>"]),
    place(["WARNING: Nested lock was not taken"], "WARNING: nested lock was not taken in {frame}"),
    SplatForm(
      header: ["WARNING: lock held when returning to user space"],
      title: "WARNING: lock held when returning to user space in {1}",
      body: ["leaving the kernel with locks still held", "at: <pc><func>"], needsStack: false),
    place(
      [
        "WARNING: *mm/*.c* kmalloc", "WARNING: *mm/*.c* kvmalloc", "WARNING: *mm/*.c* malloc",
        "WARNING: *mm/*.c* __kmalloc",
      ],
      "WARNING: kmalloc bug in {frame}", ["kmalloc", "krealloc", "slab", "kmem"]),
    place(["WARNING: *mm/vmalloc.c*__vmalloc_node"], "WARNING: zero-size vmalloc in {frame}"),
    place(
      ["WARNING: * usb_submit_urb"], "WARNING in {frame}/usb_submit_urb",
      ["usb_submit_urb", "usb_start_wait_urb", "usb_bulk_msg", "usb_interrupt_msg", "usb_control_msg"]),
    place(
      [
        "WARNING: <src> at 0x", "WARNING: * at <src> <func>", "WARNING: <src> at <func>",
        "WARNING: [*] <src> at <func>",
        // Without CONFIG_DEBUG_BUGVERBOSE, up to 6.18 and after it.
        "WARNING: CPU: <n> PID: <n> at <func>", "WARNING: at <func>",
      ],
      "WARNING in {frame}"),
  ]

  private static let lockdep: [SplatForm] = [
    SplatForm(
      header: ["WARNING: possible circular locking dependency detected"], title: "possible deadlock in {frame}",
      way: [.line(["at: <pc><func>"]), .line(["at: <pc><func>"]), .stack],
      // Work items have their own locks; the work deadlocks, not the queue.
      passOver: ["process_one_work", "flush_workqueue", "drain_workqueue", "destroy_workqueue"],
      body: ["is trying to acquire lock"]),
    SplatForm(
      header: ["WARNING: possible irq lock inversion dependency detected"], title: "possible deadlock in {1}",
      body: ["just changed the state of lock", "at: <pc><func>"]),
    SplatForm(
      header: ["WARNING: *-safe -> *-unsafe lock order detected"], title: "possible deadlock in {frame}",
      way: [.line(["which became *at:"]), .stack]),
    SplatForm(
      header: ["WARNING: possible recursive locking detected"], title: "possible deadlock in {1}",
      body: ["is trying to acquire lock", "at: <pc><func>"]),
    SplatForm(
      header: ["WARNING: inconsistent lock state"], title: "inconsistent lock state in {frame}", way: traceWay,
      body: ["takes", "at: <pc><func>"]),
    SplatForm(
      header: ["WARNING: suspicious RCU usage"], title: "WARNING: suspicious RCU usage in {frame}", way: traceWay,
      passOver: ["rcu", "kmem", "slab"], body: ["<src>"]),
    SplatForm(
      header: ["WARNING: kernel stack regs at <hex> in * has bad '<text>' value"],
      title: "WARNING: kernel stack regs has bad '{1}' value",
      alternatives: ["WARNING: kernel stack regs has bad value"],
      needsStack: false),
    SplatForm(
      header: ["WARNING: kernel stack frame pointer at <hex> in * has bad value"],
      title: "WARNING: kernel stack frame pointer has bad value",
      alternatives: ["WARNING: kernel stack regs has bad value"], needsStack: false),
    SplatForm(
      header: ["WARNING: bad unlock balance detected!"], title: "WARNING: bad unlock balance in {frame}",
      way: [.line([">] <func>"]), .callTrace, .stack]),
    SplatForm(
      header: ["WARNING: held lock freed!"], title: "WARNING: held lock freed in {1}", body: ["at: <pc><func>"]),
    SplatForm(
      header: [
        "WARNING: kernel stack regs * has bad 'bp' value", "WARNING: kernel stack frame pointer * has bad value",
      ],
      title: "WARNING: kernel stack regs has bad value", needsStack: false),
    SplatForm(header: ["WARNING:$"], title: "WARNING: corrupted", isTorn: true),
  ]

  static let infos: [SplatPattern] = [
    SplatPattern(
      header: "INFO:",
      ignored: [
        "info: lockdep is turned off", "info: stall ended before state dump start", "info: nmi handler",
        "info: recovery required on readonly filesystem", "handler*took too long", "interrupt*took too long",
      ],
      onlyForms: true, forms: oldLockdep + hangs)
  ]

  private static let oldLockdep: [SplatForm] = [
    SplatForm(
      header: ["INFO: possible circular locking dependency detected", "INFO: possible recursive locking detected"],
      title: "possible deadlock in {1}", body: ["is trying to acquire lock", "at: <pc><func>"]),
    SplatForm(
      header: ["INFO: possible irq lock inversion dependency detected"], title: "possible deadlock in {1}",
      body: ["just changed the state of lock", "at: <pc><func>"]),
    SplatForm(
      header: ["INFO: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected"], title: "possible deadlock in {1}",
      body: ["is trying to acquire", "at: <pc><func>"]),
    SplatForm(
      header: ["INFO: inconsistent lock state"], title: "inconsistent lock state in {1}",
      body: ["takes", "at: <pc><func>"]),
    SplatForm(
      header: ["INFO: trying to register non-static key"], title: "INFO: trying to register non-static key in {frame}",
      way: traceWay, passOver: ["stack", "lock", "IRQ"]),
    SplatForm(
      header: ["INFO: suspicious RCU usage"], title: "INFO: suspicious RCU usage in {frame}", way: traceWay,
      passOver: ["rcu", "kmem", "slab"], body: ["<src>"]),
  ]

  private static let interrupted: [TextPattern] = ["apic_timer_interrupt", "Exception stack", "el1h_64_irq"]

  private static let hangs: [SplatForm] = [
    SplatForm(
      header: [
        "INFO: rcu_* detected*stall", "INFO: rcu_* self-detected*stall",
      ],
      title: "INFO: rcu detected stall in {frame}", alternatives: ["stall in {frame}"],
      way: [.line(["apic_timer_interrupt"]), .instructionPointer, .stack], otherWay: [.line(interrupted), .stack],
      passOver: ["apic_timer_interrupt", "rcu"], choice: .stall),
    SplatForm(
      header: [
        "INFO: task * blocked for more than <n> seconds", "INFO: task * blocked in I/O wait for more than <n> seconds",
      ],
      title: "INFO: task hung in {frame}", alternatives: ["hang in {frame}"], way: traceWay, choice: .hang),
    SplatForm(
      header: ["INFO: task * can't die for more than * seconds"], title: "INFO: task can't die in {frame}",
      alternatives: ["hang in {frame}"], way: traceWay, passOver: ["schedule"]),
    SplatForm(header: ["INFO: Freed in <rest>"], title: "INFO: Freed in {1}", isTorn: true),
    SplatForm(header: ["INFO: Allocated in <rest>"], title: "INFO: Allocated in {1}", isTorn: true),
    SplatForm(header: ["INFO:$"], title: "INFO: corrupted", isTorn: true),
  ]
}
