import KTestValues

/// What makes a machine whose clock counts instructions, and whose boots are alike.
package enum CountingMachine {
  /// The arguments of QEMU that people should know about.
  package static let summary = "-icount shift=0,sleep=off -seed 1"

  /// The arguments of QEMU: one nanosecond for each instruction; an idle machine jumps to its next timer; RDRAND and the
  /// seed for the kernel's random numbers are the same in each boot; and the processor itself does the work of the
  /// agent's port, because the driver spins until it is done.
  static let arguments =
    summary.split(separator: " ").map(String.init) + ["-global", "virtio-serial-pci.ioeventfd=off"]

  /// A date that is always the same, 2026-01-01, in a chip that follows the guest's clock: a kernel reads the chip in a
  /// loop until the date does not change meanwhile.
  static var clock: XMLElement {
    XMLElement(
      "clock", ["offset": "absolute", "start": "1767225600"], [XMLElement("timer", ["name": "rtc", "track": "guest"])])
  }
}
