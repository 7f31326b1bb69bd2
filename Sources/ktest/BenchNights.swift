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

    func validate() throws {
      guard (1...20_000).contains(series) else { throw ValidationError("--series must be a number from 1 to 20000") }
      guard (1...3650).contains(nights) else { throw ValidationError("--nights must be a number from 1 to 3650") }
      guard flaky >= 0, flaky <= 100 else { throw ValidationError("--flaky must be a number from 0 to 100") }
      guard (0...20_000).contains(regressions) else {
        throw ValidationError("--regressions must be a number from 0 to 20000")
      }
      guard (0...nights).contains(sickNights) else {
        throw ValidationError("--sick-nights must be a number from 0 to the number of nights")
      }
    }

    func run() async throws {
      try await reporting {
        var conditions = NightsBench.Conditions()
        (conditions.series, conditions.nights, conditions.flakyShare) = (series, nights, flaky / 100)
        (conditions.perRate, conditions.sickNights) = (regressions, sickNights)
        let bench = try await interruptible { [conditions] in try NightsBench(conditions, seed: seed) }
        writeAll(format == .json ? bench.json : bench.text, to: 1)
      }
    }
  }
}
