/// Information for a report beyond the summary of the run.
package struct ReportContext: Sendable, Equatable {
  /// The run's directory, for the paths of consoles and outputs; nil if nothing was kept.
  package var directory: String?
  /// Whether consoles, outputs and artefacts were removed to save space.
  package var isPruned = false
  /// The number of cases that the run had planned.
  package var planned: Int?
  /// Notices that are printed before the results; empty if they were already shown.
  package var notices: [String] = []
  package var tails: [CaseKey: CaseTail] = [:]
  package var consoleTails: [Int: ByteTail] = [:]

  package init(directory: String? = nil, planned: Int? = nil) {
    self.directory = directory
    self.planned = planned
  }

  package init(_ replay: RunReplay, directory: String?, withNotices: Bool) {
    self.directory = directory
    planned = replay.planned
    notices = withNotices ? replay.notices : []
    tails = replay.tails
    consoleTails = replay.consoleTails
  }

  func path(_ file: String) -> String {
    (directory.map { "\($0)/\(file)" } ?? file) + (isPruned ? " (removed by ktest gc)" : "")
  }
}
