public import GuestProtocol

/// One suite on one kernel, ready to boot: every path is known, every requirement that can be checked has been.
public struct PlannedSuite: Sendable {
  public var suite: Suite
  public var kernel: KernelBuild
  /// Path of the initramfs.
  public var initramfs: String
  /// What the initramfs was made of; nil where nothing boots.
  public var image: BuiltImage?
  /// The whole kernel command line.
  public var commandLine: KernelCommandLine
  /// To be loaded once the guest is up, before the first case.
  public var modules: [ModuleLoad]
  /// By case: to be loaded before it.
  public var caseModules: [String: [ModuleLoad]]
  /// In the order of the suite.
  public var cases: [PlannedCase]

  public init(
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

  /// How many guests it takes when nothing goes wrong: one for the cases that share, one for each that needs its own.
  public var boots: Int { sharedCases.isEmpty ? freshCases.count : 1 + freshCases.count }

  var sharedCases: [Case] { runnable.filter { !$0.needsOwnGuest } }
  var freshCases: [Case] { runnable.filter(\.needsOwnGuest) }
  private var runnable: [Case] { cases.filter { $0.skip == nil }.map(\.test) }
}

extension PlannedSuite {
  /// Cells of one matrix whose guests are alike in everything that a case could notice.
  func sharesGuest(with other: PlannedSuite) -> Bool {
    suite.cell != nil && suite.baseName == other.suite.baseName && suite.name != other.suite.name
      && kernel.label == other.kernel.label && initramfs == other.initramfs && commandLine == other.commandLine
      && suite.guest == other.suite.guest && suite.setup == other.suite.setup && suite.dmesg == other.suite.dmesg
      && modules == other.modules && agreesOnModules(with: other)
  }

  /// A module that is loaded already keeps its parameters, so that nobody may want it with others.
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
  /// It shares a guest with nobody: it says so, or a fault is one of the guest's making.
  var needsOwnGuest: Bool { fresh || selftest?.fault == .noInit || selftest?.fault == .serialChannel }
}

public struct PlannedCase: Sendable, Equatable {
  public var test: Case
  /// Why it is skipped before anything boots; nil when it runs.
  public var skip: VerdictReason?

  public init(_ test: Case, skip: VerdictReason? = nil) {
    self.test = test
    self.skip = skip
  }
}

/// What a run is going to do. Made before the first boot; `run` follows it.
public struct Plan: Sendable {
  public var suites: [PlannedSuite]
  public var settings: RunSettings

  public init(suites: [PlannedSuite], settings: RunSettings) {
    self.suites = suites
    self.settings = settings
  }

  public var cases: Int { suites.reduce(0) { $0 + $1.cases.count } }
  public var boots: Int { bootLists.count }

  /// The planned guests, each with its cases, when nothing goes wrong.
  public var bootLists: [[(suite: PlannedSuite, test: Case)]] {
    groups.flatMap { group in
      let shared = group.flatMap { suite in suite.sharedCases.map { (suite: suite, test: $0) } }
      let fresh = group.flatMap { suite in suite.freshCases.map { [(suite: suite, test: $0)] } }
      return (shared.isEmpty ? [] : [shared]) + fresh
    }
  }

  /// Suites that can share guests, in the order of the first of each: cells of one matrix on one kernel whose guests are
  /// the same.
  var groups: [[PlannedSuite]] {
    var groups: [[PlannedSuite]] = []
    for suite in suites {
      if let place = groups.firstIndex(where: { group in group.allSatisfy { $0.sharesGuest(with: suite) } }) {
        groups[place].append(suite)
      } else {
        groups.append([suite])
      }
    }
    return groups
  }
}

/// What does not depend on the suite.
public struct RunSettings: Sendable, Equatable {
  public var accelerator: Accelerator
  /// Suites give timeouts for KVM; under TCG they are multiplied by this.
  public var timeFactor: Double
  /// How long after a case's end its kernel messages are waited for.
  public var settle: Duration
  /// Under KVM, from power-on to the agent's first word; multiplied by ``timeFactor``.
  public var bootTimeout: Duration
  /// Bytes of a case's output that are kept where the case does not say.
  public var outputLimit: UInt64
  /// How the agent is reached.
  public var channel: GuestDescription.Channel
  /// When a guest's memory is kept, and where; nil for never.
  public var dumps: MemoryDumps?

  public static let tcgFactor = 5.0

  public init(
    accelerator: Accelerator, timeFactor: Double? = nil, settle: Duration = .milliseconds(100),
    bootTimeout: Duration = .seconds(30), outputLimit: UInt64 = 16 << 20,
    channel: GuestDescription.Channel = .virtio
  ) {
    self.accelerator = accelerator
    self.timeFactor = timeFactor ?? (accelerator == .tcg ? RunSettings.tcgFactor : 1)
    self.settle = settle
    self.bootTimeout = bootTimeout
    self.outputLimit = outputLimit
    self.channel = channel
  }

  /// A time of the suite, as it is waited for here.
  func scaled(_ duration: Duration) -> Duration { duration * timeFactor }
}
