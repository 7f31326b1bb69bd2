/// One program that runs in the guest and gets a verdict.
package struct Case: Sendable, Equatable, Codable {
  /// How the program reports its results.
  package enum Format: String, Sendable, Codable, CaseIterable {
    case ktap
    case exitCode = "exit-code"
    /// KTAP if the program prints any, else its exit code: kselftest has both, and a test may change from one to the
    /// other.
    case kselftest
  }

  /// The meaning of the exit code of a case with format exit-code.
  package enum ExitCode: String, Sendable, Codable, CaseIterable {
    /// 0 is a pass, the skip codes are a skip, everything else is a failure.
    case status
    /// The code is the number of failures, as for khugepaged; no code means skip.
    case failures
  }

  package static let defaultSkipCodes = [4, 77]

  private static func skipCodes(of format: Format, _ exitCode: ExitCode) -> [Int] {
    switch format {
    case .ktap: []
    case .exitCode: exitCode == .status ? defaultSkipCodes : []
    case .kselftest: [4]
    }
  }

  package static let defaultTimeout = DurationValue.seconds(60)

  /// The name, unique in the suite.
  package var name: String
  package var description: String
  /// The program and its arguments; empty only in suites of kind ``Suite/Kind/build``.
  package var run: [String]
  /// For words of `run` that name one of several programs: all of them, the preferred one first. The key is the word's
  /// place; the image decides which one runs.
  package var alternatives: [Int: [String]]
  package var format: Format
  package var exitCode: ExitCode
  /// The exit codes that mean skip. Empty for KTAP, which has a directive for it, and if the code counts failures.
  package var skipCodes: [Int]
  /// The number of subtests that must be executed (not skipped); otherwise the case is vacuous. Nil for any number.
  package var subtests: SubtestRules?
  /// The subtests that may be skipped although ``subtests`` wants all.
  package var skips: [KnownSkip]
  package var requires: Requirements
  /// The modules to load before this case, after those of the suite.
  package var modules: [ModuleRequest]
  /// The parameter whose value names modules: the case exists once for each, which is then the last of ``modules``.
  package var eachModule: String?
  /// The time limit for a guest under KVM; the harness extends it under TCG.
  package var timeout: DurationValue
  /// The memory limit of all the case's processes together; nil means the harness's limit.
  package var memoryLimit: ByteSize?
  /// The limit of stdout and stderr together; nil means the harness's limit.
  package var outputLimit: ByteSize?
  package var environment: [String: String]
  /// The files of the case's working directory to keep; `*` matches any text.
  package var artefacts: [String]
  package var known: [KnownFailure]
  /// What is known of a case that fails now and then; nil for all others.
  package var flaky: FlakyCase?
  /// Where the case exists.
  package var when: Condition
  /// Words by which cases are selected.
  package var tags: [String]
  /// The metrics that the case must print to pass.
  package var metrics: [MetricDeclaration]
  /// The rules for the kernel log, in addition to those of the suite.
  package var dmesg: DmesgRules
  /// Whether the case needs a guest of its own.
  package var fresh: Bool
  /// Whether that guest must be booted for it, and not be a clone of one that was.
  package var boots = false
  /// The expected result, always and only in suites of kind ``Suite/Kind/selftest``.
  package var selftest: SelftestExpectation?
  /// The build, always and only in suites of kind ``Suite/Kind/build``.
  package var build: CaseBuild?

  package init(
    name: String, description: String = "", run: [String], alternatives: [Int: [String]] = [:], format: Format = .ktap,
    exitCode: ExitCode = .status, skipCodes: [Int]? = nil,
    subtests: SubtestRules? = nil, skips: [KnownSkip] = [], requires: Requirements = Requirements(),
    modules: [ModuleRequest] = [], eachModule: String? = nil,
    timeout: DurationValue = Case.defaultTimeout, memoryLimit: ByteSize? = nil, outputLimit: ByteSize? = nil,
    environment: [String: String] = [:], artefacts: [String] = [], known: [KnownFailure] = [],
    flaky: FlakyCase? = nil, when: Condition = .always, tags: [String] = [], metrics: [MetricDeclaration] = [],
    dmesg: DmesgRules = DmesgRules(), fresh: Bool = false, selftest: SelftestExpectation? = nil,
    build: CaseBuild? = nil
  ) {
    self.name = name
    self.description = description
    self.run = run
    self.alternatives = alternatives
    self.format = format
    self.exitCode = exitCode
    self.skipCodes = skipCodes ?? Case.skipCodes(of: format, exitCode)
    self.subtests = subtests
    self.skips = skips
    self.requires = requires
    self.modules = modules
    self.eachModule = eachModule
    self.timeout = timeout
    self.memoryLimit = memoryLimit
    self.outputLimit = outputLimit
    self.environment = environment
    self.artefacts = artefacts
    self.known = known
    self.flaky = flaky
    self.when = when
    self.tags = tags
    self.metrics = metrics
    self.dmesg = dmesg
    self.fresh = fresh
    self.selftest = selftest
    self.build = build
  }
}

/// The result that ktest must report for a case that tests ktest.
package struct SelftestExpectation: Sendable, Equatable, Codable {
  package enum Outcome: String, Sendable, Codable, CaseIterable { case pass, fail, skip, error, timeout, crash }

  /// A fault that is injected from outside of the guest.
  package enum Fault: String, Sendable, Codable, CaseIterable {
    case none
    case killQEMU = "kill-qemu"
    case killAgent = "kill-agent"
    case diskFull = "disk-full"
    case noInit = "no-init"
    /// There is no virtio port, so that the agent must use the second serial port.
    case serialChannel = "serial-channel"
    /// The guest that is to be forked loses its QEMU before it is stopped.
    case killTemplate = "kill-template"
    /// The kernel of a clone panics before its agent can answer.
    case panicClone = "panic-clone"
  }

  /// How the guest of the case must have begun.
  package enum Origin: String, Sendable, Codable, CaseIterable { case boot, clone }

  package var verdict: Outcome
  package var fault: Fault
  /// A pattern that must match the reason of the verdict.
  package var reason: WildcardPattern?
  /// A pattern that must match the evidence of a hanging guest.
  package var evidence: WildcardPattern?
  /// Whether a kernel that does not meet the case's requirements may skip it.
  package var optional: Bool
  /// Nil if it does not matter.
  package var guest: Origin?
  /// A pattern that must match a notice of the run.
  package var notice: WildcardPattern?
  /// A pattern that must match the console of the case's guest, and of no other guest of the run.
  package var console: WildcardPattern?

  package init(
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
