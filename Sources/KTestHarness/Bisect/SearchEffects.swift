package import KTestValues

/// The side effects of a search. The loop uses no compiler and no guest, so that a test can simulate a bug.
package protocol SearchEffects: Sendable {
  /// Returns the kernel of a commit, or of the bad end with a commit reverted.
  ///
  /// Throws errors that affect every commit: no compiler, a full disk. A commit that does not compile is a result.
  func kernel(of subject: Evidence.Subject) async throws -> SubjectKernel

  /// Boots the kernel and runs the case: once, or in clones of that guest until a run is not clean. Throws what ends the
  /// search; a temporary problem is the outcome `infrastructure`.
  ///
  /// - Parameter clones: the most runs; with one, nothing is forked.
  func run(_ kernel: SubjectKernel, of subject: Evidence.Subject, clones: Int) async throws -> RunObservation

  /// Returns how many may be at work now.
  func workers(atMost most: Int) async -> Int
}

extension SearchEffects {
  package func workers(atMost most: Int) async -> Int { most }
}

package struct SubjectKernel: Sendable {
  /// The kernel; nil if there is none, for the reason in ``trouble``.
  package var kernel: KernelBuild?
  /// An identity that is equal for kernels that cannot differ in behaviour: image, modules and configuration are the
  /// same.
  package var identity: String?
  /// Why there is no kernel: the first error of the compiler, an impossible configuration, a revert that conflicts.
  package var trouble: String?
  /// The wall-clock seconds of the build; nil if the kernel was available.
  package var seconds: Double?
  package var isFullBuild: Bool

  package init(
    kernel: KernelBuild?, identity: String? = nil, trouble: String? = nil, seconds: Double? = nil,
    isFullBuild: Bool = false
  ) {
    (self.kernel, self.identity, self.trouble) = (kernel, identity, trouble)
    (self.seconds, self.isFullBuild) = (seconds, isFullBuild)
  }
}

package struct RunObservation: Sendable {
  package var outcome: ProbeOutcome
  /// The clean runs of the same boot before this outcome; nil if its guest was not forked.
  package var clean: Int?
  /// A note for people: the reason, or the title of what was seen.
  package var note: String
  /// The failure that was not the target, and could be searched for by itself.
  package var other: BisectTarget?
  /// The seconds from power-on to the first case, or until the guest was stopped to be forked, and of all that came after.
  package var boot: Double
  package var run: Double
  /// The run's directory.
  package var journal: String?

  package init(
    _ outcome: ProbeOutcome, clean: Int? = nil, note: String = "", other: BisectTarget? = nil, boot: Double = 0,
    run: Double = 0, journal: String? = nil
  ) {
    (self.outcome, self.clean, self.note, self.other) = (outcome, clean, note, other)
    (self.boot, self.run, self.journal) = (boot, run, journal)
  }
}

/// One line of a search's journal. A search consists of its first line's parameters and these, in order.
package enum SearchStep: Codable, Sendable, Equatable {
  case evidence(Evidence, purpose: Probe.Purpose, journal: String?)
  /// The kernels of two commits are the same.
  case identical(String, String)
  /// A kernel is available, with its identity for the line above. The cost of the build is in the evidence of its first
  /// run; it is repeated here in case the search is interrupted in between.
  case built(commit: String, identity: String, cost: Evidence.Cost?)
  /// A kernel was built before the first run.
  case prepared(commit: String, cost: Evidence.Cost)
  /// A trial of a search over differences.
  case trial(SearchTrial)
  /// One of several workers began this boot, or the build of its kernel. Its evidence follows, or that it was dropped; if
  /// neither does, it was under way when the process ended.
  case began(SharedProbe)
  /// A boot that was begun does not matter any more.
  case dropped(SharedProbe)
}

/// An event of a running search.
package enum SearchEvent: Sendable {
  case building(Evidence.Subject, Probe.Purpose)
  /// The boot of this number in a row on one kernel, with up to so many clones.
  case running(Evidence.Subject, Probe.Purpose, boot: Int, atMost: Int, clones: Int)
  case stepped(SearchStep, Bisection)
  /// These differences are applied, out of this many.
  case trying([String], of: Int)
  case tried(SearchTrial, DeltaSearch)
}
