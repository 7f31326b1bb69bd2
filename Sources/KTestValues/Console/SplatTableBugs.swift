/// Rows whose header is `BUG:`.
extension SplatTable {
  static let bugs: [SplatPattern] = [
    SplatPattern(
      header: "BUG:",
      ignored: ["bug: no syscalls can create resource", "xlog_status:"],
      forms: sanitizers + accesses + locking + memory + lockups + [
        SplatForm(header: ["BUG:$"], title: "BUG: corrupted", isTorn: true)
      ])
  ]

  private static let sanitizers: [SplatForm] = [
    SplatForm(
      header: ["BUG: KASAN: <word> in <func>"], title: "KASAN: {1} {access} in {frame}",
      alternatives: ["bad-access in {frame}"], way: [.line(["BUG: KASAN: * in <func>"]), .callTrace, .stack],
      // The path of the tag check itself, on arm64 with hardware tags.
      passOver: ["kernel_fault", "tag_check", "mem_abort", "^el1_", "^el1h_"], needsAccess: true),
    SplatForm(
      header: [
        "BUG: KASAN: double-free or invalid-free in <func>", "BUG: KASAN: double-free in <func>",
        "BUG: KASAN: invalid-free in <func>",
      ],
      title: "KASAN: invalid-free in {frame}", alternatives: ["invalid-free in {frame}"],
      way: [.line(["BUG: KASAN: * in <func>"]), .callTrace, .stack], passOver: ["slab_", "kfree", "vunmap", "vfree"]),
    SplatForm(header: ["BUG: KASAN: <word> on address"], title: "KASAN: {1} {access}", needsAccess: true),
    SplatForm(header: ["BUG: KASAN: <rest>"], title: "KASAN: {1}", isTorn: true),
    SplatForm(
      header: ["BUG: KMSAN: kernel-usb-infoleak in <func>"], title: "KMSAN: kernel-usb-infoleak in {frame}",
      alternatives: ["KMSAN origin in {frame2}"],
      way: [.stack, .line(["Local variable * created at:", "Uninit was created at:"]), .stack],
      passOver: [
        "alloc_skb", "usb_submit_urb", "usb_start_wait_urb", "usb_bulk_msg", "usb_interrupt_msg", "usb_control_msg",
      ], needsStack: false),
    SplatForm(
      header: ["BUG: KMSAN: <word> in <func>"], title: "KMSAN: {1} in {frame}",
      alternatives: ["bad-access in {frame}"],
      way: [.stack, .line(["Local variable * created at:", "Uninit was created at:"]), .stack],
      passOver: [
        "alloc_skb", "netlink_ack", "netlink_rcv_skb", "_encrypt$", "^crypto_", "^cipher_", "^drbg_", "^rng_",
      ], needsStack: false),
    SplatForm(header: ["BUG: KCSAN: <rest>"], title: "KCSAN: {1}", needsStack: false),
    kfence("use-after-free <word> in <func>", "use-after-free {1}", ["bad-access in {frame}"]),
    kfence("out-of-bounds <word> in <func>", "out-of-bounds {1}", ["bad-access in {frame}"]),
    kfence("invalid free in <func>", "invalid free", ["invalid-free in {frame}"]),
    kfence("invalid <word> in <func>", "invalid {1}", ["bad-access in {frame}"]),
    kfence("memory corruption in <func>", "memory corruption", []),
  ]

  private static func kfence(
    _ header: String, _ kind: String, _ alternatives: [String]
  ) -> SplatForm {
    SplatForm(
      header: [TextPattern(stringLiteral: "BUG: KFENCE: " + header)], title: "KFENCE: \(kind) in {frame}",
      alternatives: alternatives, way: [.line(["BUG: KFENCE: * in <func>"]), .stack],
      // Its stacks have no heading.
      needsStack: false)
  }

  private static let accesses: [SplatForm] = [
    SplatForm(
      header: [
        "BUG: unable to handle kernel paging request", "BUG: unable to handle page fault for address",
        "BUG: Unable to handle kernel data access",
      ],
      title: "BUG: unable to handle kernel paging request in {frame}", alternatives: ["bad-access in {frame}"],
      way: oopsWay),
    SplatForm(
      header: [
        "BUG: unable to handle kernel NULL pointer dereference", "BUG: kernel NULL pointer dereference",
        "BUG: Kernel NULL pointer dereference",
      ],
      title: "BUG: unable to handle kernel NULL pointer dereference in {frame}",
      alternatives: ["bad-access in {frame}"], way: oopsWay),
    // Older kernels print this header in two parts; the second may be lost.
    SplatForm(
      header: ["BUG: unable to handle kernel", "BUG: Unable to handle kernel"], title: "BUG: unable to handle kernel",
      isTorn: true),
    SplatForm(
      header: ["BUG: *stack guard page was hit at"], title: "BUG: stack guard page was hit in {frame}",
      alternatives: ["stack-overflow in {frame}"], way: oopsWay, choice: .stall),
  ]

  private static let locking: [SplatForm] = [
    SplatForm(
      header: [
        "BUG: spinlock lockup suspected", "BUG: spinlock already unlocked", "BUG: spinlock recursion",
        "BUG: spinlock cpu recursion", "BUG: spinlock bad magic", "BUG: spinlock wrong owner",
        "BUG: spinlock wrong CPU", "BUG: spinlock trylock failure on UP", "BUG: rwlock lockup suspected",
        "BUG: rwlock already unlocked", "BUG: rwlock recursion", "BUG: rwlock cpu recursion", "BUG: rwlock bad magic",
        "BUG: rwlock wrong owner", "BUG: rwlock wrong CPU", "BUG: rwlock trylock failure on UP",
      ],
      title: "{header} in {frame}", way: traceWay, passOver: ["spin_", "_lock", "_unlock"]),
    SplatForm(
      header: ["BUG: *still has locks held!"], title: "BUG: still has locks held in {1}", body: [">] <func>"]),
    SplatForm(
      header: ["BUG: scheduling while atomic"], title: "BUG: scheduling while atomic in {frame}", way: traceWay,
      passOver: ["schedule"]),
    SplatForm(
      header: ["BUG: lock held when returning to user space"],
      title: "BUG: lock held when returning to user space in {1}",
      body: ["leaving the kernel with locks still held", "at: <pc><func>"], needsStack: false),
    SplatForm(
      header: ["BUG: bad unlock balance detected!"], title: "BUG: bad unlock balance in {frame}",
      way: [.line([">] <func>"]), .callTrace, .stack]),
    SplatForm(header: ["BUG: held lock freed!"], title: "BUG: held lock freed in {1}", body: [">] <func>"]),
    SplatForm(
      header: ["BUG: sleeping function called from invalid context at "],
      title: "BUG: sleeping function called from invalid context in {frame}", way: traceWay),
    SplatForm(
      header: ["BUG: using <word>() in preemptible"], title: "BUG: using {1}() in preemptible code in {frame}",
      way: traceWay,
      passOver: ["dump_stack", "preemption", "preempt", "debug_", "processor_id", "this_cpu"]),
    SplatForm(
      header: ["BUG: workqueue leaked lock or atomic"], title: "BUG: workqueue leaked lock or atomic in {1}",
      body: ["last function: <rest>"], needsStack: false),
    // arm and arm64 have their own text for this; elsewhere it is a WARNING.
    SplatForm(
      header: ["BUG: Invalid wait context"], title: "WARNING: locking bug in {frame}", way: traceWay,
      passOver: ["lock_sock", "release_sock"]),
  ]

  private static let memory: [SplatForm] = [
    SplatForm(header: ["BUG: Bad rss-counter state"], title: "BUG: Bad rss-counter state", needsStack: false),
    SplatForm(
      header: ["BUG: non-zero nr_ptes on freeing mm"], title: "BUG: non-zero nr_ptes on freeing mm", needsStack: false),
    SplatForm(
      header: ["BUG: non-zero nr_pmds on freeing mm"], title: "BUG: non-zero nr_pmds on freeing mm", needsStack: false),
    SplatForm(
      header: ["BUG: Dentry * still in use (<n>) [<word> of <text>]"], title: "BUG: Dentry still in use in {1}",
      alternatives: ["BUG: Dentry still in use [{1} of {2}]"]),
    badPage("state"), badPage("cache"),
    SplatForm(header: ["BUG: Bad page map"], title: "BUG: Bad page map"),
    SplatForm(
      header: ["BUG: memory leak"], title: "memory leak in {frame}",
      way: [.line(["backtrace:", "backtrace (crc "]), .stack],
      passOver: [
        "kmemleak", "mmap", "kmem", "slab", "alloc", "create_object", "idr_get", "list_lru_init", "kasprintf",
        "kvasprintf", "pcpu_create", "strdup", "strndup", "memdup",
      ]),
  ]

  private static func badPage(_ kind: String) -> SplatForm {
    SplatForm(
      header: [TextPattern(stringLiteral: "BUG: Bad page " + kind)], title: "BUG: Bad page \(kind) in {frame}",
      // The allocator of the page is more relevant than the code that found it.
      way: [.line(["page last allocated"]), .stack],
      passOver: [
        "free_page", "put_page", "get_page", "update_page", "release_page", "free_unref", "^folio", "^_folio",
        "^__folio", "truncate_inode_pages", "page_frag_free", "alloc", "vmap", "page_owner",
      ])
  }

  private static let lockups: [SplatForm] = [
    SplatForm(
      header: ["BUG: soft lockup"], title: "BUG: soft lockup in {frame}", alternatives: ["stall in {frame}"],
      way: oopsWay, choice: .stall),
    SplatForm(header: ["BUG: workqueue lockup"], title: "BUG: workqueue lockup", needsStack: false),
  ]
}
