import ArgumentParser
import KTestHarness
import KTestHost

extension BenchCommand {
  struct Store: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fill an index with made-up runs, and time what 'ktest history' and 'ktest flaky' ask of it.")

    @Option(help: ArgumentHelp("The number of runs.", valueName: "n")) var runs = 10_000
    @Option(help: ArgumentHelp("The number of results of each.", valueName: "n")) var series = 1000
    @Option(help: ArgumentHelp("The number of measurements of each query.", valueName: "n")) var rounds = 20
    @Option(help: "text or json.") var format = OutputFormat.text

    func validate() throws {
      if let problem = StoreBenchJob.problem(runs, series, rounds) { throw ValidationError(problem) }
    }

    func run() async throws {
      try await reporting {
        let job = StoreBenchJob(TerminalDisplay(), runs: runs, series: series, rounds: rounds)
        let bench = try await interruptible { try await job.measure() }
        writeAll(format == .json ? bench.json : bench.text, to: 1)
      }
    }
  }
}
