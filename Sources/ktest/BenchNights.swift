import ArgumentParser
import KTestHarness
import KTestHost

extension BenchCommand {
  struct Nights: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Simulate a year of nights with flaky tests and planted regressions, and compare with the rules of others.")

    @Option(help: ArgumentHelp("The number of series.", valueName: "n")) var series = 1000
    @Option(help: ArgumentHelp("The number of nights.", valueName: "n")) var nights = 365
    @Option(help: ArgumentHelp("How many series fail by themselves, in percent.", valueName: "percent"))
    var flaky = 25.0
    @Option(help: ArgumentHelp("Regressions of each rate.", valueName: "n")) var regressions = 28
    @Option(help: ArgumentHelp("Nights on which the host makes runs fail.", valueName: "n")) var sickNights = 0
    @Option(help: ArgumentHelp("The same seed gives the same table.", valueName: "n")) var seed: UInt64 = 1
    @Option(help: "text or json.") var format = OutputFormat.text

    private var conditions: NightsBench.Conditions {
      var conditions = NightsBench.Conditions()
      (conditions.series, conditions.nights, conditions.flakyShare) = (series, nights, flaky / 100)
      (conditions.perRate, conditions.sickNights) = (regressions, sickNights)
      return conditions
    }

    func validate() throws {
      if let problem = conditions.problem { throw ValidationError(problem) }
    }

    func run() async throws {
      try await reporting {
        let bench = try await interruptible { [conditions] in try NightsBench(conditions, seed: seed) }
        writeAll(format == .json ? bench.json : bench.text, to: 1)
      }
    }
  }
}
