import KTestValues

/// What is kept of a run beside its pages, so that its journal is read once: how it shows in lists, and its metrics.
struct RunFacts: Codable, Sendable, Equatable {
  /// Grows when the pages of runs look different, so that they are made anew.
  static let currentFormat = 3

  var format = RunFacts.currentFormat
  /// Changes when the journal does.
  var mark: String
  var overview: RunOverview
  var values: [RunMetric] = []
  /// What stands for each kernel on the command line, by labels.
  var arguments: [String: String] = [:]
  /// Its files for NIPA.
  var nipa: [NIPARun.Entry] = []

  /// In milliseconds since 1970; 0 if that is unknown.
  var started: Int64 { overview.started.flatMap { WallTime(iso: $0) }?.milliseconds ?? 0 }

  init(_ journal: JournalContents, id: String, mark: String) {
    self.mark = mark
    overview = RunOverview(journal, id: id)
    // The place of a run's directory is nobody's business on a page.
    overview.directory = ""
    for kernel in journal.manifest?.kernels ?? [] { arguments[kernel.label] = kernel.argument }
    values = journal.metrics(ofRun: id)
  }
}
