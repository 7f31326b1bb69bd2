import ArgumentParser
import KTestHarness
import KTestHost

extension BenchCommand {
  struct Cluster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run a made-up plan on many simulated hosts that fail.")

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Numbers of hosts.", valueName: "n")) var hosts = [5, 50, 500]
    @Option(help: ArgumentHelp("The number of groups.", valueName: "n")) var groups = 100_000
    @Option(help: ArgumentHelp("The same seed gives the same table.", valueName: "n")) var seed: UInt64 = 1
    @Flag(help: "Write no journal.") var noJournal = false
    @Option(help: "text or json.") var format = OutputFormat.text

    func validate() throws {
      if let problem = ClusterBenchJob.problem(hosts: hosts, groups: groups) { throw ValidationError(problem) }
    }

    func run() async throws {
      try await reporting {
        let job = ClusterBenchJob(
          TerminalDisplay(), hosts: hosts, groups: groups, seed: seed, writesJournal: !noJournal)
        let bench = try await interruptible { try await job.measure() }
        writeAll(format == .json ? bench.json : bench.text, to: 1)
      }
    }
  }
}
