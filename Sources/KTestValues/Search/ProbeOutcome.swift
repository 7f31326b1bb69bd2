/// The outcome of one run of the case on one kernel with respect to the bug.
package enum ProbeOutcome: String, Codable, Sendable, CaseIterable {
  case targetSeen
  /// The case finished without the target.
  case clean
  /// Something else went wrong, and it is unknown whether the target would have shown.
  case otherFailure
  /// The kernel does not build or does not boot, or the case was not executed.
  case unusable
  /// The harness failed. This is no evidence, and the run is repeated.
  case infrastructure

  /// Whether it is evidence for or against the bug.
  package var speaks: Bool { self == .targetSeen || self == .clean }
}

/// One action and its result: the unit that a journal keeps and from which a search is rebuilt.
package struct Evidence: Codable, Sendable, Equatable {
  package enum Subject: Codable, Sendable, Hashable {
    case commit(String)
    /// The bad end with this commit reverted on top.
    case reverted(String)
  }

  /// The cost in wall-clock seconds.
  package struct Cost: Codable, Sendable, Equatable {
    /// The seconds of the build; nil if the kernel was available.
    package var build: Double?
    package var isFullBuild: Bool
    package var boot: Double
    package var run: Double

    package init(build: Double? = nil, isFullBuild: Bool = false, boot: Double = 0, run: Double = 0) {
      (self.build, self.isFullBuild, self.boot, self.run) = (build, isFullBuild, boot, run)
    }
  }

  /// The source: a run, or a statement such as an imported `git bisect good`.
  package enum Source: String, Codable, Sendable { case run, statement }

  package var subject: Subject
  package var outcome: ProbeOutcome
  /// The clean runs that came before this outcome in the same boot, if its runs were clones of one guest; nil if the boot
  /// had one run, as all have in searches of earlier versions.
  package var clean: Int?
  package var source: Source
  package var cost: Cost?
  /// A note for people: the reason, the title of the other failure, the journal of the run.
  package var note: String
  /// The failure that was not the target, and could be searched for by itself; nil in searches of earlier versions.
  package var other: BisectTarget?

  package init(
    _ subject: Subject, _ outcome: ProbeOutcome, clean: Int? = nil, source: Source = .run, cost: Cost? = nil,
    note: String = "", other: BisectTarget? = nil
  ) {
    (self.subject, self.outcome, self.clean, self.source) = (subject, outcome, clean, source)
    (self.cost, self.note, self.other) = (cost, note, other)
  }
}

extension Evidence {
  /// The runs of its boot that speak.
  package var boot: BootRuns {
    guard source == .run else { return BootRuns(seen: 0, clean: 0) }
    // The record of a search may be damaged.
    let before = min(max(0, clean ?? 0), 1_000_000)
    return BootRuns(seen: outcome == .targetSeen ? 1 : 0, clean: before + (outcome == .clean ? 1 : 0))
  }

  /// The number of runs of its boot, those included that say nothing.
  package var runs: Int {
    guard source == .run else { return 0 }
    return max(1, boot.count + (outcome.speaks ? 0 : 1))
  }

  /// Whether it is evidence for or against the bug.
  package var speaks: Bool { outcome.speaks || boot.count > 0 }
}
