/// Rows whose header is `Kernel panic`.
extension SplatTable {
  package static let panics: [SplatPattern] = [
    SplatPattern(
      header: "Kernel panic", goesOn: true,
      forms: [
        SplatForm(
          header: ["Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: <func>"],
          title: "kernel panic: stack is corrupted in {1}", needsStack: false),
        SplatForm(
          header: ["Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: "],
          title: "kernel panic: stack is corrupted in {frame}", way: traceWay, passOver: ["stack_chk"]),
        SplatForm(
          header: ["Kernel panic - not syncing: corrupted stack end"],
          title: "kernel panic: corrupted stack end in {frame}", alternatives: ["stack-overflow in {frame}"],
          way: traceWay, passOver: ["schedule", "retint_kernel"], choice: .stall),
        SplatForm(
          header: ["Kernel panic - not syncing: kernel stack overflow"], title: "kernel stack overflow in {frame}",
          alternatives: ["stack-overflow in {frame}"], way: traceWay, passOver: ["bad_stack"], choice: .stall),
        SplatForm(
          header: ["Kernel panic - not syncing: Attempted to kill init!"],
          title: "kernel panic: Attempted to kill init!"),
        SplatForm(
          header: ["Kernel panic - not syncing: Couldn't open N_TTY ldisc for "],
          title: "kernel panic: Couldn't open N_TTY ldisc"),
        // These end another splat; if one begins with them, its head was lost.
        torn("Fatal exception"), torn("panic_on_warn set"), torn("hung_task: blocked tasks"),
        SplatForm(
          header: [
            "Kernel panic - not syncing: Out of memory", "Kernel panic - not syncing: System is deadlocked on memory",
          ],
          title: "kernel panic: Out of memory", isSuppressed: true),
        SplatForm(header: ["Kernel panic - not syncing: <rest>"], title: "kernel panic: {1}"),
      ])
  ]

  private static func torn(_ reason: String) -> SplatForm {
    SplatForm(
      header: [TextPattern(stringLiteral: "Kernel panic - not syncing: " + reason)], title: "kernel panic: " + reason,
      isTorn: true)
  }
}
