public import GuestProtocol

/// One suite on one kernel, ready to boot: every path is known, every requirement that can be checked has been.
public struct PlannedSuite: Sendable {
  public var suite: Suite
  public var kernel: KernelBuild
  /// Path of the initramfs.
  public var initramfs: String
  /// The whole kernel command line but for the boot's nonce.
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

extension Case {
  /// It shares a guest with nobody: it says so, or a fault is one of the guest's making.
  var needsOwnGuest: Bool { fresh || selftest?.fault == .noInit || selftest?.fault == .serialChannel }
}

public struct PlannedCase: Sendable, Equatable {
  public var test: Case
  /// Why it is skipped before anything boots; nil when it runs.
  public var skip: String?

  public init(_ test: Case, skip: String? = nil) {
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
  public var boots: Int { suites.reduce(0) { $0 + $1.boots } }
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
