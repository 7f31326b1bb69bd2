/// What a search does in the world. The loop knows no compiler and no guest: a test gives it a bug and a die.
public protocol SearchEffects: Sendable {
  /// The kernel of a commit, or of the bad end with a commit reverted.
  ///
  /// Throws what no other commit would change: no compiler, a full disk. A commit that does not compile is a result.
  func kernel(of subject: Evidence.Subject) async throws -> SubjectKernel

  /// One run of the case. Throws what ends the search; trouble that may pass is the outcome `infrastructure`.
  func run(_ kernel: SubjectKernel, of subject: Evidence.Subject) async throws -> RunObservation
}

public struct SubjectKernel: Sendable {
  /// nil: there is none, for the reason in ``trouble``.
  public var kernel: KernelBuild?
  /// Equal for kernels that cannot differ in behaviour: image, modules and configuration are the same.
  public var identity: String?
  /// Why there is no kernel: the first error of the compiler, a configuration that cannot be, a revert that conflicts.
  public var trouble: String?
  /// Wall-clock seconds; nil where the kernel was there already.
  public var seconds: Double?
  public var isFullBuild: Bool

  public init(
    kernel: KernelBuild?, identity: String? = nil, trouble: String? = nil, seconds: Double? = nil,
    isFullBuild: Bool = false
  ) {
    (self.kernel, self.identity, self.trouble) = (kernel, identity, trouble)
    (self.seconds, self.isFullBuild) = (seconds, isFullBuild)
  }
}

public struct RunObservation: Sendable {
  public var outcome: ProbeOutcome
  /// For people: why, or the title of what was seen.
  public var note: String
  /// The failure that was not the target, and could be searched for by itself.
  public var other: BisectTarget?
  /// Seconds from power-on to the first case, and from there to the end.
  public var boot: Double
  public var run: Double
  /// The run's directory.
  public var journal: String?

  public init(
    _ outcome: ProbeOutcome, note: String = "", other: BisectTarget? = nil, boot: Double = 0, run: Double = 0,
    journal: String? = nil
  ) {
    (self.outcome, self.note, self.other) = (outcome, note, other)
    (self.boot, self.run, self.journal) = (boot, run, journal)
  }
}

/// One line of a search's journal. A search is its first line's parameters and these, in order.
public enum SearchStep: Codable, Sendable, Equatable {
  case evidence(Evidence, purpose: Probe.Purpose, journal: String?)
  /// The kernels of two commits are the same.
  case identical(String, String)
  /// A kernel is there: its identity, for the line above. What the build cost is in the evidence of its first run; it
  /// stands here for a search that is cut off in between.
  case built(commit: String, identity: String, cost: Evidence.Cost?)
  /// A kernel was built before the first run.
  case prepared(commit: String, cost: Evidence.Cost)
  /// Of a search over differences.
  case trial(SearchTrial)
}

/// What a search tells while it goes on.
public enum SearchEvent: Sendable {
  case building(Evidence.Subject, Probe.Purpose)
  case running(Evidence.Subject, Probe.Purpose, run: Int, atMost: Int)
  case stepped(SearchStep, Bisection)
  /// These differences are applied, of so many.
  case trying([String], of: Int)
  case tried(SearchTrial, DeltaSearch)
}
