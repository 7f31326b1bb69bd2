internal import GuestProtocol

/// The cases of one guest's life, cut out of a planned suite.
struct BootPlan {
  var planned: PlannedSuite
  var id: Int
  var cases: [Case]
  var settings: RunSettings
  /// Tells the agent's kernel-log markers of this boot from everything else.
  var nonce: String
  /// Names the guest on the host.
  var name: String

  func description() throws -> GuestDescription {
    let guest = planned.suite.guest
    var line = planned.commandLine
    line.set(Marker.nonceParameter, nonce)
    // A case with such a fault is alone in its boot.
    let fault = cases.first?.selftest?.fault ?? .none
    if fault == .noInit { line.set("rdinit", "/no/such/init") }
    let occasions = settings.dumps?.occasions ?? []
    // A kernel that waits after a panic can still be looked at, also where pvpanic's driver is not there.
    if occasions.contains(.onCrash), line.parameters.contains(.init("panic", "-1")) { line.set("panic", "0") }
    var description = GuestDescription(
      name: name, accelerator: settings.accelerator, memory: guest.memory.bytes, cpus: guest.cpus,
      numa: guest.numa.map { GuestDescription.NUMANode(memory: $0.memory.bytes, cpus: $0.cpus) },
      kernel: planned.kernel.imagePath, initramfs: planned.initramfs, commandLine: try line.rendered(),
      network: guest.network, channel: fault == .serialChannel ? .serial : settings.channel)
    description.keepsPanicked = occasions.contains(.onCrash)
    description.tellsLayout = !occasions.isEmpty
    return description
  }
}

/// What a boot came to: the boot's own result, and the cases that it did not get to.
struct BootOutcome {
  var result: BootResult
  /// Still to be run, in a new guest.
  var remaining: [Case]
  /// Nothing that runs in such a guest can be expected to work: no next guest, and why.
  var hopeless: (verdict: Verdict, reason: String)?
}
