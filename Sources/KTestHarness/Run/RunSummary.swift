/// How many subtests of a case ended how. `known` are failures that the suite declares as known.
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

/// One subtest that a reader of a report wants to see by name: it failed, was skipped, or is a known failure.
public struct SubtestNote: Codable, Sendable, Equatable {
  /// Path from the outermost test to this one, joined by `/`.
  public var id: String
  /// `pass` here means: declared as a known failure, but it passed.
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
  /// Seconds on the guest's own clock, where the console line had one.
  public var guestSeconds: Double?
  /// Bytes in the boot's console file.
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

/// What a case's processes used, by the guest kernel's own account (getrusage(2)).
public struct ResourceUsage: Codable, Sendable, Equatable {
  public var userSeconds: Double
  public var systemSeconds: Double
  /// Of the largest process.
  public var peakResidentKiB: UInt64

  public init(userSeconds: Double, systemSeconds: Double, peakResidentKiB: UInt64) {
    self.userSeconds = userSeconds
    self.systemSeconds = systemSeconds
    self.peakResidentKiB = peakResidentKiB
  }
}

/// What was kept of a guest that hung or crashed, for whoever looks into it. Files are relative to the run's directory.
public struct GuestEvidence: Codable, Sendable, Equatable {
  /// One line: which tasks hang where, which processors do what. Nil when the guest said nothing of it.
  public var summary: String?
  /// Task dumps, registers.
  public var files: [String]
  /// A memory image, an ELF file.
  public var memory: String?
  /// The kernel's file with symbols, for the readers of the image; nil where it is not known.
  public var vmlinux: String?

  public init(summary: String? = nil, files: [String] = [], memory: String? = nil, vmlinux: String? = nil) {
    self.summary = summary
    self.files = files
    self.memory = memory
    self.vmlinux = vmlinux
  }
}

/// What one case came to, on one kernel.
public struct CaseResult: Codable, Sendable, Equatable {
  public var name: String
  public var verdict: Verdict
  /// One sentence a person can act on; nil for a plain pass.
  public var reason: String?
  /// What ``reason`` says, for programs; nil without a reason, and in journals of earlier versions.
  public var cause: VerdictCause?
  /// Wall-clock seconds on the host from "case starts" to its verdict.
  public var seconds: Double
  public var subtests: SubtestCounts
  public var notes: [SubtestNote]
  public var splats: [SplatNote]
  /// The boot it ran in; nil when it never started.
  public var boot: Int?
  /// nil where the agent did not report the case's end.
  public var usage: ResourceUsage?
  /// nil where the guest gave no reason to look into it.
  public var evidence: GuestEvidence?
  /// In the order in which they came. Of a case that did not pass, they are what it had found out until then.
  public var metrics: [Metric]
  /// All that was found out, the worst verdict first and of one verdict the most telling; the first of them is
  /// ``reason``. Empty for a plain pass, for what never ran, and in journals of earlier versions.
  public var findings: [CaseFinding] = []
  /// nil where the agent did not report the case's end.
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

  /// Whatever the case came to, this is why nothing of it counts.
  mutating func overrule(_ verdict: Verdict, _ why: VerdictReason) {
    (self.verdict, reason, cause) = (verdict, why.text, why.cause)
    findings.insert(CaseFinding(why.cause, verdict, why.text), at: 0)
  }

  /// What was found beside the reason; of a case that passed, all that is worth a word.
  public var otherFindings: [CaseFinding] { findings.filter { $0.text != reason } }
}

/// What became of one guest, from power-on to power-off.
public struct BootResult: Codable, Sendable, Equatable {
  /// Counts from 1 within the run.
  public var id: Int
  public var suite: String
  public var kernel: String
  /// `pass` when the guest reached its agent and ended without a splat outside of a case.
  public var verdict: Verdict
  public var reason: String?
  /// What ``reason`` says, for programs; nil without a reason, and in journals of earlier versions.
  public var cause: VerdictCause?
  /// Seconds from power-on to the agent's first word; nil when it never spoke.
  public var readySeconds: Double?
  /// Seconds from power-on to the end of the guest.
  public var seconds: Double
  /// The console's file, relative to the run's directory.
  public var console: String
  public var splats: [SplatNote]
  /// nil where the guest gave no reason to look into it outside of a case.
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
  /// True when the run was stopped before every planned case had a verdict.
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
