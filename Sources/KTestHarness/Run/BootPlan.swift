/// A case, and the suite it is of: guests of the same description are shared by the cells of a matrix.
struct BootCase {
  var planned: PlannedSuite
  var test: Case
  /// It has met a fault of the emulator once, and runs for the second and last time.
  var isRepeated = false

  /// Tells it from every other case on this kernel.
  var id: String { BootCase.id(suite: planned.suite.name, name: test.name) }

  static func id(suite: String, name: String) -> String { "\(suite)/\(name)" }
}

/// The cases of one guest's life.
struct BootPlan {
  /// Says what the guest is and is what the boot is told of: the suite of its first case.
  var planned: PlannedSuite
  var id: Int
  var cases: [BootCase]
  var settings: RunSettings
  /// Names the guest on the host.
  var name: String

  /// As the journal calls them: a case of another cell than the boot's with its suite.
  var caseNames: [String] {
    cases.map {
      $0.planned.suite.name == planned.suite.name ? $0.test.name : "\($0.planned.suite.name):\($0.test.name)"
    }
  }

  func description() throws -> GuestDescription {
    let guest = planned.suite.guest
    var line = planned.commandLine
    // A case with such a fault is alone in its boot.
    let fault = cases.first?.test.selftest?.fault ?? .none
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
  var remaining: [BootCase]
  /// Nothing that runs in such a guest can be expected to work: no next guest, and why.
  var hopeless: (verdict: Verdict, why: VerdictReason)?
}
