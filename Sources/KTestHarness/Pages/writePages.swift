import KTestHost
package import KTestValues

/// What pages are made of.
package struct PageOrder: Sendable {
  package var state: String
  /// The directory with the pages.
  package var directory: String
  /// Where they are published, without a slash at its end; nil if that is unknown.
  package var address: String?
  /// The records of nights; nil to read those of the state directory.
  package var nights: NightFiles?
  package var excuses: Excuses

  package init(
    state: String, directory: String, address: String? = nil, nights: NightFiles? = nil, excuses: Excuses = Excuses()
  ) {
    (self.state, self.directory, self.address) = (state, directory, address)
    (self.nights, self.excuses) = (nights, excuses)
  }
}

/// What was done.
package struct PageOutcome: Sendable, Equatable {
  /// Files that were written, because they are new or have changed.
  package var written = 0
  /// Runs whose pages were made, and those whose pages went because the run has gone.
  package var runs = 0
  package var removed = 0
  package var tests = 0
  package var nights = 0
  /// Runs and nights that cannot be read, with the reason.
  package var unreadable: [String: String] = [:]
}

/// Makes the pages of a state directory: static files that need neither a server nor a network. Pages of runs are made once,
/// and other files written only where they have changed; each is there completely or not at all.
///
/// - Throws: ``PageProblem``, ``StoreError``, ``JournalError``, `CancellationError`.
package func writePages(_ order: PageOrder) async throws -> PageOutcome {
  let nights = order.nights ?? NightFiles(state: order.state)
  let names = try listRuns(in: order.state)
  let (store, update) = try await openHistory(in: order.state)
  var folder = try await PageFolder(order.directory)
  let tests = try await store.testNames()
  var runs = RunPages(state: order.state, address: order.address, tests: tests)
  try runs.write(names, to: &folder)
  var pages = SitePages(order: order, nights: nights, runs: runs.facts)
  try await pages.write(from: store, to: &folder)
  var outcome = PageOutcome(
    written: folder.written, runs: runs.made, removed: runs.removed, tests: pages.index.tests.count,
    nights: nights.records.count)
  outcome.unreadable = update.unreadable.merging(runs.unreadable) { first, _ in first }
    .merging(nights.unreadable) { first, _ in first }
  return outcome
}

extension HistoryStore {
  /// The names of all cases and subtests that the index has.
  fileprivate func testNames() async throws -> Set<String> {
    var names = Set(try await summaries().map(\.series.name))
    guard let subtests = SeriesQuery("*:*:*") else { return names }
    names.formUnion(try await summaries(subtests).map(\.series.name))
    return names
  }
}
