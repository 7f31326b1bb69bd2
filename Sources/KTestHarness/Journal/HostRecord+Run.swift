package import KTestValues

extension [HostRecord] {
  /// What a run says of the hosts that have run its groups.
  ///
  /// - Parameter groups: of its manifest.
  package init(_ summary: RunSummary, groups: [AnsweredGroup]) {
    var found: [String: HostRecord] = [:]
    func change(_ name: String, _ body: (inout HostRecord) -> Void) {
      guard !name.isEmpty else { return }
      body(&found[name, default: HostRecord(name: name)])
    }
    for group in groups {
      // The last host that was lost may have left something all the same.
      if let host = group.host, host.name != group.losses.last?.host { change(host.name) { $0.groups += 1 } }
      for loss in group.losses {
        change(loss.host) { host in
          host.losses += 1
          host.reason = loss.reason
        }
      }
    }
    let hosts = Dictionary(summary.boots.map { ($0.id, $0.host ?? "") }) { first, _ in first }
    for result in summary.suites.flatMap(\.cases) {
      guard let boot = result.boot, let host = hosts[boot] else { continue }
      change(host) { host in
        host.cases += 1
        // Whoever interrupts a run is not its host.
        if result.verdict == .error, result.cause?.kind != .interrupted { host.errors += 1 }
      }
    }
    self = found.values.sorted { $0.name < $1.name }
  }
}
