internal import GuestProtocol
import KTestValues

/// Returns the kernel's command line for a suite: the harness's parameters, then the suite's, which override them.
///
/// Sources: `Documentation/admin-guide/kernel-parameters.txt`, `printk-formats.rst`.
func guestCommandLine(of guest: GuestSpec) throws -> KernelCommandLine {
  var line = KernelCommandLine()
  line.set("console", "ttyS0,115200")
  // Kernel lines have a time stamp and lines of user space do not, which distinguishes them.
  line.set("printk.time", "1")
  line.set("printk.devkmsg", "on")
  line.set("loglevel", "7")
  // A panic resets at once, and a reset ends the guest, so that nothing waits for a dead kernel.
  line.set("panic", "-1")
  // If the agent does not answer, the kernel is asked through its serial line, whatever it allows at the keyboard, and
  // by an NMI, which makes it print its position.
  line.set("sysrq_always_enabled", nil)
  line.set("unknown_nmi_panic", nil)
  // Without it the kernel panics ("IO-APIC + timer doesn't work!") if four ticks do not reach it in the time of ten, which
  // happens if the host is busy. Under KVM, Hyper-V and VMware the kernel leaves this test out by itself.
  line.set("no_timer_check", nil)
  if guest.clock == .instructions {
    for (name, value) in countingParameters { line.set(name, value) }
  }
  line.merge(try KernelCommandLine(parsing: guest.kernelParameters.joined(separator: " ")))
  return line
}

/// The parameters of a guest whose clock counts instructions: addresses are the same in each boot, so that hashes, caches
/// of the emulator and paths through the kernel are too; and the agent learns what its clock is worth.
let countingParameters: [(name: String, value: String?)] = [
  ("nokaslr", nil), ("norandmaps", nil), ("randomize_kstack_offset", "off"),
  (Marker.clockParameter, Marker.countingClock),
]
