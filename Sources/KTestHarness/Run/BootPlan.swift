import KTestGuests
import KTestValues

/// A case and its suite: the cells of a matrix share guests with the same description.
struct BootCase {
  var planned: PlannedSuite
  var test: Case
  /// Whether the case has met a fault of the emulator and runs for the second and last time.
  var isRepeated = false

  /// An id that is unique on this kernel.
  var id: String { BootCase.id(suite: planned.suite.name, name: test.name) }

  static func id(suite: String, name: String) -> String { "\(suite)/\(name)" }
}

/// The cases of one guest.
struct BootPlan {
  /// The suite of the first case, which describes the guest and gives the boot its name.
  var planned: PlannedSuite
  var id: Int
  var cases: [BootCase]
  var settings: RunSettings
  /// The name of the guest on the host.
  var name: String

  /// The names in the journal: a case of another cell than the boot's has its suite.
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
    // A kernel that waits after a panic can still be inspected, even without pvpanic's driver.
    if occasions.contains(.onCrash), line.parameters.contains(.init("panic", "-1")) { line.set("panic", "0") }
    var description = GuestDescription(
      name: name, accelerator: settings.accelerator, memory: guest.memory.bytes, cpus: guest.cpus,
      numa: guest.numa.map { GuestDescription.NUMANode(memory: $0.memory.bytes, cpus: $0.cpus) },
      kernel: planned.kernel.imagePath, initramfs: planned.initramfs, commandLine: try line.rendered(),
      network: guest.network, channel: fault == .serialChannel ? .serial : settings.channel)
    description.keepsPanicked = occasions.contains(.onCrash)
    description.tellsLayout = !occasions.isEmpty
    description.countsInstructions = guest.clock == .instructions
    description.functionPlugin = description.countsInstructions ? settings.functionPlugin : nil
    return description
  }
}

/// The outcome of a boot: its own result, and the cases that it did not run.
struct BootOutcome {
  var result: BootResult
  /// The cases that still have to run, in a new guest.
  var remaining: [BootCase]
  /// The reason why nothing can run in such a guest, so that no other is started.
  var hopeless: (verdict: Verdict, why: VerdictReason)?
}
