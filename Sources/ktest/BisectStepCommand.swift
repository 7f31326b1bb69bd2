import ArgumentParser
import KTestGuests
import KTestHarness
import KTestHost
import KTestValues

/// The command for `git bisect run`.
struct BisectStepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bisect-step", abstract: "Test the checked-out commit, for 'git bisect run'.",
    discussion: """
      Builds the checked-out commit, runs the case until it is sure, and exits with 0 (good), 1 (bad), 125 (cannot \
      be tested) or 128 (the harness failed: stop). How many clean runs make "good" depends on how often the failure \
      shows: the first step measures that at the bad end of 'git bisect', once.

      Example:
        git bisect run ktest bisect-step device-dax:io-2m --splat 'WARNING in percpu_ref_switch_to_atomic_rcu'
      """)

  @Argument(help: ArgumentHelp("The failing test: SUITE:CASE or SUITE:CASE:SUBTEST.", valueName: "suite")) var test:
    String
  @Option(help: ArgumentHelp("The tree.", valueName: "tree")) var repo = "."
  @Option(help: "Do not measure: N runs of the bad end showed the failure.") var seen: Int?
  @Option(help: "With --seen: N runs of the bad end did not show it.") var clean = 0
  @Option(help: "The probability of a wrong answer, in percent.") var error = 1.0
  @Flag(help: "The failure shows in every run, so that one run is enough.") var always = false
  @Option(name: .customLong("set"), help: ArgumentHelp("A suite's parameter, NAME=VALUE.", valueName: "name=value"))
  var settings: [String] = []
  @OptionGroup var target: TargetOptions
  @OptionGroup var build: BuildOptions
  @OptionGroup var host: HostOptions
  @OptionGroup var places: PlaceOptions

  func validate() throws {
    guard error > 0, error < 50 else { throw ValidationError("--error must be above 0 and below 50") }
    guard (seen ?? 0) >= 0, clean >= 0 else { throw ValidationError("--seen and --clean must not be negative") }
  }

  func run() async throws {
    // git takes 1…127 for a verdict, so any error here must stop it.
    var code: Int32 = 128
    do {
      code = try await interruptible { try await perform() }
    } catch {
      let failure = Failure(error)
      writeAll("ktest: \(sanitised(failure.description, keepingLines: true))\n", to: 2)
      code = failure.kind == .interrupted ? 130 : 128
    }
    if code != 0 { throw ExitCode(code) }
  }

  private func perform() async throws -> Int32 {
    var order = BisectStep.Order(test: test)
    (order.repository, order.target, order.settings) = (repo, target.wish, settings)
    (order.seen, order.clean, order.always, order.error) = (seen, clean, always, error / 100)
    (order.kernels, order.guests) = (build.options, host.options)
    let session = try await places.session.building(on: host.options)
    let step = try await BisectStep(order, in: session, say: { session.display.notice($0) })
    return try await step.perform(on: try await session.openHost(host.options)).exitCode ?? 128
  }
}
