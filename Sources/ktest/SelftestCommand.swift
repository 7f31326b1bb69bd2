import ArgumentParser
import Foundation
import KTestGuests
import KTestHarness
import KTestHost
import KTestValues

struct SelftestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest", abstract: "Test ktest itself: inject faults into real guests and check the verdicts.",
    discussion: "Runs suites/selftest/*.yaml. Exits with 0 only if every verdict is as expected.")

  @Argument(help: "Cases to run ('*' is a wildcard); the default is all.") var cases: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("A kernel, as for 'ktest run'.", valueName: "kernel"))
  var kernel = "debian:6.12-cloud"

  @Option(help: "text or json.") var format = OutputFormat.text
  @OptionGroup var host: HostOptions
  @OptionGroup var places: PlaceOptions

  private struct Result: Encodable {
    var kernel: String
    var asExpected: Bool
    var seconds: Double
    /// The directories of the journals.
    var runs: [String] = []
    var rows: [Row] = []
    var strays: [String] = []
  }

  private struct Row: Encodable {
    var suite: String
    var `case`: String
    var what: String
    var fault: String
    var expected: String
    var got: String?
    var reason: String?
    var ok: Bool
    var differences: [String]
  }

  func run() async throws {
    try await reporting {
      let isGood = try await interruptible { try await perform() }
      if !isGood { throw ExitCode(Failure.Kind.failed.exitCode) }
    }
  }

  private func perform() async throws -> Bool {
    let clock = ContinuousClock()
    let started = clock.now
    let session = places.session
    let job = try SelftestJob(session, cases: cases)
    let build = try await session.kernel(kernel)
    let outcome = try await job.perform(build, on: try await session.openHost(host.options))
    present(outcome, kernel: build.label, seconds: (clock.now - started) / .seconds(1))
    return outcome.matrix.isAsExpected
  }

  private func present(_ outcome: SelftestJob.Outcome, kernel: String, seconds: Double) {
    let seconds = (seconds * 10).rounded() / 10
    let matrix = outcome.matrix
    if format == .json {
      let rows = matrix.rows.map { row in
        Row(
          suite: row.suite, case: row.name, what: row.what, fault: row.fault.rawValue, expected: row.expected.rawValue,
          got: row.got?.rawValue, reason: row.reason, ok: row.isAsExpected, differences: row.differences)
      }
      try? printJSON(
        Result(
          kernel: kernel, asExpected: matrix.isAsExpected, seconds: seconds, runs: outcome.runs, rows: rows,
          strays: matrix.strays))
      return
    }
    let good = matrix.rows.count(where: \.isAsExpected)
    writeAll(matrix.text(style: .output), to: 1)
    writeAll("\n\(good) of \(matrix.rows.count) as expected on \(sanitised(kernel)) in \(seconds) s\n", to: 1)
    for run in outcome.runs { writeAll("run \(sanitised(run))\n", to: 1) }
  }
}
