import ArgumentParser
import Foundation
import KTestHarness
import KTestHost
import KTestValues

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare verdicts and metrics of runs.",
    discussion: """
      Runs are named as for 'ktest show'; RUN@KERNEL selects what ran on that kernel. A difference of a metric counts if \
      it is greater than the measured spread, for which each side needs several samples or several runs.

      Examples:
        ktest compare 2026-11-21T101502 latest
        ktest compare latest@6.12.8 latest@6.12.9
        ktest compare --base 2026-11-21T10 --base 2026-11-21T11 --with latest
        ktest compare latest@6.12.8 latest@6.12.9 --why munmap-small

      Exit codes: 0 nothing got worse, 1 a verdict or a metric got worse, 69 nothing got worse but a verdict is 'error' or metrics \
      are of different clocks.
      """)

  @Argument(help: "Two runs: the first and the second side.") var runs: [String] = []
  @Option(help: ArgumentHelp("A run of the first side. Can be repeated.", valueName: "run")) var base: [String] = []
  @Option(help: ArgumentHelp("A run of the second side. Can be repeated.", valueName: "run")) var with: [String] = []
  @Option(
    help: ArgumentHelp(
      "The percentage by which counts of instructions may differ; the default is 0.1.", valueName: "percent"))
  var threshold = RunComparison.defaultThreshold
  @Option(
    help: ArgumentHelp(
      "Show which functions of the kernel make the difference of this metric, for runs with --functions.",
      valueName: "metric"))
  var why: String?
  @Option(help: "text or json.") var format = OutputFormat.text
  @OptionGroup var places: PlaceOptions

  func validate() throws {
    guard threshold >= 0, threshold <= 100 else { throw ValidationError("--threshold must be 0 to 100") }
    if why != nil, base.count > 1 || with.count > 1 {
      throw ValidationError("--why takes one run a side: its counts are exact")
    }
    if base.isEmpty && with.isEmpty {
      guard runs.count == 2 else { throw ValidationError("name two runs, or give --base RUN… --with RUN…") }
      return
    }
    if base.isEmpty || with.isEmpty || !runs.isEmpty {
      throw ValidationError("for several runs per side, give all of them with --base RUN… --with RUN…")
    }
  }

  func run() async throws {
    try await reporting {
      let first = try (base.isEmpty ? [runs[0]] : base).map(side)
      let second = try (with.isEmpty ? [runs[1]] : with).map(side)
      let comparison = RunComparison(base: first, with: second, threshold: threshold)
      if let why {
        let explanation = try MetricExplanation(of: why, base: first[0], with: second[0])
        switch format {
        case .json: writeAll(explanationJSON(explanation), to: 1)
        case .text:
          let notes = comparison.circumstances
          writeAll(explanationReport(explanation, circumstances: notes, style: .output), to: 1)
        }
        return
      }
      switch format {
      case .json: writeAll(comparisonJSON(comparison), to: 1)
      case .text:
        writeAll(comparisonReport(comparison, style: .output), to: 1)
      }
      if comparison.isWorse { throw ExitCode(Failure.Kind.failed.exitCode) }
      if comparison.hasErrors || comparison.hasMixtures { throw ExitCode(Failure.Kind.host.exitCode) }
    }
  }

  /// Parses `RUN` or `RUN@KERNEL`.
  private func side(_ text: String) throws -> RunComparison.Run {
    var name = text
    var kernel: String?
    if !FileManager.default.fileExists(atPath: text), let at = text.firstIndex(of: "@") {
      name = String(text[..<at])
      kernel = String(text[text.index(after: at)...])
    }
    let journal = try readJournal(at: try findRun(name, in: places.places.stateDirectory))
    let summary = journal.summary
    let labels = summary.suites.map(\.kernel).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    if let kernel, !labels.contains(kernel) {
      throw Failure(
        .usage, "the run \(summary.run) has no kernel '\(kernel)'; it has \(labels.joined(separator: ", "))")
    }
    if summary.interrupted { writeAll("ktest: the run \(summary.run) was interrupted or is still running\n", to: 2) }
    return RunComparison.Run(summary: summary, manifest: journal.manifest, kernel: kernel, directory: journal.directory)
  }
}
