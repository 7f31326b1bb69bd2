/// All reports that kernels print when something is wrong, as rows; the first row whose header is in a line gives its
/// kind.
///
/// The names follow syzkaller's, which people use to search mail archives.
package enum SplatTable {
  package static let rows: [SplatPattern] = bugs + warnings + infos + faults + panics + others

  package static let oopsWay: [SplatStep] = [.instructionPointer, .callTrace, .stack]
  package static let traceWay: [SplatStep] = [.callTrace, .stack]

  package static let faults: [SplatPattern] = [
    SplatPattern(
      header: "Unable to handle kernel", onlyForms: true,
      forms: [
        access("paging request"), access("NULL pointer dereference"), access("access to user memory"),
        // s390 does not print whether the pointer was null.
        SplatForm(
          header: ["Unable to handle kernel pointer dereference"],
          title: "BUG: unable to handle kernel paging request in {frame}", alternatives: ["bad-access in {frame}"],
          way: oopsWay),
      ]),
    SplatPattern(
      header: "general protection fault",
      // A fault of a program, which the kernel logs with its instruction pointer and binary.
      ignored: ["general protection fault * error:<n> in "], onlyForms: true,
      forms: [
        SplatForm(
          header: ["general protection fault*:"], title: "general protection fault in {frame}",
          alternatives: ["bad-access in {frame}"], way: oopsWay)
      ]),
    SplatPattern(
      header: "stack segment: ",
      forms: [SplatForm(header: ["stack segment: "], title: "stack segment fault in {frame}", way: oopsWay)]),
    SplatPattern(
      header: "PANIC: double fault", goesOn: true,
      forms: [
        SplatForm(
          header: ["PANIC: double fault"], title: "PANIC: double fault in {frame}", way: [.instructionPointer])
      ]),
    SplatPattern(
      header: "kernel BUG",
      forms: [
        SplatForm(
          header: ["kernel BUG at mm/usercopy.c"], title: "BUG: bad usercopy in {frame}", way: traceWay,
          passOver: ["usercopy", "__check"]),
        SplatForm(
          header: ["kernel BUG at lib/list_debug.c"], title: "BUG: corrupted list in {frame}",
          alternatives: ["bad-access in {frame}"], way: traceWay),
        SplatForm(
          header: ["kernel BUG at "], title: "kernel BUG in {frame}", way: oopsWay,
          // The checks of socket buffers are in their accessors; the caller is at fault.
          passOver: ["^skb_"]),
      ]),
    SplatPattern(
      header: "Kernel BUG",
      forms: [
        // Without CONFIG_DEBUG_BUGVERBOSE. Kernels newer than 6.18 write it like the one with a source line.
        SplatForm(header: ["Kernel BUG at <func>"], title: "kernel BUG in {frame}", way: oopsWay, passOver: ["^skb_"]),
        SplatForm(header: ["Kernel BUG <rest>"], title: "kernel BUG {1}"),
      ]),
    trap("divide error:", "divide error"),
    trap("divide_error:", "divide error"),
    SplatPattern(
      header: "invalid opcode:", goesOn: true,
      forms: [SplatForm(header: ["invalid opcode: "], title: "invalid opcode in {frame}", way: [.instructionPointer])]),
    SplatPattern(
      header: "int3:", forms: [SplatForm(header: ["int3: "], title: "int3 in {frame}", way: oopsWay)]),
    SplatPattern(
      header: "Internal error:", goesOn: true,
      forms: [
        SplatForm(
          header: ["Internal error:"], title: "Internal error in {frame}", alternatives: ["bad-access in {frame}"],
          way: oopsWay)
      ]),
    SplatPattern(
      header: "Unhandled fault:",
      forms: [
        SplatForm(
          header: ["Unhandled fault:"], title: "Unhandled fault in {frame}", alternatives: ["bad-access in {frame}"],
          way: oopsWay)
      ]),
    SplatPattern(
      header: "Alignment trap:",
      forms: [SplatForm(header: ["Alignment trap:"], title: "Alignment trap in {frame}", way: oopsWay)]),
    SplatPattern(
      header: "rust_kernel: panicked",
      forms: [
        SplatForm(
          header: ["rust_kernel: panicked"], title: "{1} in {frame}", way: traceWay,
          passOver: ["__rustc::rust_begin_unwind"], body: ["^<rest>"])
      ]),
  ]

  private static func access(_ kind: String) -> SplatForm {
    SplatForm(
      header: [TextPattern(stringLiteral: "Unable to handle kernel " + kind)],
      title: "BUG: unable to handle kernel \(kind) in {frame}", alternatives: ["bad-access in {frame}"], way: oopsWay)
  }

  private static func trap(_ header: String, _ name: String) -> SplatPattern {
    SplatPattern(
      header: header,
      forms: [
        SplatForm(
          header: [TextPattern(stringLiteral: header)], title: name + " in {frame}", way: [.instructionPointer])
      ])
  }

  package static let others: [SplatPattern] = [
    // Slab caches print their name and then what happened to an object.
    SplatPattern(
      header: "BUG ",
      // Old KASAN versions announce a report in SLUB's name.
      ignored: ["kasan: bad access detected"],
      // Newer kernels (6.18 has it, 6.12 does not) bring the stack trace by a WARN.
      brings: ["^WARNING: mm/slub.c:", "^WARNING: *[*] mm/slub.c:", "^WARNING: CPU: <n> PID: <n> at mm/slub.c:"],
      onlyForms: true,
      forms: [SplatForm(header: ["^BUG * (*tainted*): <some>", "^BUG * (*Tainted*): <some>"], title: "BUG: {1}")]),
    SplatPattern(
      header: "Watchdog detected hard LOCKUP", goesOn: true,
      forms: [
        SplatForm(
          header: ["hard LOCKUP"], title: "BUG: hard lockup in {frame}", alternatives: ["stall in {frame}"],
          way: oopsWay, choice: .stall)
      ]),
    SplatPattern(
      header: "page allocation failure: order:", goesOn: true,
      forms: [
        SplatForm(
          header: ["page allocation failure"], title: "page allocation failure in {frame}", way: traceWay,
          passOver: ["alloc_folio"], isSuppressed: true)
      ]),
    // An allocation that takes ten seconds, in kernels newer than 6.18.
    SplatPattern(
      header: "page allocation stall for ", goesOn: true,
      forms: [
        SplatForm(
          header: ["page allocation stall for "], title: "page allocation stall in {frame}", way: traceWay,
          passOver: ["check_alloc_stall", "alloc_folio"], isSuppressed: true)
      ]),
    SplatPattern(
      header: "new suspicious memory leaks", goesOn: true,
      forms: [
        SplatForm(
          header: ["new suspicious memory leaks"], title: "kmemleak: new suspicious memory leaks", needsStack: false)
      ]),
    SplatPattern(
      header: "Oops - ", goesOn: true, onlyForms: true,
      forms: [
        SplatForm(
          header: ["Oops - <text> ["], title: "Oops: {1} in {frame}", alternatives: ["bad-access in {frame}"],
          way: oopsWay)
      ]),
    SplatPattern(
      header: "UBSAN:",
      forms: [
        SplatForm(
          header: ["UBSAN: Undefined behaviour in"], title: "UBSAN: undefined-behaviour in {frame}", way: traceWay,
          passOver: ["ubsan", "overflow"]),
        SplatForm(
          header: ["UBSAN: array-index-out-of-bounds in"], title: "UBSAN: array-index-out-of-bounds in {frame}",
          alternatives: ["bad-access in {frame}"], way: traceWay, passOver: ["ubsan", "overflow"]),
        SplatForm(
          header: ["UBSAN: <text> in"], title: "UBSAN: {1} in {frame}", way: traceWay,
          passOver: ["ubsan", "overflow"]),
      ]),
    SplatPattern(
      header: "Booting the kernel.",
      ignored: ["parsing elf", "decompressing linux", "unknown parameter '"], onlyForms: true, isUnstamped: true,
      needsBoot: true,
      forms: [
        SplatForm(header: ["^Booting the kernel."], title: "unexpected kernel reboot", needsStack: false)
      ]),
    SplatPattern(
      header: "unregister_netdevice: waiting for", goesOn: true, onlyForms: true,
      forms: [
        SplatForm(
          header: ["unregister_netdevice: waiting for * to become free"],
          title: "unregister_netdevice: waiting for DEV to become free", needsStack: false)
      ]),
    SplatPattern(
      header: "VFS: Close: file count is 0",
      forms: [
        SplatForm(
          header: ["VFS: Close"], title: "VFS: Close: file count is zero (use-after-free)", needsStack: false)
      ]),
    SplatPattern(
      header: "VFS: Busy inodes after unmount",
      forms: [
        SplatForm(header: ["VFS: Busy"], title: "VFS: Busy inodes after unmount (use-after-free)", needsStack: false)
      ]),
    SplatPattern(
      header: "trusty: panic",
      forms: [
        SplatForm(
          header: [
            "trusty: panic (*): ASSERT FAILED at (*): <some>", "trusty: panic (*): DEBUG ASSERT FAILED at (*): <some>",
          ],
          title: "trusty: ASSERT FAILED: {1}", needsStack: false),
        SplatForm(
          header: ["trusty: panic* ASSERT FAILED*: <rest>", "trusty: panic* ASSERT FAILED*:<rest>"],
          title: "trusty: ASSERT FAILED: {1}", isTorn: true),
        SplatForm(header: ["trusty: panic (*): <some>"], title: "trusty: panic: {1}", needsStack: false),
      ]),
    // The fuzzer's own failures in its logs.
    SplatPattern(
      header: "SYZFAIL:", isUnstamped: true,
      forms: [SplatForm(header: ["SYZFAIL:<rest>"], title: "SYZFAIL:{1}", needsStack: false)]),
    SplatPattern(
      header: "SYZFATAL:", isUnstamped: true,
      forms: [
        SplatForm(header: ["SYZFATAL:<rest>"], title: "SYZFATAL:{1}", alternatives: ["SYZFATAL"], needsStack: false)
      ]),
  ]
}
