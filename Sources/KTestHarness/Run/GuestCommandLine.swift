/// The kernel's command line for a suite: what the harness needs, then what the suite asks for, which wins.
///
/// Sources: `Documentation/admin-guide/kernel-parameters.txt`, `printk-formats.rst`.
func guestCommandLine(of guest: GuestSpec) throws -> KernelCommandLine {
  var line = KernelCommandLine()
  line.set("console", "ttyS0,115200")
  // Kernel lines carry a time, lines of user space do not: that tells them apart.
  line.set("printk.time", "1")
  line.set("printk.devkmsg", "on")
  line.set("loglevel", "7")
  // A panic resets at once, and a reset ends the guest: nobody waits for a kernel that has given up.
  line.set("panic", "-1")
  // Where a guest's agent does not answer, the kernel is asked by its serial line, whatever it allows people at a
  // keyboard, and by an NMI, which makes it say where it is.
  line.set("sysrq_always_enabled", nil)
  line.set("unknown_nmi_panic", nil)
  line.merge(try KernelCommandLine(parsing: guest.kernelParameters.joined(separator: " ")))
  return line
}
