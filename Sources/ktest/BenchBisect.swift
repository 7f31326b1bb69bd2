import ArgumentParser
import Foundation
import KTestHarness
import KTestHost
import KTestValues

extension BenchCommand {
  struct Bisect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Search generated histories for their culprit, and compare with git bisect and syzkaller's rule.")

    @Option(help: ArgumentHelp("Sizes of the histories, in commits.", valueName: "n"))
    var commits: [Int] = [10, 100, 1000, 10_000]

    @Option(help: ArgumentHelp("The rate at which the bug shows, in percent.", valueName: "percent"))
    var rate: [Double] = [5, 10, 20, 33, 50, 70, 80, 90, 95, 100]

    @Option(
      help: ArgumentHelp(
        "Histories per row; a tenth of them above 1000 commits.", valueName: "n"))
    var histories = 500

    @Option(help: ArgumentHelp("The allowed rate of wrong culprits, in percent.", valueName: "percent"))
    var error = 5.0

    @Option(help: ArgumentHelp("The same seed gives the same table.", valueName: "n"))
    var seed: UInt64 = 1

    @Flag(help: "Only histories in which every kernel builds and there is one failure.")
    var smooth = false

    @Flag(help: "Compare runs that are clones of one boot's guest with a boot for each run, as text.")
    var clones = false

    @Option(help: ArgumentHelp("Compare searches by so many workers at once, as in 1,4,16.", valueName: "list"))
    var workers: String?

    @Option(help: "text or json.") var format = OutputFormat.text

    func validate() throws {
      guard commits.allSatisfy((1...20_000).contains) else {
        throw ValidationError("--commits must be a number from 1 to 20000")
      }
      guard rate.allSatisfy({ $0 >= 2 && $0 <= 100 }) else {
        throw ValidationError("--rate must be a number from 2 to 100")
      }
      guard (1...1_000_000).contains(histories) else {
        throw ValidationError("--histories must be a number from 1 to 1000000")
      }
      guard error > 0, error < 50 else { throw ValidationError("--error must be above 0 and below 50") }
    }

    func run() async throws {
      try await reporting {
        let text = try await interruptible {
          if let workers { return try compare(workers: workers) }
          if clones { return try compareClones() }
          let bench = try measure()
          return format == .json ? bench.json : bench.text
        }
        writeAll(text, to: 1)
      }
    }

    private var parameters: BisectionParameters {
      var parameters = BisectionParameters()
      parameters.confidence = 1 - error / 100
      return parameters
    }

    private func compareClones() throws -> String {
      var bench = CloneBench(parameters: parameters, seed: seed)
      try bench.measure(commits: commits.filter { $0 <= 1000 }, isSmooth: smooth, histories: histories)
      return bench.text
    }

    private func compare(workers: String) throws -> String {
      let line = ProgressLine()
      defer { line.clear() }
      var bench = try WorkersBench(workers, clones: clones, parameters: parameters, seed: seed)
      try bench.measure(
        commits: commits, rates: rate.map { $0 / 100 }, isSmooth: smooth, histories: histories
      ) { line.show($0) }
      return format == .json ? bench.json : bench.text
    }

    private func measure() throws -> BisectBench {
      let line = ProgressLine()
      defer { line.clear() }
      var bench = BisectBench(parameters: parameters, seed: seed)
      try bench.measure(
        commits: commits, rates: rate.map { $0 / 100 }, isSmooth: smooth, histories: histories
      ) { line.show($0) }
      return bench
    }
  }
}
