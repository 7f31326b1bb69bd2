import Testing

@testable import KTestValues

@Suite("Lists of tasks")
struct TaskDumpTests {
  private func dump(_ text: String) -> TaskDump {
    var dump = TaskDump()
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { dump.push(String(line)) }
    return dump
  }

  /// A 6.12 kernel's `w` and `t`, shortened.
  private static let current = """
    sysrq: Show Blocked State
    task:vfork-parent    state:D stack:0     pid:57    tgid:57    ppid:1      flags:0x00004002
    Call Trace:
     <TASK>
     __schedule+0x2c5/0xb50
     ? finish_task_switch.isra.0+0x8f/0x2b0
     schedule+0x27/0xf0
     wait_for_vfork_done+0x38/0x60
     kernel_clone+0x1b8/0x3d0
     __do_sys_vfork+0x4b/0x70
     do_syscall_64+0x82/0x190
     entry_SYSCALL_64_after_hwframe+0x76/0x7e
    RIP: 0033:0x43a12f
     kept_out_of_it+0x1/0x2
    sysrq: Show State
    task:init            state:S stack:0     pid:1     tgid:1     ppid:0      flags:0x00000002
    Call Trace:
     do_poll.constprop.0+0x27e/0x390
    task:kworker/0:1     state:I stack:0     pid:11    tgid:11    ppid:2      flags:0x00004000
    Call Trace:
     worker_thread+0xb7/0x330
    task:vfork-parent    state:D stack:0     pid:57    tgid:57    ppid:1      flags:0x00004002
    Call Trace:
     __schedule+0x2c5/0xb50
    task:holds a lock    state:S stack:0     pid:58    tgid:58    ppid:57     flags:0x00000002
    Call Trace:
     __schedule+0x2c5/0xb50
     schedule+0x27/0xf0
     futex_wait_queue+0x63/0x90
     __futex_wait+0x14b/0x1c0
     do_futex+0xcb/0x190
     __x64_sys_futex+0x11e/0x1d0
     do_syscall_64+0x82/0x190
    task:computes        state:R  running task     stack:0     pid:59    tgid:59    ppid:57     flags:0x00000000
    """

  @Test("tasks with their state, number and stack; a task listed twice is one")
  func tasks() {
    let dump = dump(Self.current)
    #expect(dump.isAnswered)
    #expect(dump.tasks.map(\.name) == ["vfork-parent", "init", "kworker/0:1", "holds a lock", "computes"])
    #expect(dump.tasks.map(\.state) == ["D", "S", "I", "S", "R"] && dump.tasks.map(\.pid) == [57, 1, 11, 58, 59])
    #expect(dump.tasks.map(\.isKernelThread) == [false, false, true, false, false])
    #expect(
      dump.tasks[0].frames == [
        "__schedule", "schedule", "wait_for_vfork_done", "kernel_clone", "__do_sys_vfork", "do_syscall_64",
        "entry_SYSCALL_64_after_hwframe",
      ], "what the unwinder is not sure of is left out, and so is what comes behind the stack")
    #expect(
      dump.summary
        == "1 task in D state: vfork-parent (57) in kernel_clone; 1 task asleep: holds a lock (58) in do_futex; "
        + "1 task running: computes (59)")
  }

  @Test("kernels before 6.4 have other columns")
  func older() {
    let dump = dump(
      """
      task:jbd2/vda-8      state:D stack:    0 pid:  171 ppid:     2 flags:0x00004000
      Call Trace:
       __schedule+0x351/0xa20
       schedule+0x5d/0xe0
       io_schedule+0x42/0x70
       folio_wait_bit_common+0x13d/0x350
      task:spin            state:R  running task     stack:    0 pid:  172 ppid:     1 flags:0x00000000
      """)
    #expect(dump.tasks.map(\.pid) == [171, 172] && dump.tasks.map(\.isKernelThread) == [true, false])
    #expect(
      dump.summary == "1 task in D state: jbd2/vda-8 (171) in folio_wait_bit_common; 1 task running: spin (172)")
  }

  @Test("processors: where each is, but for idle ones and the one that does the asking")
  func processors() {
    let dump = dump(
      """
      sysrq: Show backtrace of all active CPUs
      NMI backtrace for cpu 0
      CPU: 0 UID: 0 PID: 1 Comm: init Not tainted 6.12.0 #1
      Call Trace:
       nmi_cpu_backtrace.cold+0x32/0x6a
       sysrq_handle_showallcpus+0x1/0x2
      RIP: 0033:0x43a12f
      NMI backtrace for cpu 1
      CPU: 1 UID: 0 PID: 71 Comm: x Not tainted 6.12.0 #1
      RIP: 0010:lkdtm_SPINLOCKUP+0x5/0x10
      Call Trace:
       lkdtm_do_action+0x18/0x30
      NMI backtrace for cpu 2 skipped: idling at intel_idle+0x62/0xb0
      RIP: 0010:nobody+0x1/0x2
      NMI backtrace for cpu 4
      CPU: 4 UID: 0 PID: 0 Comm: swapper/4 Not tainted 6.12.0 #1
      RIP: 0010:pv_native_safe_halt+0x17/0x20
      NMI backtrace for cpu 3
      RIP: 0033:0x4016c3
      """)
    #expect(dump.processors == ["lkdtm_SPINLOCKUP", "user space"])
    #expect(dump.summary == "a processor in lkdtm_SPINLOCKUP, user space")
  }

  @Test("a processor that is asked by its serial line's interrupt was where that struck")
  func interrupted() {
    let dump = dump(
      """
      NMI backtrace for cpu 0
      CPU: 0 UID: 0 PID: 50 Comm: computes Not tainted 6.12.117 #1
      Call Trace:
       <IRQ>
       nmi_trigger_cpumask_backtrace+0xb2/0xc0
       __handle_sysrq+0x98/0x180
       serial8250_interrupt+0x4a/0x90
       asm_common_interrupt+0x26/0x40
      RIP: 0010:lkdtm_SOFTLOCKUP+0x5/0x10
      RSP: 002b:00007ffc6e561070 EFLAGS: 00000202
      RIP: 0033:0x4016c3
      """)
    #expect(dump.processors == ["lkdtm_SOFTLOCKUP"])
  }

  @Test("a panic by NMI says where it struck inside of its stack")
  func panic() {
    let dump = dump(
      """
      Kernel panic - not syncing: NMI: Not continuing
      CPU: 0 UID: 0 PID: 50 Comm: selftest Not tainted 6.12.117 #1
      Call Trace:
       <NMI>
       panic+0x2da/0x2f0
       asm_exc_nmi+0x74/0xbd
      RIP: 0010:lkdtm_HARDLOCKUP+0x5/0x10
       </NMI>
      RIP: 0033:0x4016c3
      """)
    #expect(dump.processors == ["lkdtm_HARDLOCKUP"] && !dump.isAnswered)
  }

  @Test(
    "what only looks like a list is none",
    arguments: [
      "", "task:", "task: state:", "task:x state:", "task:x state:D", "task:x state:D pid:", "task: state:D pid:x",
      "task:x state:D pid:99999999999999999999999", "RIP: ", "NMI backtrace for cpu ", " state:D pid:4",
    ])
  func rubbish(_ text: String) { #expect(dump(text + "\n" + text + "\nRIP: \n foo+0x1/0x2").tasks.isEmpty) }

  @Test("a flood of tasks is cut, names of them as well")
  func many() {
    let line = { (number: Int) in "task:t\(number) state:D stack:0 pid:\(number) tgid:\(number) ppid:1 flags:0x00000000"
    }
    let dump = dump((1...TaskDump.limit + 10).map(line).joined(separator: "\n"))
    #expect(dump.tasks.count == TaskDump.limit)
    #expect(dump.summary == "\(TaskDump.limit) tasks in D state: t1 (1), t2 (2), t3 (3) and \(TaskDump.limit - 3) more")
  }
}
