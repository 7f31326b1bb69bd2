import ArgumentParser
import Foundation
import KTestHarness
import KTestHost
import KTestValues

struct NightlyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nightly", abstract: "Run a night: test, judge by history, run again, search, and tell.",
    discussion: """
      The plan is a YAML file. A night that was interrupted goes on with the next call.
      Exit codes: 0 nothing new, 1 a new failure or a metric that got worse, 2 something is not tested any more, 75 another ktest is at it; others as \
      for ktest run.

      Examples:
        ktest nightly night.yaml
        ktest nightly night.yaml --check
        ktest nightly night.yaml --install-timer
        ktest nightly --show
        ktest nightly --show 2026-11-29
      """)

  @Argument(help: ArgumentHelp("The plan; with --show the name of a night, or its beginning.", valueName: "plan"))
  var plan: String?
  @Flag(help: "Check the plan and say what the night would do.") var check = false
  @Flag(help: "Print a systemd service and timer that run the plan every night.") var installTimer = false
  @Flag(help: "Show a night again; without a name the last one.") var show = false
  @Flag(help: "Print the JSON Schema of plans.") var schema = false
  @Option(help: "The format of stdout: text or json.") var format = OutputFormat.text
  @OptionGroup var host: HostOptions
  @OptionGroup var places: PlaceOptions

  func validate() throws {
    guard [check, installTimer, show, schema].count(where: { $0 }) < 2 else {
      throw ValidationError("give one of --check, --install-timer, --show and --schema")
    }
    if plan == nil, !show, !schema { throw ValidationError("name a plan, for example 'ktest nightly night.yaml'") }
  }

  func run() async throws {
    try await reporting {
      let session = places.session
      if schema {
        writeAll(NightSchema.json, to: 1)
        return
      }
      if show {
        try present(try findNight(plan ?? "latest", in: session.places.stateDirectory))
        return
      }
      var order = try NightOrder(reading: plan ?? "", in: session)
      order.guests = host.options
      if check || installTimer {
        let facts = try NightCheck(order, in: session).facts
        writeAll(check ? nightCheckReport(facts, style: .output) : timer(of: order, session).text, to: 1)
        return
      }
      let record = try await interruptible { [order, host] in
        let session = try await session.building(on: host.options)
        let job = try NightJob(order, in: session, effects: .shipped)
        return try await job.perform(on: try await session.openHost(host.options))
      }
      try present(record)
      let code = record.exitCode
      if code != 0 { throw ExitCode(code) }
    }
  }

  private func present(_ record: NightRecord) throws {
    switch format {
    case .text: writeAll(nightReport(record, style: .output), to: 1)
    case .json: writeAll(String(decoding: try NightArchive.encoded(record), as: UTF8.self), to: 1)
    }
  }

  private func timer(of order: NightOrder, _ session: Session) -> NightTimer {
    let path = order.path.hasPrefix("/") ? order.path : "\(session.places.workingDirectory)/\(order.path)"
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "ktest"
    // A service has neither the variables of this shell nor its working directory.
    let on =
      host.on.map {
        ["--on", $0.hasPrefix("slurm") || $0.hasPrefix("/") ? $0 : "\(session.places.workingDirectory)/\($0)"]
      } ?? []
    let arguments = on + [path, "--state", session.places.stateDirectory, "--cache", session.places.cacheDirectory]
    return NightTimer(program: program, arguments: arguments, plan: order.plan.name)
  }
}

extension NightEffects {
  /// The one place where the writers of pages, mails and reports are named.
  static var shipped: NightEffects {
    var effects = NightEffects()
    effects.tellers = [PageTeller(), MailTeller(), KCIDBTeller()]
    return effects
  }
}
