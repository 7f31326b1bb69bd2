import ArgumentParser
import Foundation
import KTestHarness
import KTestHost

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a run from its journal, even if it was killed or is still running.",
    discussion: """
      Several runs make one table of suites by kernels, in Markdown; if they have the same case on the same kernel, the last \
      run counts.

      Examples:
        ktest show
        ktest show latest
        ktest show 2026-11-21T101502 2026-11-22T0815 --report markdown=kernels.md
      """)

  @Argument(help: "Runs: a name, a directory, or 'latest'. Without one, all runs are listed, the newest last.")
  var names: [String] = []
  @Option(help: "text, json.") var format = OutputFormat.text
  @Option(
    help: ArgumentHelp(
      "Write a report: ktap, junit, json, markdown or kcidb, =FILE ('-' is stdout).", valueName: "kind=file"))
  var report: [ReportTarget] = []
  @Flag(help: "Show the run's metrics.") var metrics = false
  @OptionGroup var origin: OriginOption
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let reports = try ReportFiles(report, origin: origin.origin)
      guard let name = names.first else {
        let runs = try runOverviews(in: places.places.stateDirectory)
        if format == .json { return try printJSON(runs) }
        if runs.isEmpty { return }
        writeAll(runListReport(runs, style: .output), to: 1)
        return
      }
      guard names.count == 1 else { return try showSeveral(reports) }
      let journal = try readJournal(at: try findRun(name, in: places.places.stateDirectory))
      try reports.write(RecordedSummary(journal.summary, journal.manifest))
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

  private func showSeveral(_ reports: ReportFiles) throws {
    guard format == .text, !metrics else {
      throw Failure(.usage, "--format json and --metrics show one run; name only one")
    }
    let runs = try names.map { name in
      let journal = try readJournal(at: try findRun(name, in: places.places.stateDirectory))
      return RecordedSummary(journal.summary, journal.manifest)
    }
    try reports.write(runs)
    if report.isEmpty { writeAll(markdownReport(runs), to: 1) }
  }
}
