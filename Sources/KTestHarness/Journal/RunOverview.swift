package import KTestValues

/// A run in a list of runs.
package struct RunOverview: Sendable, Equatable, Codable {
  package enum State: String, Sendable, Codable {
    case finished, running, interrupted
    /// The journal is damaged or of a newer version; `ktest show` says why.
    case unreadable
  }

  package var id: String
  package var directory: String
  package var state: State
  /// ISO 8601 in UTC; nil where the manifest is missing.
  package var started: String?
  package var suites: [String]
  /// Labels of the kernels.
  package var kernels: [String]
  /// The worst verdict so far; nil for a run that cannot be read.
  package var verdict: Verdict?
  package var seconds: Double?
}

/// The runs of a state directory, oldest first. A run that cannot be read is in the list.
///
/// - Throws: ``JournalError/cannotRead(path:reason:)`` where the directory cannot be listed.
package func runOverviews(in state: String) throws -> [RunOverview] {
  try listRuns(in: state).map { id in
    let directory = "\(state)/runs/\(id)"
    guard let journal = try? readJournal(at: directory) else {
      return RunOverview(id: id, directory: directory, state: .unreadable, suites: [], kernels: [])
    }
    return RunOverview(journal, id: id)
  }
}

extension RunOverview {
  init(_ journal: JournalContents, id: String) {
    let summary = journal.summary
    let states: [JournalContents.State: State] = [
      .finished: .finished, .running: .running, .interrupted: .interrupted,
    ]
    self.init(
      id: id, directory: journal.directory,
      state: journal.state == .finished && summary.interrupted ? .interrupted : states[journal.state] ?? .unreadable,
      started: journal.manifest?.started, suites: journal.manifest?.suites.map(\.name) ?? [],
      kernels: journal.manifest?.kernels.map(\.label) ?? [], verdict: summary.verdict, seconds: summary.seconds)
  }
}
