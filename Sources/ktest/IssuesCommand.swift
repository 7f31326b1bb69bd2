import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

struct IssuesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issues", abstract: "List what fails over all runs: one line for each splat or failing test.",
    discussion: """
      An issue is back, opened, still, silent or closed. It is closed when it was not seen in as many runs as would have
      shown it with 99 %. Known failures of a suite are no issues.

      Excuses are read from excuses.yaml in the directory of --state; --schema prints its schema.

      Examples:
        ktest issues
        ktest issues 3fa2b1c4
        ktest issues 'WARNING in try_grab_folio'
        ktest issues --all --format json
      """)

  @Argument(help: ArgumentHelp("An issue's id or title, where * stands for anything.", valueName: "issue"))
  var issue: String?
  @Flag(help: "Show closed issues, too.") var all = false
  @Option(help: ArgumentHelp("Read the excuses from this file.", valueName: "file")) var excuses: String?
  @Flag(help: "Print the JSON Schema of a file of excuses.") var schema = false
  @OptionGroup var options: HistoryOptions

  func run() async throws {
    try await reporting {
      if schema {
        writeAll(ExcuseSchema.json, to: 1)
        return
      }
      let known = try excuses.map { try readExcuses(at: $0) } ?? readExcuses(in: options.places.places.stateDirectory)
      let today = CalendarDay(milliseconds: WallTime.now().milliseconds)
      let issues = try await options.open().issues(excuses: known, today: today)
      let open = issues.filter { all || $0.isOpen }
      guard let issue else {
        let closed = issues.count - open.count
        let rest = closed > 0 ? "; --all shows \(closed) that \(closed == 1 ? "is" : "are") closed" : ""
        let text = open.isEmpty ? "no open issue\(rest)\n" : issueList(open, style: .output)
        writeAll(options.format == .json ? issueJSON(open) : text, to: 1)
        return
      }
      let named = issues.named(issue)
      if named.isEmpty {
        let nearest = Suggestion.ending(for: issue, in: issues.map(\.title))
        throw Failure(.usage, "no issue '\(issue)'\(nearest.isEmpty ? "; 'ktest issues --all' lists them" : nearest)")
      }
      writeAll(options.format == .json ? issueJSON(named) : issueReport(named, style: .output), to: 1)
    }
  }
}
