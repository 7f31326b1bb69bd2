package import KTestValues

/// What is said of a host by its name.
package enum HostRecordText {
  /// Returns a line about a host that was lost or erred; nil for others.
  static func line(_ host: HostRecord, _ suspicion: HostSuspicion) -> String? {
    var words: [String] = []
    if host.losses > 0 {
      words.append("lost with \(host.losses) of \(TerminalText.count(host.groups + host.losses, "group"))")
    }
    if host.errors > 0 {
      words.append("\(host.errors) of \(TerminalText.count(host.cases, "case")) could not be judged")
    }
    guard !words.isEmpty else { return nil }
    if suspicion.isAny { words.append(HostRecordText.words(suspicion)) }
    let reason = host.reason.isEmpty ? "" : "; last: \(host.reason.firstLine)"
    return "\(host.name): \(words.joined(separator: ", "))\(reason)"
  }

  package static func words(_ suspicion: HostSuspicion) -> String {
    switch (suspicion.isLost, suspicion.errs) {
    case (true, true): "lost more often than the others, and errs more often"
    case (true, false): "lost more often than the others"
    case (false, true): "errs more often than the others"
    case (false, false): "as good as the others"
    }
  }
}
