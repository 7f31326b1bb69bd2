import ArgumentParser
import KTestHarness

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure what ktest itself costs.",
    subcommands: [Boot.self, Console.self, Bisect.self])

  struct Boot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time a boot and one case: QEMU alone, ktest run, virtme-ng; alternating.")

    @Option(name: .shortAndLong, help: ArgumentHelp("A kernel, as for 'ktest run'.", valueName: "kernel"))
    var kernel = "debian:6.12-cloud"

    @Option(
      help: ArgumentHelp(
        "The case to run, SUITE:CASE; without it the case 'pass' of the shipped selftests.", valueName: "suite"))
    var suite: String?

    @Option(help: ArgumentHelp("How often each is measured.", valueName: "n"))
    var rounds = 5

    @Option(help: "text or json.") var format = OutputFormat.text
    @OptionGroup var host: HostOptions
    @OptionGroup var places: PlaceOptions

    func validate() throws {
      guard (1...1000).contains(rounds) else { throw ValidationError("--rounds is a number from 1 to 1000") }
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
