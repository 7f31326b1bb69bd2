/// The tasks and processors that a kernel lists on the magic SysRq keys `w`, `t` and `l`, or on an NMI
/// (kernel/sched/core.c, `sched_show_task`; lib/nmi_backtrace.c).
package struct TaskDump: Sendable, Equatable {
  /// One listed task.
  package struct Task: Sendable, Equatable {
    package var name: String
    /// The state as in proc(5): R, S, D, T, Z, I.
    package var state: Character
    package var pid: Int
    /// Whether it is a thread of the kernel.
    package var isKernelThread: Bool
    /// The functions from the innermost outwards; empty for a running task.
    package var frames: [String]
  }

  /// The tasks in the order in which they were first listed.
  package private(set) var tasks: [Task] = []
  /// The innermost function of each processor, or `user space` if it ran a program.
  package private(set) var processors: [String] = []
  /// Whether the kernel said that it handles a SysRq key.
  package private(set) var isAnswered = false

  private var current: Int?
  private var awaitsPlace = false
  private var isInStack = false
  private var wasInterrupted = false

  /// The maximum number of tasks that are kept.
  static let limit = 4096
  private static let framesKept = 24
  /// kthreadd, the parent of all kernel threads. The listed flags belong to the thread, not the task.
  private static let threadParent = 2
  /// The entry points of interrupts (arch/x86/include/asm/idtentry.h).
  private static let interrupts = [" asm_common_interrupt+", " asm_sysvec_", " asm_exc_nmi+", " end_repeat_nmi+"]

  package init() {}

  /// Processes a line of the kernel log, without its prefix.
  package mutating func push(_ text: String) {
    if text.hasPrefix("task:") { return begin(text) }
    if text.hasPrefix("sysrq: ") {
      isAnswered = true
      return close()
    }
    if text.hasPrefix("NMI backtrace for cpu ") || text.hasPrefix("Kernel panic - not syncing: NMI") {
      close()
      awaitsPlace = !text.contains(" skipped: ")
      return
    }
    if awaitsPlace { return place(text) }
    guard let current, tasks[current].frames.count < TaskDump.framesKept else { return }
    if text.hasPrefix("RIP: ") { return close() }
    for frame in StackFrame.read(Array(text.utf8)) { tasks[current].frames.append(frame.function) }
  }

  private mutating func close() {
    current = nil
    awaitsPlace = false
    isInStack = false
    wasInterrupted = false
  }

  /// Parses `RIP: 0010:foo+0x1/0x2` (kernel mode) or `RIP: 0033:0x7f12` (a program). It comes before the stack, or
  /// inside it after the interrupt that made the processor print its position. Without it, the stack is that of the
  /// requester.
  private mutating func place(_ text: String) {
    if text.hasPrefix("CPU: "), text.contains(" Comm: swapper/") { return close() }
    if text.hasPrefix("Call Trace:") { isInStack = true }
    if TaskDump.interrupts.contains(where: { text.hasPrefix($0) }) { wasInterrupted = true }
    guard text.hasPrefix("RIP: ") else { return }
    guard !isInStack || wasInterrupted else { return close() }
    let place = text.dropFirst(10)
    let function = place.prefix { $0 != "+" && $0 != " " }
    processors.append(place.hasPrefix("0x") ? "user space" : String(function))
    close()
  }

  /// Parses `task:kworker/0:1     state:D stack:0     pid:12    tgid:12    ppid:2      flags:0x00004000`; before 6.4
  /// with `running task` and without `tgid`.
  private mutating func begin(_ text: String) {
    close()
    guard let mark = text.firstRange(of: " state:"), mark.lowerBound >= text.index(text.startIndex, offsetBy: 5) else {
      return
    }
    let name = text[text.index(text.startIndex, offsetBy: 5)..<mark.lowerBound]
    let rest = text[mark.upperBound...]
    guard let state = rest.first, let pid = TaskDump.number(after: "pid:", in: rest) else { return }
    let parent = TaskDump.number(after: "ppid:", in: rest)
    if let known = tasks.firstIndex(where: { $0.pid == pid }) {
      // Another key listed the task again: a known stack is not added twice.
      if tasks[known].frames.isEmpty { current = known }
      return
    }
    guard tasks.count < TaskDump.limit else { return }
    current = tasks.count
    tasks.append(
      Task(
        name: String(name.reversed().drop { $0 == " " }.reversed()), state: state, pid: pid,
        isKernelThread: [pid, parent].contains(TaskDump.threadParent), frames: []))
  }

  private static func number(after word: String, in text: Substring) -> Int? {
    guard let found = text.firstRange(of: " " + word) else { return nil }
    return Int(text[found.upperBound...].drop { $0 == " " }.prefix { $0.isNumber })
  }
}

extension TaskDump {
  private static let named = 3
  /// Functions that give up the processor, which are in the stack of every sleeper.
  private static let schedulers: [FramePattern] = [
    "^__schedule$", "^schedule", "^io_schedule", "^preempt_schedule", "^context_switch$", "^__switch_to",
  ]

  /// A one-line summary of what hangs: uninterruptible tasks, else those of programs except the first process, and the
  /// functions of the processors. It is nil if nothing was listed.
  package var summary: String? {
    var parts: [String] = []
    let blocked = tasks.filter { $0.state == "D" }
    if !blocked.isEmpty { parts.append(TaskDump.list(blocked, "in D state")) }
    let programs = tasks.filter { !$0.isKernelThread && $0.pid != 1 && $0.state != "D" && $0.state != "Z" }
    let asleep = programs.filter { $0.state != "R" }
    if !asleep.isEmpty { parts.append(TaskDump.list(asleep, "asleep")) }
    let running = programs.filter { $0.state == "R" }
    if !running.isEmpty { parts.append(TaskDump.list(running, "running")) }
    var places: [String] = []
    for place in processors where !places.contains(place) { places.append(place) }
    if !places.isEmpty { parts.append("a processor in \(places.prefix(TaskDump.named).joined(separator: ", "))") }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private static func list(_ tasks: [Task], _ state: String) -> String {
    let names = tasks.prefix(named).map { task in
      "\(task.name) (\(task.pid))" + (telling(task.frames).map { " in \($0)" } ?? "")
    }
    let more = tasks.count > named ? " and \(tasks.count - named) more" : ""
    return "\(tasks.count) \(tasks.count == 1 ? "task" : "tasks") \(state): \(names.joined(separator: ", "))\(more)"
  }

  /// Returns the innermost function that shows what the task waits for, as in the title of a hung task; if there is
  /// none, the innermost except for the scheduler's.
  static func telling(_ frames: [String]) -> String? {
    let own = frames.prefix { !$0.hasPrefix("do_syscall_") && !$0.hasPrefix("entry_SYSCALL") }
    return own.first { !FrameTable.isPassedOver($0, FrameTable.sleeping) }
      ?? own.first { frame in !schedulers.contains { $0.matches(Array(frame.utf8)) } } ?? own.first
  }
}
