/// The number of subtests of a case by result. `known` are failures that the suite declares as known.
public struct SubtestCounts: Codable, Sendable, Equatable {
  public var pass = 0
  public var fail = 0
  public var skip = 0
  public var known = 0

  public init(pass: Int = 0, fail: Int = 0, skip: Int = 0, known: Int = 0) {
    self.pass = pass
    self.fail = fail
    self.skip = skip
    self.known = known
  }

  public var executed: Int { pass + fail + known }
  public var total: Int { executed + skip }
}

/// A subtest that a report names: it failed, was skipped, or is a known failure.
public struct SubtestNote: Codable, Sendable, Equatable {
  /// The path from the outermost test to this one, joined by `/`.
  public var id: String
  /// The verdict; `pass` means that a known failure passed.
  public var verdict: Verdict
  public var known: Bool
  public var detail: String

  public init(id: String, verdict: Verdict, known: Bool = false, detail: String = "") {
    self.id = id
    self.verdict = verdict
    self.known = known
    self.detail = detail
  }
}

/// A kernel splat as a report names it.
public struct SplatNote: Codable, Sendable, Equatable {
  public var title: String
  /// Its class, for example `WARNING` or `KASAN`.
  public var type: String
  /// The seconds on the guest's own clock, if the console line had them.
  public var guestSeconds: Double?
  /// The offset in the boot's console file, in bytes.
  public var start: Int
  public var end: Int

  public init(title: String, type: String, guestSeconds: Double?, start: Int, end: Int) {
    self.title = title
    self.type = type
    self.guestSeconds = guestSeconds
    self.start = start
    self.end = end
  }
}

/// The resources that a case's processes used, as counted by the guest kernel (getrusage(2)).
public struct ResourceUsage: Codable, Sendable, Equatable {
  public var userSeconds: Double
  public var systemSeconds: Double
  /// The peak of the largest process.
  public var peakResidentKiB: UInt64

  public init(userSeconds: Double, systemSeconds: Double, peakResidentKiB: UInt64) {
    self.userSeconds = userSeconds
    self.systemSeconds = systemSeconds
    self.peakResidentKiB = peakResidentKiB
  }
}

/// The evidence of a guest that hung or crashed. Files are relative to the run's directory.
public struct GuestEvidence: Codable, Sendable, Equatable {
  /// One line: which tasks hang where, and what processors do. Nil if the guest gave no information.
  public var summary: String?
  /// The files with task dumps and registers.
  public var files: [String]
  /// The memory image, an ELF file.
  public var memory: String?
  /// The kernel's file with symbols, for readers of the image; nil if it is unknown.
  public var vmlinux: String?

  public init(summary: String? = nil, files: [String] = [], memory: String? = nil, vmlinux: String? = nil) {
    self.summary = summary
    self.files = files
    self.memory = memory
    self.vmlinux = vmlinux
  }
}

/// The result of one case on one kernel.
public struct CaseResult: Codable, Sendable, Equatable {
  public var name: String
  public var verdict: Verdict
  /// One sentence that a person can act on; nil for a plain pass.
  public var reason: String?
  /// What ``reason`` says, for programs; nil without a reason, and in journals of earlier versions.
  public var cause: VerdictCause?
  /// The wall-clock seconds on the host from the start of the case to its verdict.
  public var seconds: Double
  public var subtests: SubtestCounts
  public var notes: [SubtestNote]
  public var splats: [SplatNote]
  /// The boot it ran in; nil if it never started.
  public var boot: Int?
  /// The resource usage; nil if the agent did not report the case's end.
  public var usage: ResourceUsage?
  /// The evidence; nil if there was no reason to inspect the guest.
  public var evidence: GuestEvidence?
  /// The metrics in the order of the output. For a case that did not pass, these are the ones until then.
  public var metrics: [Metric]
  /// All findings, the worst verdict first and within a verdict the most significant first; the first of them is
  /// ``reason``. Empty for a plain pass, for cases that never ran, and in journals of earlier versions.
  public var findings: [CaseFinding] = []
  /// How the program ended; nil if the agent did not report the case's end.
  public var program: ProgramEnd?

  public init(
    name: String, verdict: Verdict, reason: String? = nil, cause: VerdictCause? = nil, seconds: Double = 0,
    subtests: SubtestCounts = SubtestCounts(), notes: [SubtestNote] = [], splats: [SplatNote] = [], boot: Int? = nil,
    usage: ResourceUsage? = nil, metrics: [Metric] = []
  ) {
    self.name = name
    self.verdict = verdict
    self.reason = reason
    self.cause = cause
    self.seconds = seconds
    self.subtests = subtests
    self.notes = notes
    self.splats = splats
    self.boot = boot
    self.usage = usage
    self.metrics = metrics
  }

  /// A journal of an earlier version has no metrics, no findings, no end of the program and no cause.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    verdict = try values.decode(Verdict.self, forKey: .verdict)
    reason = try values.decodeIfPresent(String.self, forKey: .reason)
    cause = try values.decodeIfPresent(VerdictCause.self, forKey: .cause)
    seconds = try values.decode(Double.self, forKey: .seconds)
    subtests = try values.decode(SubtestCounts.self, forKey: .subtests)
    notes = try values.decode([SubtestNote].self, forKey: .notes)
    splats = try values.decode([SplatNote].self, forKey: .splats)
    boot = try values.decodeIfPresent(Int.self, forKey: .boot)
    usage = try values.decodeIfPresent(ResourceUsage.self, forKey: .usage)
    evidence = try values.decodeIfPresent(GuestEvidence.self, forKey: .evidence)
    metrics = try values.decodeIfPresent([Metric].self, forKey: .metrics) ?? []
    findings = try values.decodeIfPresent([CaseFinding].self, forKey: .findings) ?? []
    program = try values.decodeIfPresent(ProgramEnd.self, forKey: .program)
  }
}

extension CaseResult {
  /// A case that was not run to its end, and why.
  public init(name: String, verdict: Verdict, why: VerdictReason, seconds: Double = 0, boot: Int? = nil) {
    self.init(name: name, verdict: verdict, reason: why.text, cause: why.cause, seconds: seconds, boot: boot)
  }

  /// Overrides the verdict: for this reason, nothing of the case counts.
  mutating func overrule(_ verdict: Verdict, _ why: VerdictReason) {
    (self.verdict, reason, cause) = (verdict, why.text, why.cause)
    findings.insert(CaseFinding(why.cause, verdict, why.text), at: 0)
  }

  /// The findings other than the reason; for a case that passed, all remarks.
  public var otherFindings: [CaseFinding] { findings.filter { $0.text != reason } }
}

/// The result of one guest, from power-on to power-off.
public struct BootResult: Codable, Sendable, Equatable {
  /// The number of the boot, from 1 within the run.
  public var id: Int
  public var suite: String
  public var kernel: String
  /// The verdict; `pass` if the guest reached its agent and ended without a splat outside of a case.
  public var verdict: Verdict
  public var reason: String?
  /// What ``reason`` says, for programs; nil without a reason, and in journals of earlier versions.
  public var cause: VerdictCause?
  /// The seconds from power-on to the agent's first message; nil if there was none.
  public var readySeconds: Double?
  /// The seconds from power-on to the end of the guest.
  public var seconds: Double
  /// The console's file, relative to the run's directory.
  public var console: String
  public var splats: [SplatNote]
  /// The evidence; nil if there was no reason to inspect the guest outside of a case.
  public var evidence: GuestEvidence?

  public init(
    id: Int, suite: String, kernel: String, verdict: Verdict, reason: String? = nil, cause: VerdictCause? = nil,
    readySeconds: Double? = nil, seconds: Double, console: String, splats: [SplatNote] = []
  ) {
    self.id = id
    self.suite = suite
    self.kernel = kernel
    self.verdict = verdict
    self.reason = reason
    self.cause = cause
    self.readySeconds = readySeconds
    self.seconds = seconds
    self.console = console
    self.splats = splats
  }
}

/// One suite on one kernel. A run of two suites on two kernels has four of these.
public struct SuiteResult: Codable, Sendable, Equatable {
  public var name: String
  public var kernel: String
  public var verdict: Verdict
  public var cases: [CaseResult]

  public init(name: String, kernel: String, verdict: Verdict, cases: [CaseResult]) {
    self.name = name
    self.kernel = kernel
    self.verdict = verdict
    self.cases = cases
  }
}

/// The whole run, as `--format json` prints it.
public struct RunSummary: Codable, Sendable, Equatable {
  public var run: String
  public var verdict: Verdict
  /// Whether the run was stopped before every planned case had a verdict.
  public var interrupted: Bool
  public var seconds: Double
  public var boots: [BootResult]
  public var suites: [SuiteResult]

  public init(
    run: String, verdict: Verdict, interrupted: Bool = false, seconds: Double, boots: [BootResult],
    suites: [SuiteResult]
  ) {
    self.run = run
    self.verdict = verdict
    self.interrupted = interrupted
    self.seconds = seconds
    self.boots = boots
    self.suites = suites
  }
}
