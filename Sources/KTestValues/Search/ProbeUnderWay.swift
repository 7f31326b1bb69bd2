/// A boot of a search that a worker is busy with, or that one is to begin.
package struct SharedProbe: Codable, Sendable, Hashable {
  package var subject: Evidence.Subject
  package var purpose: Probe.Purpose
  /// The number of boots after which the plan is over. Each is decided anew.
  package var boots: Int
  /// The maximum number of runs of this boot, which ends with the first that is not clean.
  package var clones: Int

  package init(_ subject: Evidence.Subject, _ purpose: Probe.Purpose, boots: Int = 1, clones: Int = 1) {
    (self.subject, self.purpose, self.boots, self.clones) = (subject, purpose, boots, clones)
  }

  init(_ probe: Probe) {
    self.init(.commit(probe.commit), probe.purpose, boots: probe.boots, clones: probe.clones)
  }
}

/// A probe that was begun and has no result yet.
package struct ProbeUnderWay: Sendable, Equatable {
  package var probe: SharedProbe
  /// Whether its kernel was not there when it began, so that a worker builds it first, or waits for the one who does.
  package var needsBuild: Bool
  /// The seconds since it began.
  package var elapsed: Double

  package init(_ probe: SharedProbe, needsBuild: Bool = false, elapsed: Double = 0) {
    (self.probe, self.needsBuild, self.elapsed) = (probe, needsBuild, max(0, elapsed))
  }
}

/// What a worker that is free does next.
package enum SharedStep: Sendable, Equatable {
  case probe(SharedProbe)
  /// Nothing: what else could be run tells next to nothing beside what is under way. A result decides.
  case wait
  /// The search is over. What is still under way does not matter.
  case stop(Conclusion)
}
