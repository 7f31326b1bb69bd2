package import GuestProtocol
package import KTestGuests
package import KTestHost
package import KTestValues

/// One suite on one kernel, ready to boot: every path is known, and all requirements that can be checked before boot
/// have been.
package struct PlannedSuite: Sendable {
  package var suite: Suite
  package var kernel: KernelBuild
  /// The path of the initramfs.
  package var initramfs: String
  /// The image of the initramfs; nil if nothing boots.
  package var image: BuiltImage?
  /// The whole kernel command line.
  package var commandLine: KernelCommandLine
  /// The modules to load before the first case.
  package var modules: [ModuleLoad]
  /// The modules to load before each case.
  package var caseModules: [String: [ModuleLoad]]
  /// The cases in the order of the suite.
  package var cases: [PlannedCase]
  /// The cases that do not exist on this kernel.
  package var absent: [AbsentCase] = []

  package init(
    suite: Suite, kernel: KernelBuild, initramfs: String, commandLine: KernelCommandLine, modules: [ModuleLoad] = [],
    caseModules: [String: [ModuleLoad]] = [:], cases: [PlannedCase]
  ) {
    self.suite = suite
    self.kernel = kernel
    self.initramfs = initramfs
    self.commandLine = commandLine
    self.modules = modules
    self.caseModules = caseModules
    self.cases = cases
  }

  /// The number of guests if nothing goes wrong: one for the cases that share, and one for each that needs its own.
  package var boots: Int { sharedCases.isEmpty ? freshCases.count : 1 + freshCases.count }

  var sharedCases: [Case] { runnable.filter { !needsOwnGuest($0) } }
  var freshCases: [Case] { runnable.filter(needsOwnGuest) }
  func needsOwnGuest(_ test: Case) -> Bool { test.needsOwnGuest || suite.isolation == .case }
  private var runnable: [Case] { cases.filter { $0.skip == nil }.map(\.test) }
}

extension PlannedSuite {
  /// Returns whether two cells of a matrix have guests that no case could distinguish.
  func sharesGuest(with other: PlannedSuite) -> Bool {
    suite.cell != nil && suite.baseName == other.suite.baseName && suite.name != other.suite.name
      && kernel.label == other.kernel.label && initramfs == other.initramfs && commandLine == other.commandLine
      && suite.guest == other.suite.guest && suite.setup == other.suite.setup && suite.dmesg == other.suite.dmesg
      && modules == other.modules && agreesOnModules(with: other)
  }

  /// Returns whether the two agree on module parameters, because a loaded module keeps its own.
  private func agreesOnModules(with other: PlannedSuite) -> Bool {
    func parameters(_ suite: PlannedSuite) -> [String: Set<String>] {
      var found: [String: Set<String>] = [:]
      for module in suite.caseModules.values.joined() { found[module.name, default: []].insert(module.parameters) }
      return found
    }
    let others = parameters(other)
    return parameters(self).allSatisfy { name, own in others[name].map { $0 == own } ?? true }
  }
}

extension Case {
  /// Whether it needs its own guest: it says so, or its fault affects the guest.
  var needsOwnGuest: Bool { fresh || hasGuestFault }
  /// Whether its guest cannot be a clone.
  var mustBoot: Bool { boots || hasGuestFault }
  private var hasGuestFault: Bool { selftest?.fault == .noInit || selftest?.fault == .serialChannel }
}

package struct PlannedCase: Sendable, Equatable {
  package var test: Case
  /// Why it does not run, known before anything boots; nil if it runs.
  package var skip: VerdictReason?
  /// The verdict of a case that does not run: `error` if its program could not be built.
  package var verdict: Verdict

  package init(_ test: Case, skip: VerdictReason? = nil, verdict: Verdict = .skip) {
    self.test = test
    self.skip = skip
    self.verdict = verdict
  }
}

/// The plan of a run, made before the first boot; `run` follows it.
package struct Plan: Sendable {
  package var suites: [PlannedSuite]
  package var settings: RunSettings

  package init(suites: [PlannedSuite], settings: RunSettings) {
    self.suites = suites
    self.settings = settings
  }

  package var cases: Int { suites.reduce(0) { $0 + $1.cases.count } }
  /// The number of guests that run cases, booted or cloned.
  package var boots: Int { guests.count { !$0.cases.isEmpty } }

  /// The suites that can share guests, in the order of the first of each group: cells of one matrix on one kernel with
  /// the same guest.
  var groups: [[PlannedSuite]] {
    var groups: [[PlannedSuite]] = []
    // Only cells of one suite on one kernel can be in one group.
    var places: [[String]: [Int]] = [:]
    for suite in suites {
      let key = [suite.suite.baseName, suite.kernel.label]
      let own = places[key]?.first { place in groups[place].allSatisfy { $0.sharesGuest(with: suite) } }
      if let own {
        groups[own].append(suite)
      } else {
        places[key, default: []].append(groups.count)
        groups.append([suite])
      }
    }
    return groups
  }
}

extension Plan {
  /// The events before the first boot.
  ///
  /// - Parameter inAnyOrder: whether cases may finish in any order: reports then keep that of the suites.
  func opening(inAnyOrder: Bool) -> [RunEvent] {
    let planned = suites.map { planned in
      RunEvent.suitePlanned(
        suite: planned.suite.name, kernel: planned.kernel.label, cases: planned.cases.map(\.test.name))
    }
    let absent = suites.flatMap { planned in
      planned.absent.map {
        RunEvent.caseAbsent(suite: planned.suite.name, kernel: planned.kernel.label, $0)
      }
    }
    return [.runStarted(cases: cases, boots: boots)] + (inAnyOrder ? planned : []) + absent
  }
}

/// The settings that do not depend on the suite.
package struct RunSettings: Sendable, Equatable {
  package var accelerator: Accelerator
  /// The factor that was asked for; nil for the accelerator's own.
  private var givenFactor: Double?
  /// The clock of all guests; nil for what each suite says.
  package var clock: GuestClock?
  /// Whether the guest's clock counts instructions: it says nothing about the host's time.
  package private(set) var countsInstructions = false
  /// The path of QEMU's plugin that counts what each function executes; nil for none.
  package var functionPlugin: String?
  /// How long to wait for kernel messages after a case has ended.
  package var settle: Duration
  /// How long a case may go on after one of its own processes has oopsed. Its verdict is certain; what its other
  /// processes print, and what the kernel says about them, is evidence.
  package var timeAfterOwnOops = Duration.seconds(10)
  /// The time from power-on to the agent's first message under KVM; multiplied by ``timeFactor``.
  package var bootTimeout: Duration
  /// The default number of bytes of a case's output that are kept.
  package var outputLimit: UInt64
  /// The channel to the agent.
  package var channel: GuestDescription.Channel
  /// When and where a guest's memory is kept; nil for never.
  package var dumps: MemoryDumps?
  /// Whether each case gets a guest of its own, whatever the suites say.
  package var isolatesCases = false
  /// Whether guests that are needed more than once are booted once and forked.
  package var forks = false
  /// Whether templates that earlier runs have kept are used, and those of this run are kept.
  package var keepsTemplates = false
  /// Cases that share a guest, and the guests, are run in an order that this number determines; nil for the suite's order.
  package var shuffleSeed: UInt64?
  package var course = RunCourse.once
  /// What keeps the guests busy beside each case; nil for nothing.
  package var load: GuestLoad?

  package static let tcgFactor = 5.0
  /// QEMU translates less cleverly where it counts: a boot takes about twice as long.
  package static let countingFactor = 10.0

  /// The factor for the suites' timeouts, which are for KVM; under TCG it is greater than 1.
  package var timeFactor: Double {
    givenFactor ?? (accelerator == .kvm ? 1 : countsInstructions ? RunSettings.countingFactor : RunSettings.tcgFactor)
  }

  package init(
    accelerator: Accelerator, timeFactor: Double? = nil, settle: Duration = .milliseconds(100),
    bootTimeout: Duration = .seconds(30), outputLimit: UInt64 = 16 << 20,
    channel: GuestDescription.Channel = .virtio
  ) {
    self.accelerator = accelerator
    givenFactor = timeFactor
    self.settle = settle
    self.bootTimeout = bootTimeout
    self.outputLimit = outputLimit
    self.channel = channel
  }

  /// Returns the settings for one guest: only TCG counts instructions.
  package func adapted(to guest: GuestSpec) -> RunSettings {
    guard (clock ?? guest.clock) == .instructions else { return self }
    var settings = self
    (settings.countsInstructions, settings.accelerator) = (true, .tcg)
    return settings
  }

  /// Returns the time limit of a case.
  func limit(of test: Case) -> Duration { scaled(test.timeout.duration) * (load == nil ? 1 : GuestLoad.timeFactor) }

  /// Returns a duration of the suite multiplied by the factor.
  func scaled(_ duration: Duration) -> Duration { duration * timeFactor }
}
