/// What a host was given by name, and what became of it: by this it is judged whether a host can be relied on. A lost host and an
/// error say nothing about a kernel.
package struct HostRecord: Sendable, Equatable, Codable {
  package var name: String
  /// Groups that it has run to their end.
  package var groups = 0
  /// Groups that it was lost with; they ran elsewhere.
  package var losses = 0
  /// Cases that ran on it.
  package var cases = 0
  /// Cases among them that could not be judged.
  package var errors = 0
  /// Why it was lost last; empty if it never was.
  package var reason = ""

  package init(name: String) { self.name = name }

  package static func + (one: HostRecord, other: HostRecord) -> HostRecord {
    var sum = one
    sum.groups += other.groups
    sum.losses += other.losses
    sum.cases += other.cases
    sum.errors += other.errors
    if !other.reason.isEmpty { sum.reason = other.reason }
    return sum
  }

  /// How often it was lost.
  package var lost: RunTally { RunTally(failures: Double(losses), runs: Double(groups + losses)) }
  package var erred: RunTally { RunTally(failures: Double(errors), runs: Double(cases)) }
}

/// Why a host is suspect.
package struct HostSuspicion: Sendable, Equatable {
  /// It is lost more often than the others.
  package var isLost: Bool
  /// Its cases could not be judged more often than the others'.
  package var errs: Bool

  package var isAny: Bool { isLost || errs }
}

extension [HostRecord] {
  /// Adds what one run, or one night, says of its hosts; the newest last. Hosts stay sorted by name.
  package mutating func add(_ others: [HostRecord]) {
    for other in others {
      if let place = firstIndex(where: { $0.name == other.name }) {
        self[place] = self[place] + other
      } else {
        append(other)
      }
    }
    sort { $0.name < $1.name }
  }

  package func adding(_ others: [HostRecord]) -> [HostRecord] {
    var sum = self
    sum.add(others)
    return sum
  }

  /// Compares each host with all others together, by the rule of ``TwoPools``.
  package var suspicions: [HostSuspicion] {
    let (lost, erred) = (map(\.lost).reduce(RunTally(), +), map(\.erred).reduce(RunTally(), +))
    return map { host in
      HostSuspicion(
        isLost: TwoPools(base: lost - host.lost, sample: host.lost).isWorse(),
        errs: TwoPools(base: erred - host.erred, sample: host.erred).isWorse())
    }
  }
}

extension RunTally {
  fileprivate static func - (all: RunTally, part: RunTally) -> RunTally {
    RunTally(failures: all.failures - part.failures, runs: all.runs - part.runs)
  }
}
