/// What one night did and found out. It is what is kept of it, and all that the terminal, the pages, the mails and the next
/// night know of it; results themselves are in the journals of its runs.
package struct NightRecord: Sendable, Equatable, Codable {
  package static let currentVersion = 1

  /// How far the night came.
  package enum State: String, Sendable, Codable, CaseIterable {
    /// It goes on, or was killed.
    case running
    case complete
    /// Its hours, runs or searches were used up before everything was done.
    case outOfBudget
    case interrupted
  }

  package var version = NightRecord.currentVersion
  /// Named like a run: `2026-11-29T021500-3fa2`.
  package var id: String
  /// The name of the plan.
  package var plan: String
  package var ktest: String
  package var state = State.running
  /// In milliseconds since 1970.
  package var started: Int64
  package var ended: Int64?
  package var kernels: [Kernel] = []
  package var runs: [Run] = []
  /// All series of which more is said than that they pass, the most urgent first.
  package var findings: [Finding] = []
  /// How many series passed and are not among the findings.
  package var passing = 0
  /// What was not tested as a whole. Single series are findings.
  package var untested: [Untested] = []
  package var differences: [Difference] = []
  package var searches: [Search] = []
  package var drills: [Drill] = []
  /// The metrics that moved; nil for the nights of a ktest that did not look at them.
  package var metrics: [MetricChange]?
  /// What other labs have seen; nil if the plan names none.
  package var labs: [Lab]?
  /// The hosts that have run groups of it, by name; nil if all ran where it was started.
  package var hosts: [HostRecord]?
  /// Kernels on which so much failed at once that no series is blamed.
  package var floods: [Flood] = []
  /// Whether the mail about it was written: a night that was killed behind it does not tell twice.
  package var wasTold = false

  package init(id: String, plan: String, ktest: String, started: Int64) {
    (self.id, self.plan, self.ktest, self.started) = (id, plan, ktest, started)
  }
}

extension NightRecord {
  /// One kernel of the plan, as it was tonight.
  package struct Kernel: Sendable, Equatable, Codable {
    /// As the plan names it: `debian:7.3-cloud@trixie-backports`.
    package var name: String
    /// As the runs name it; empty if it could not be had.
    package var label = ""
    package var release = ""
    package var identity = ""
    /// Empty if it was not built from a git tree.
    package var commit = ""
    /// The value of `--kernel` that finds this build again, also when the name stands for another one.
    package var argument = ""
    /// The hash of its configuration; nil if that is unknown.
    package var configHash: String?
    /// The commit at which its branch left that of the last night, if it was rebased since.
    package var base: String?
    /// The identity of the last night that had it; nil if there is none.
    package var former: String?
    /// Why there is no such kernel tonight.
    package var problem: String?

    package init(name: String) { self.name = name }

    package var build: Build { Build(label: label, identity: identity, commit: commit, argument: argument) }

    package var isChanged: Bool { former.map { $0 != identity } ?? true }
  }

  /// One run that belongs to the night.
  package struct Run: Sendable, Equatable, Codable {
    package enum Purpose: String, Sendable, Codable, CaseIterable {
      /// The plan wants it.
      case planned
      /// A failure is run again in a fresh guest.
      case again
      /// The last good kernel is run beside a failure.
      case goodKernel
      /// A metric is measured again by tonight's kernel, or by the one from before it moved.
      case measure
      case measureGood
      /// A planted bug.
      case drill
    }

    package var id: String
    package var purpose: Purpose
    /// The name in the plan.
    package var kernel: String
    /// With their cells, as in journals.
    package var suites: [String]

    package init(id: String, purpose: Purpose, kernel: String, suites: [String]) {
      (self.id, self.purpose, self.kernel, self.suites) = (id, purpose, kernel, suites)
    }
  }

  /// What is said of a series, in the words that are used everywhere.
  package enum Word: String, Sendable, Codable, CaseIterable {
    case newFailure, stillFailing, silent, fixed, flaky, undecided, elsewhere, notTested, newTest
  }

  /// What is said of one series, and why.
  package struct Finding: Sendable, Equatable, Codable {
    package var series: SeriesKey
    /// The name of the kernel in the plan.
    package var kernel: String
    package var word: Word
    /// That tonight's kernel broke it, in 0…1; nil where that was not weighed.
    package var probability: Double?
    /// The rate of failures now, in 0…1.
    package var rate: Double?
    /// Tonight's runs of this kernel, and how many of them failed.
    package var runs = 0
    package var failures = 0
    /// Since when it has failed, or was not tested; in milliseconds since 1970.
    package var since: Int64?
    /// Passing runs in a row, and how many are needed to close the failure.
    package var cleanRuns: Int?
    package var neededRuns: Int?
    package var notTested: NightOutcome.NotTested?
    /// Of the last run.
    package var verdict: Verdict?
    package var reason = ""
    package var splats: [String] = []
    /// Tonight's runs of it.
    package var runIDs: [String] = []
    /// The ends of the range with the cause: labels of kernels, and commits where they are known.
    package var lastGood: Build?
    package var firstBad: Build?
    /// The search that looks for its cause; its directory's name.
    package var search: String?
    package var noSearch: SearchWish.Refusal?
    /// Whether this is the first night that reports it.
    package var isNews = false
    /// The other labs in which the case fails, too.
    package var labs: [String]?
    /// Why it is not counted as a failure of the night.
    package var excuse: String?
    /// The last outcomes, the newest last, each a letter as in `ktest history`.
    package var strip = ""
    /// The command that runs it again.
    package var reproduce = ""

    package init(series: SeriesKey, kernel: String, word: Word) {
      (self.series, self.kernel, self.word) = (series, kernel, word)
    }
  }

  package struct Build: Sendable, Equatable, Codable {
    package var label: String
    package var identity: String
    /// Empty if it was not built from a git tree.
    package var commit: String
    /// The value of `--kernel` that finds it again; empty if there is none.
    package var argument: String

    package init(label: String, identity: String, commit: String = "", argument: String = "") {
      (self.label, self.identity, self.commit, self.argument) = (label, identity, commit, argument)
    }

    /// For people: the label, and the commit where the label does not have it.
    package var title: String {
      commit.isEmpty || label.contains(commit.prefix(12)) ? label : "\(label) (\(commit.prefix(12)))"
    }
  }

  /// A suite or a kernel of which the night has nothing, or less than the night before.
  package struct Untested: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
      /// The kernel could not be fetched or built.
      case kernel
      /// The suite could not be run, or not to its end.
      case suite
      /// A case has fewer subtests than the night before.
      case subtests
      case host
      /// The night ended before it.
      case time
    }

    package var kind: Kind
    /// The name in the plan; empty if it is not about one kernel.
    package var kernel: String
    /// `SUITE`, `SUITE:CASE`, or the host.
    package var name: String
    package var reason: String

    package init(kind: Kind, kernel: String, name: String, reason: String) {
      (self.kind, self.kernel, self.name, self.reason) = (kind, kernel, name, reason)
    }
  }

  /// What is different from the last night, apart from results.
  package struct Difference: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
      case kernel, configuration, accelerator, processor, qemu, host, suite, image, ktest
    }

    package var kind: Kind
    /// Which kernel or suite; empty for the host and its programs.
    package var name: String
    package var before: String
    package var now: String

    package init(kind: Kind, name: String = "", before: String, now: String) {
      (self.kind, self.name, self.before, self.now) = (kind, name, before, now)
    }
  }

  /// A search for the cause of a failure, as far as it came tonight.
  package struct Search: Sendable, Equatable, Codable {
    package enum State: String, Sendable, Codable, CaseIterable {
      /// It goes on in the next night.
      case open
      case answered
      case failed
    }

    /// The name of its directory.
    package var id: String
    package var test: String
    package var target: String
    package var good: String
    package var bad: String
    package var state: State
    /// In one sentence.
    package var answer = ""
    /// In 0…1.
    package var confidence: Double?
    package var runs = 0
    package var seconds = 0.0
    /// The failures that it explains.
    package var series: [SeriesKey] = []

    package init(id: String, test: String, target: String, good: String, bad: String, state: State) {
      (self.id, self.test, self.target) = (id, test, target)
      (self.good, self.bad, self.state) = (good, bad, state)
    }
  }

  /// So many failures on one kernel that one thing is behind all of them: the base of the tree, the host or ktest.
  package struct Flood: Sendable, Equatable, Codable {
    /// The name in the plan.
    package var kernel: String
    /// The cases that failed in their first run, and how many do on other nights.
    package var failed: Int
    package var usual: Int
    package var lastGood: Build?
    package var firstBad: Build?
    /// Some of the cases, as `SUITE:CASE`.
    package var examples: [String] = []

    package init(kernel: String, failed: Int, usual: Int) {
      (self.kernel, self.failed, self.usual) = (kernel, failed, usual)
    }
  }
}
