import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure the overhead of ktest itself.",
    subcommands: [Boot.self, Console.self, Bisect.self, Nights.self, Store.self, Cluster.self])

  struct Boot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time boots, clones and whole runs of one case with QEMU alone, ktest and virtme-ng, in turn.")

    @Option(name: .shortAndLong, help: ArgumentHelp("A kernel, as for 'ktest run'.", valueName: "kernel"))
    var kernel = "debian:6.12-cloud"

    @Option(
      help: ArgumentHelp(
        "The case to run, SUITE:CASE; the default is the case 'pass' of the shipped selftests.", valueName: "suite"))
    var suite: String?

    @Option(help: ArgumentHelp("The number of measurements of each.", valueName: "n"))
    var rounds = 5

    @Option(help: "text or json.") var format = OutputFormat.text
    @OptionGroup var host: HostOptions
    @OptionGroup var places: PlaceOptions

    func validate() throws {
      guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be a number from 1 to 1000") }
    }

    func run() async throws {
      try await reporting {
        let job = BootBenchJob(
          places.session, host: host.options, suite: suite, kernel: kernel, rounds: rounds)
        let bench = try await interruptible { try await job.measure() }
        writeAll(format == .json ? bench.json : sanitised(bench.text, keepingLines: true), to: 1)
      }
    }
  }
}
