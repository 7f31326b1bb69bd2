import ArgumentParser
import Foundation
import KTestHarness
import KTestHost

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a run from its journal, even if it was killed or is still running.")

  @Argument(help: "The run's name, a directory, or 'latest'. Without it, all runs are listed, the newest last.")
  var name: String?
  @Option(help: "text, json.") var format = OutputFormat.text
  @Option(help: ArgumentHelp("Write a report: ktap, junit or json, =FILE ('-' is stdout).", valueName: "kind=file"))
  var report: [ReportTarget] = []
  @Flag(help: "Show the run's metrics.") var metrics = false
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let reports = try ReportFiles(report)
      guard let name else {
        let runs = try runOverviews(in: places.places.stateDirectory)
        if format == .json { return try printJSON(runs) }
        if runs.isEmpty { return }
        writeAll(runListReport(runs, style: .output), to: 1)
        return
      }
      let journal = try readJournal(at: try findRun(name, in: places.places.stateDirectory))
      try reports.write(journal.summary)
      if reports.takesOutput { return }
      if format == .json {
        writeAll(metrics ? metricJSON(journal.summary) : jsonReport(journal.summary), to: 1)
        return
      }
      if metrics {
        writeAll(metricReport(journal.summary, style: .output), to: 1)
        return
      }
      writeAll(terminalReport(journal, style: .output), to: 1)
    }
  }
}
