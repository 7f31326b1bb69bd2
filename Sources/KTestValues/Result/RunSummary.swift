/// The number of subtests of a case by result. `known` are failures that the suite declares as known.
package struct SubtestCounts: Codable, Sendable, Equatable {
  package var pass = 0
  package var fail = 0
  package var skip = 0
  package var known = 0

  package init(pass: Int = 0, fail: Int = 0, skip: Int = 0, known: Int = 0) {
    self.pass = pass
    self.fail = fail
    self.skip = skip
    self.known = known
  }

  package var executed: Int { pass + fail + known }
  package var total: Int { executed + skip }
}

/// A subtest that a report names: it failed, was skipped, or is a known failure.
package struct SubtestNote: Codable, Sendable, Equatable {
  /// The path from the outermost test to this one, joined by `/`.
  package var id: String
  /// The verdict; `pass` means that a known failure passed.
  package var verdict: Verdict
  package var known: Bool
  package var detail: String

  package init(id: String, verdict: Verdict, known: Bool = false, detail: String = "") {
    self.id = id
    self.verdict = verdict
    self.known = known
    self.detail = detail
  }
}

/// A kernel splat as a report names it.
package struct SplatNote: Codable, Sendable, Equatable {
  package var title: String
  /// Its class, for example `WARNING` or `KASAN`.
  package var type: String
  /// The seconds on the guest's own clock, if the console line had them.
  package var guestSeconds: Double?
  /// The offset in the boot's console file, in bytes.
  package var start: Int
  package var end: Int

  package init(title: String, type: String, guestSeconds: Double?, start: Int, end: Int) {
    self.title = title
    self.type = type
    self.guestSeconds = guestSeconds
    self.start = start
    self.end = end
  }
}

/// The resources that a case's processes used, as counted by the guest kernel (getrusage(2)).
package struct ResourceUsage: Codable, Sendable, Equatable {
  package var userSeconds: Double
  package var systemSeconds: Double
  /// The peak of the largest process.
  package var peakResidentKiB: UInt64

  package init(userSeconds: Double, systemSeconds: Double, peakResidentKiB: UInt64) {
    self.userSeconds = userSeconds
    self.systemSeconds = systemSeconds
    self.peakResidentKiB = peakResidentKiB
  }
}

/// The evidence of a guest that hung or crashed. Files are relative to the run's directory.
package struct GuestEvidence: Codable, Sendable, Equatable {
  /// One line: which tasks hang where, and what processors do. Nil if the guest gave no information.
  package var summary: String?
  /// The files with task dumps and registers.
  package var files: [String]
  /// The memory image, an ELF file.
  package var memory: String?
  /// The kernel's file with symbols, for readers of the image; nil if it is unknown.
  package var vmlinux: String?

  package init(summary: String? = nil, files: [String] = [], memory: String? = nil, vmlinux: String? = nil) {
    self.summary = summary
    self.files = files
    self.memory = memory
    self.vmlinux = vmlinux
  }
}

/// The result of one case on one kernel.
package struct CaseResult: Codable, Sendable, Equatable {
  package var name: String
  package var verdict: Verdict
  /// One sentence that a person can act on; nil for a plain pass.
  package var reason: String?
  /// What ``reason`` says, for programs; nil without a reason, and in journals of earlier versions.
  package var cause: VerdictCause?
  /// The wall-clock seconds on the host from the start of the case to its verdict.
  package var seconds: Double
  package var subtests: SubtestCounts
  package var notes: [SubtestNote]
  package var splats: [SplatNote]
  /// The boot it ran in; nil if it never started.
  package var boot: Int?
  /// The resource usage; nil if the agent did not report the case's end.
  package var usage: ResourceUsage?
  /// The evidence; nil if there was no reason to inspect the guest.
  package var evidence: GuestEvidence?
  /// The metrics in the order of the output. For a case that did not pass, these are the ones until then.
  package var metrics: [Metric]
  /// All findings, the worst verdict first and within a verdict the most significant first; the first of them is
  /// ``reason``. Empty for a plain pass, for cases that never ran, and in journals of earlier versions.
  package var findings: [CaseFinding] = []
  /// How the program ended; nil if the agent did not report the case's end.
  package var program: ProgramEnd?
  /// What the timeout became on a busy host; nil if nothing was added.
  package var limit: StretchedLimit?
  /// The round of a repeated run, from 1; nil in all other runs.
  package var round: Int?
  /// Which attempt at a flaky case it is; nil for other cases, and without `--retry`.
  package var attempt: CaseAttempt?
  /// All rounds of the case, or all attempts at it, of which this result is one; nil in events, and where there is only one.
  package var turns: CaseTurns?
  /// The load beside the case; nil for none.
  package var load: GuestLoad?

  package init(
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
  package init(from decoder: any Decoder) throws {
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
    limit = try values.decodeIfPresent(StretchedLimit.self, forKey: .limit)
    round = try values.decodeIfPresent(Int.self, forKey: .round)
    attempt = try values.decodeIfPresent(CaseAttempt.self, forKey: .attempt)
    turns = try values.decodeIfPresent(CaseTurns.self, forKey: .turns)
    load = try values.decodeIfPresent(GuestLoad.self, forKey: .load)
  }
}

extension CaseResult {
  /// A case that was not run to its end, and why.
  package init(name: String, verdict: Verdict, why: VerdictReason, seconds: Double = 0, boot: Int? = nil) {
    self.init(name: name, verdict: verdict, reason: why.text, cause: why.cause, seconds: seconds, boot: boot)
  }

  /// Overrides the verdict: for this reason, nothing of the case counts.
  package mutating func overrule(_ verdict: Verdict, _ why: VerdictReason) {
    (self.verdict, reason, cause) = (verdict, why.text, why.cause)
    findings.insert(CaseFinding(why.cause, verdict, why.text), at: 0)
  }

  /// The findings other than the reason; for a case that passed, all remarks.
  package var otherFindings: [CaseFinding] { findings.filter { $0.text != reason } }
}

/// The result of one guest, from power-on to power-off.
package struct BootResult: Codable, Sendable, Equatable {
  /// The number of the boot, from 1 within the run.
  package var id: Int
  package var suite: String
  package var kernel: String
  /// The verdict; `pass` if the guest reached its agent and ended without a splat outside of a case.
  package var verdict: Verdict
  package var reason: String?
  /// What ``reason`` says, for programs; nil without a reason, and in journals of earlier versions.
  package var cause: VerdictCause?
  /// The seconds from power-on to the agent's first message; nil if there was none.
  package var readySeconds: Double?
  /// The seconds from power-on to the end of the guest.
  package var seconds: Double
  /// The console's file, relative to the run's directory.
  package var console: String
  package var splats: [SplatNote]
  /// The evidence; nil if there was no reason to inspect the guest outside of a case.
  package var evidence: GuestEvidence?
  /// What the limit of the boot became on a busy host; nil if nothing was added.
  package var limit: StretchedLimit?
  /// Where the guest began, if it was not booted.
  package var clone: CloneOrigin?
  /// The host that ran the guest; nil if it was the run's own, and in journals of earlier versions.
  package var host: String?

  /// The boot that a clone goes on from.
  package struct CloneOrigin: Codable, Sendable, Equatable {
    /// The number of the boot.
    package var boot: Int
    /// The seconds since its guest was stopped.
    package var age: Double
    /// The run of that boot; nil if it is the same.
    package var run: String?

    package init(boot: Int, age: Double, run: String? = nil) {
      self.boot = boot
      self.age = age
      self.run = run
    }
  }

  package init(
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
package struct SuiteResult: Codable, Sendable, Equatable {
  package var name: String
  package var kernel: String
  package var verdict: Verdict
  package var cases: [CaseResult]
  /// The cases that do not exist on this kernel. They have no verdict and count nowhere.
  package var absent: [AbsentCase]

  package init(
    name: String, kernel: String, verdict: Verdict, cases: [CaseResult], absent: [AbsentCase] = []
  ) {
    self.name = name
    self.kernel = kernel
    self.verdict = verdict
    self.cases = cases
    self.absent = absent
  }

  /// A summary of an earlier version names no absent cases.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    kernel = try values.decode(String.self, forKey: .kernel)
    verdict = try values.decode(Verdict.self, forKey: .verdict)
    cases = try values.decode([CaseResult].self, forKey: .cases)
    absent = try values.decodeIfPresent([AbsentCase].self, forKey: .absent) ?? []
  }
}

/// The whole run, as `--format json` prints it.
package struct RunSummary: Codable, Sendable, Equatable {
  package var run: String
  package var verdict: Verdict
  /// Whether the run was stopped before every planned case had a verdict.
  package var interrupted: Bool
  package var seconds: Double
  /// The rounds; nil for a run that is not repeated.
  package var rounds: RunRounds?
  package var boots: [BootResult]
  package var suites: [SuiteResult]

  package init(
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
