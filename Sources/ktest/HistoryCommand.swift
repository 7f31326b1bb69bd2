import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

/// The options of all commands that read the index of runs.
struct HistoryOptions: ParsableArguments {
  @Option(help: "text or json.") var format = OutputFormat.text
  @OptionGroup var places: PlaceOptions

  /// Opens the index, brings it up to date, and says on stderr what could not be read.
  func open(rebuilding: Bool = false) async throws -> HistoryStore {
    let state = places.places.stateDirectory
    let (store, update) = try await interruptible {
      try await openHistory(in: state, rebuilding: rebuilding) {
        say("waits for another ktest that updates the index of runs")
      }
    }
    if update.wasDamaged { say("the index of runs was damaged, and was made anew from \(update.added) runs") }
    if rebuilding { say("the index of runs was made anew from \(update.added) runs") }
    for (run, reason) in update.unreadable.sorted(by: { $0.key < $1.key }) {
      say("the run \(run) is left out: \(reason)")
    }
    return store
  }

  func show(_ summaries: [SeriesSummary]) {
    writeAll(format == .json ? historyJSON(summaries) : historyList(summaries, style: .output), to: 1)
  }

  private func say(_ text: String) { writeAll("ktest: \(sanitised(text, keepingLines: true))\n", to: 2) }
}

struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show the results of cases over all runs, and when they changed.",
    discussion: """
      Outcomes are . pass, F fail, T timeout, C crash, s skip, k known failure, E error; the newest comes last. Only the
      first four count.
      Cases are listed; one case or subtest is shown with its kernels, its changes, the last good run and the first bad one.

      Examples:
        ktest history
        ktest history device-dax
        ktest history 'hmm-tests[thp=madvise]:private'
        ktest history mm:vmtests:hugetlb
      """)

  @Argument(help: ArgumentHelp("SUITE[:CASE[:SUBTEST]], where * stands for anything.", valueName: "series"))
  var series: String?
  @Flag(help: "Make the index of runs anew from their journals.") var rebuild = false
  @OptionGroup var options: HistoryOptions

  func run() async throws {
    try await reporting {
      let query = try series.map { text in
        guard let query = SeriesQuery(text) else {
          throw Failure(.usage, "'\(text)' is not SUITE[:CASE[:SUBTEST]]")
        }
        return query
      }
      let store = try await options.open(rebuilding: rebuild)
      let unknown = Failure(.usage, "no run has '\(series ?? "")'; 'ktest history' lists what there is")
      guard let query, query.test != nil else {
        let summaries = try await store.summaries(query)
        if query != nil, summaries.isEmpty { throw unknown }
        return options.show(summaries)
      }
      let records = try await store.records(query)
      if records.isEmpty { throw unknown }
      if options.format == .json {
        writeAll(historyJSON(records), to: 1)
        return
      }
      let subtests = if let parts = query.subtests { try await store.summaries(parts) } else { [SeriesSummary]() }
      writeAll(historyReport(records, style: .output), to: 1)
      if !subtests.isEmpty { writeAll("\n" + historyList(subtests, style: .output), to: 1) }
    }
  }
}

struct FlakyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flaky", abstract: "List the cases and subtests that fail now and then, and no change explains it.",
    discussion: """
      A case is flaky if it failed at least twice and in 1 % of its runs since its rate last changed, and also passes.
      Failures of a kernel on which it fails every time do not count.
      """)

  @OptionGroup var options: HistoryOptions

  func run() async throws {
    try await reporting { options.show(try await options.open().flaky()) }
  }
}
