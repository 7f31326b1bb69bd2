internal import GuestProtocol
import KTestGuests
import KTestValues

/// A case and its suite: the cells of a matrix share guests with the same description.
struct BootCase {
  var planned: PlannedSuite
  var test: Case
  /// Whether the case has met a fault of the emulator and runs for the second and last time.
  var isRepeated = false
  /// Which attempt at a flaky case it is.
  var attempt = 1

  var needsOwnGuest: Bool { planned.needsOwnGuest(test) }
  var mayBeForked: Bool { !test.mustBoot && planned.suite.guest.clock != .instructions }

  /// An id that is unique on this kernel.
  var id: String { BootCase.id(suite: planned.suite.name, name: test.name) }

  static func id(suite: String, name: String) -> String { "\(suite)/\(name)" }
}

extension [BootCase] {
  /// The cases for which one guest is booted and forked: none unless that saves a boot.
  var forked: [BootCase] {
    let able = filter(\.mayBeForked)
    let own = able.count { $0.needsOwnGuest }
    return own + (own < able.count ? 1 : 0) > 1 ? able : []
  }

  /// The cases for which one guest is booted and forked in every round: all, or none if one of them must boot.
  var forkedTogether: [BootCase] { allSatisfy(\.mayBeForked) ? self : [] }
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
  var role = Role.boot

  /// How the guest begins, and what for.
  enum Role {
    /// It boots and runs its cases.
    case boot
    /// It boots and is stopped before its first case.
    case template
    /// It goes on where the template was stopped, and runs its cases.
    case clone(BootTemplate)
  }

  /// The names in the journal: a case of another cell than the boot's has its suite.
  var caseNames: [String] {
    if case .template = role { return [] }
    return cases.map {
      $0.planned.suite.name == planned.suite.name ? $0.test.name : "\($0.planned.suite.name):\($0.test.name)"
    }
  }

  /// Another clone of the same template; nil if the guest is none.
  var nextClone: (description: GuestDescription, template: BootTemplate)? {
    guard case .clone(let origin) = role else { return nil }
    return (.clone(of: origin.template, name: name + "-next"), origin)
  }

  func description() throws -> GuestDescription {
    if case .clone(let origin) = role { return .clone(of: origin.template, name: name) }
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
    if case .template = role { description.origin = .template }
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
  /// What the guest has become.
  var template: BootTemplate?
  /// Whether guests cannot be forked, so that the cases need one that is booted.
  var mustBoot = false
  /// Whether the kernel has printed no splat at all, not even one that the suite allows.
  var sawNoSplat = false
}

/// A guest that was stopped before its first case, with its suite's modules loaded and its setup done.
struct BootTemplate {
  var template: GuestTemplate
  /// The number of its boot, in this run or in ``run``.
  var boot: Int
  /// The seconds from power-on to the stop.
  var seconds: Double
  /// The run that has kept it; nil if this run has booted it.
  var run: String?

  var id: ObjectIdentifier { ObjectIdentifier(template) }
}

extension PlannedSuite {
  /// What a template has behind it when it is stopped, apart from its boot.
  var preparation: String {
    let loads = modules.map { "module \($0.path) \($0.parameters)\($0.isOptional ? " optional" : "")" }
    return (loads + suite.setup.map { "setup \($0)" }).joined(separator: "\n")
  }
}
