package import KTestValues

/// What a manifest has from the events of its run. The file has none of it: it would have to be written anew with each boot
/// and each group.
extension RunManifest {
  /// The host of each case, `SUITE:CASE`, that another host has run. Of a case in several rounds it is the first one's.
  package var workersOfCases: [String: WorkerFacts] {
    (workers ?? []).reduce(into: [:]) { found, worker in
      for name in worker.cases where found[name] == nil { found[name] = worker.host }
    }
  }

  /// Takes the programs that run guests from the first host that has run a group.
  mutating func learn(from group: AnsweredGroup) {
    guard let host = group.host else { return }
    (qemu, libvirt) = (qemu ?? host.qemu, libvirt ?? host.libvirt)
    if accelerator.used == nil { accelerator.used = host.accelerator }
  }

  /// Adds the boots and the groups of the events.
  mutating func learn(from events: [RecordedEvent]) {
    let planned = commandLines.map { list in
      Dictionary(list.map { ([$0.suite, $0.kernel], $0.commandLine) }) { first, _ in first }
    }
    var groups: [AnsweredGroup] = []
    for event in events.compactMap(\.event) {
      switch event {
      case .bootStarted(let boot, let suite, let kernel, _):
        // Earlier versions wrote the boots themselves.
        guard let planned else { continue }
        boots.append(
          Boot(boot: boot, suite: suite, kernel: kernel, commandLine: planned[[suite, kernel]] ?? ""))
      case .groupAnswered(let group):
        learn(from: group)
        groups.append(group)
      default: break
      }
    }
    if !groups.isEmpty { workers = (workers ?? []) + groups }
  }
}
