import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

extension BenchCommand {
  struct Console: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Time the search for splats in a clean log and in one full of splats, compare with grep, and show peak memory.")

    @Option(help: ArgumentHelp("The size of each log.", valueName: "n"))
    var megabytes = 256

    @Option(help: ArgumentHelp("How often each log is read.", valueName: "n"))
    var rounds = 3

    @Option(help: ArgumentHelp("Also measure with this log.", valueName: "file"))
    var log: [String] = []

    @Option(help: "text or json.") var format = OutputFormat.text

    func validate() throws {
      guard (1...100_000).contains(megabytes) else {
        throw ValidationError("--megabytes must be a number from 1 to 100000")
      }
      guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be a number from 1 to 1000") }
    }

    func run() async throws {
      try await reporting {
        let job = ConsoleBenchJob(TerminalDisplay(), bytes: megabytes * 1_000_000, rounds: rounds, logs: log)
        let bench = try await interruptible { try await job.measure() }
        writeAll(format == .json ? bench.json : sanitised(bench.text, keepingLines: true), to: 1)
      }
    }
  }
}
