/// One program that runs in the guest and is judged.
public struct Case: Sendable, Equatable, Codable {
  /// How the program says what it found.
  public enum Format: String, Sendable, Codable, CaseIterable {
    case ktap
    case exitCode = "exit-code"
  }

  /// What the exit code of a case with format exit-code says.
  public enum ExitCode: String, Sendable, Codable, CaseIterable {
    /// 0 is a pass, the skip codes are a skip, all else a failure.
    case status
    /// It is the number of failures, as khugepaged does it; nothing means skip.
    case failures
  }

  public static let defaultSkipCodes = [4, 77]
  public static let defaultTimeout = DurationValue.seconds(60)

  /// Unique in the suite.
  public var name: String
  public var description: String
  /// The program and its arguments; empty in suites of kind ``Suite/Kind/build`` only.
  public var run: [String]
  public var format: Format
  public var exitCode: ExitCode
  /// Exit codes that mean skip. Empty for KTAP, which has a word for it, and where the code counts failures.
  public var skipCodes: [Int]
  /// How many subtests must have been executed (not skipped), or the case is vacuous.
  public var subtests: CountRange?
  public var requires: Requirements
  /// Loaded before this case, after those of the suite.
  public var modules: [ModuleRequest]
  /// For a guest under KVM; the harness stretches it under TCG.
  public var timeout: DurationValue
  /// Of the case's processes together; nil leaves the harness's limit.
  public var memoryLimit: ByteSize?
  /// Of stdout and stderr together; nil leaves the harness's limit.
  public var outputLimit: ByteSize?
  public var environment: [String: String]
  /// Files of the case's working directory to bring back; `*` stands for any text.
  public var artefacts: [String]
  public var known: [KnownFailure]
  /// Values of the suite's axes on which the case exists; empty on all.
  public var when: [AxisCondition]
  /// Numbers without which the case does not pass.
  public var metrics: [MetricDeclaration]
  /// In addition to the rules of the suite.
  public var dmesg: DmesgRules
  /// Needs a boot of its own.
  public var fresh: Bool
  /// In suites of kind ``Suite/Kind/selftest`` only, and there always.
  public var selftest: SelftestExpectation?
  /// In suites of kind ``Suite/Kind/build`` only, and there always.
  public var build: CaseBuild?

  public init(
    name: String, description: String = "", run: [String], format: Format = .ktap,
    exitCode: ExitCode = .status, skipCodes: [Int]? = nil,
    subtests: CountRange? = nil, requires: Requirements = Requirements(), modules: [ModuleRequest] = [],
    timeout: DurationValue = Case.defaultTimeout, memoryLimit: ByteSize? = nil, outputLimit: ByteSize? = nil,
    environment: [String: String] = [:], artefacts: [String] = [], known: [KnownFailure] = [],
    when: [AxisCondition] = [], metrics: [MetricDeclaration] = [],
    dmesg: DmesgRules = DmesgRules(), fresh: Bool = false, selftest: SelftestExpectation? = nil,
    build: CaseBuild? = nil
  ) {
    self.name = name
    self.description = description
    self.run = run
    self.format = format
    self.exitCode = exitCode
    self.skipCodes = skipCodes ?? (format == .exitCode && exitCode == .status ? Case.defaultSkipCodes : [])
    self.subtests = subtests
    self.requires = requires
    self.modules = modules
    self.timeout = timeout
    self.memoryLimit = memoryLimit
    self.outputLimit = outputLimit
    self.environment = environment
    self.artefacts = artefacts
    self.known = known
    self.when = when
    self.metrics = metrics
    self.dmesg = dmesg
    self.fresh = fresh
    self.selftest = selftest
    self.build = build
  }
}

/// Failures that are known: reported, but they do not fail a run. One that passes again is pointed out.
public struct KnownFailure: Sendable, Equatable, Codable {
  /// Compared with the whole name of a subtest.
  public var subtest: WildcardPattern
  public var reason: String
  public var link: String?
  /// Everything named must hold of the kernel, or the failure is not a known one. Empty holds always.
  public var config: [ConfigRequirement]
  /// Patterns, each of which one whole parameter of the kernel command line must match.
  public var commandLine: [WildcardPattern]
  /// Values of the suite's axes on which it fails; empty on all.
  public var axes: [AxisCondition]

  public init(
    subtest: WildcardPattern, reason: String, link: String? = nil, axes: [AxisCondition] = [],
    config: [ConfigRequirement] = [],
    commandLine: [WildcardPattern] = []
  ) {
    self.subtest = subtest
    self.reason = reason
    self.link = link
    self.config = config
    self.commandLine = commandLine
    self.axes = axes
  }
}

/// What the harness must make of a case that tests the harness.
public struct SelftestExpectation: Sendable, Equatable, Codable {
  public enum Outcome: String, Sendable, Codable, CaseIterable { case pass, fail, skip, error, timeout, crash }

  /// What is done to the run from outside of the guest.
  public enum Fault: String, Sendable, Codable, CaseIterable {
    case none
    case killQEMU = "kill-qemu"
    case killAgent = "kill-agent"
    case diskFull = "disk-full"
    case noInit = "no-init"
    /// No virtio port: the agent has to take the second serial port.
    case serialChannel = "serial-channel"
  }

  public var verdict: Outcome
  public var fault: Fault
  /// Must be found in the reason of the verdict.
  public var reason: WildcardPattern?
  /// Must be found in what is said of a guest that hangs.
  public var evidence: WildcardPattern?
  /// A kernel that lacks what the case requires may skip it.
  public var optional: Bool

  public init(
    verdict: Outcome, fault: Fault = .none, reason: WildcardPattern? = nil, evidence: WildcardPattern? = nil,
    optional: Bool = false
  ) {
    self.verdict = verdict
    self.fault = fault
    self.reason = reason
    self.evidence = evidence
    self.optional = optional
  }
}
