import KTestValues

extension RunManifest {
  /// A group that another host has run.
  package struct Worker: Codable, Sendable, Equatable {
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
    package var losses: [GroupAnswer.Loss]
  }

  /// The host of each case, `SUITE:CASE`, that another host has run. Of a case in several rounds it is the first one's.
  package var workersOfCases: [String: WorkerFacts] {
    (workers ?? []).reduce(into: [:]) { found, worker in
      for name in worker.cases where found[name] == nil { found[name] = worker.host }
    }
  }

  /// Adds what came of a group. What the manifest says of the programs that run guests is that of the first host.
  package mutating func add(_ answer: GroupAnswer) {
    var host: WorkerFacts?
    switch answer.outcome {
    case .ran(let worker, _), .cut(let worker, _, _): host = worker
    case .refused, .lost: break
    }
    let order = answer.order
    workers =
      (workers ?? []) + [
        Worker(
          host: host, round: order.round, group: order.number, firstBoot: order.firstBoot,
          cases: order.parts.flatMap { part in part.cases.map { "\(part.suite.name):\($0)" } }, losses: answer.losses)
      ]
    guard let host else { return }
    (qemu, libvirt) = (qemu ?? host.qemu, libvirt ?? host.libvirt)
    if accelerator.used == nil { accelerator.used = host.accelerator }
  }
}
