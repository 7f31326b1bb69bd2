internal import GuestProtocol
package import KTestGuests
import KTestHost
import KTestValues

/// The same machine, kernel and initramfs as a suite's guest, started by QEMU alone, without libvirt and without a host
/// to talk to.
package struct RawGuest: Sendable {
  package var qemu: String
  package var arguments: [String]

  /// One boot, in seconds from the start of QEMU's process.
  package struct Boot: Sendable, Equatable {
    /// When the kernel's line about starting init arrived.
    package var initStarted: Double
    /// When the guest had powered itself off and QEMU had exited.
    package var whole: Double
  }

  /// Throws `KernelError` if the command line is invalid.
  package init(_ planned: PlannedSuite, accelerator: Accelerator, qemu: String = "qemu-system-x86_64") throws {
    var line = planned.commandLine
    line.set(Marker.channelParameter, "none")
    self.qemu = qemu
    arguments =
      try RawGuest.machine(planned, accelerator: accelerator, commandLine: line) + [
        "-machine", "q35", "-serial", "stdio",
      ]
  }

  /// Returns QEMU's arguments without those for the kind of machine and its lines.
  static func machine(
    _ planned: PlannedSuite, accelerator: Accelerator, commandLine: KernelCommandLine
  ) throws -> [String] {
    let guest = planned.suite.guest
    return [
      "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-accel", accelerator.rawValue, "-cpu",
      accelerator == .kvm ? "host" : "max", "-m", "\(guest.memory.bytes >> 20)M", "-smp", "\(guest.cpus)", "-kernel",
      planned.kernel.imagePath, "-initrd", planned.initramfs, "-append", try commandLine.rendered(),
    ]
  }

  /// Boots it once. Throws ``PlanError`` if it does not reach init, or QEMU cannot be started.
  package func boot() async throws -> Boot {
    let clock = ContinuousClock()
    let started = clock.now
    do {
      var splitter = LineSplitter()
      var times = ConsoleTimes()
      var first: ContinuousClock.Instant?
      _ = try await HostProgram(qemu, arguments).stream { piece in
        for line in splitter.push(piece) { times.take(ConsoleLine(line)) }
        if first == nil, times.initStarted != nil { first = clock.now }
      }
      guard let reached = first else {
        throw PlanError("the kernel did not start init under \(qemu); look at it with 'ktest run'", isUsage: false)
      }
      return Boot(initStarted: (reached - started).inSeconds, whole: (clock.now - started).inSeconds)
    } catch let failure as HostProgramFailure {
      throw PlanError("\(failure)", isUsage: false)
    }
  }
}
