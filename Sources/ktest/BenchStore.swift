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
      guard (1...100_000).contains(runs) else { throw ValidationError("--runs must be a number from 1 to 100000") }
      guard (1...20_000).contains(series) else { throw ValidationError("--series must be a number from 1 to 20000") }
      guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be a number from 1 to 1000") }
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
