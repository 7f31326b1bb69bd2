/// A group of a run on many hosts that has its answer: which host has run it, and which were lost with it.
package struct AnsweredGroup: Codable, Sendable, Equatable {
  /// The host, and its programs; nil if no host has run the group.
  package var host: WorkerFacts?
  package var round: Int
  /// The group's number in the round.
  package var group: Int
  /// The numbers of its boots are from this one on.
  package var firstBoot: Int
  /// `SUITE:CASE` for each of its cases.
  package var cases: [String]
  /// The hosts that were lost with it, in turn.
  package var losses: [LostHost]

  package init(
    host: WorkerFacts?, round: Int, group: Int, firstBoot: Int, cases: [String], losses: [LostHost] = []
  ) {
    (self.host, self.round, self.group, self.firstBoot) = (host, round, group, firstBoot)
    (self.cases, self.losses) = (cases, losses)
  }
}

/// A host that was lost with a group.
package struct LostHost: Sendable, Codable, Equatable {
  package var host: String
  package var reason: String

  package init(host: String, reason: String) { (self.host, self.reason) = (host, reason) }
}

/// The host and the programs that ran a group.
package struct WorkerFacts: Codable, Sendable, Equatable {
  /// The host's name.
  package var name: String
  /// The version of ktest.
  package var ktest: String
  /// Seconds since 1970, by the host's clock.
  package var time: Int
  package var qemu: String?
  package var libvirt: String?
  package var accelerator: String
  package var processors: Int
  /// In bytes.
  package var memory: UInt64
  /// The release of the host's kernel.
  package var kernel: String

  package init(
    name: String, ktest: String, time: Int, qemu: String?, libvirt: String?, accelerator: String, processors: Int,
    memory: UInt64, kernel: String
  ) {
    (self.name, self.ktest, self.time) = (name, ktest, time)
    (self.qemu, self.libvirt, self.accelerator) = (qemu, libvirt, accelerator)
    (self.processors, self.memory, self.kernel) = (processors, memory, kernel)
  }
}
