import ArgumentParser
import Foundation
import KTestGuests
import KTestHarness
import KTestHost
import KTestValues

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run suites on kernels.",
    discussion: """
      Examples:
        ktest run device-dax --kernel debian:6.12-cloud
        ktest run device-dax:map-2m --kernel .
        ktest run device-dax --kernel . --build
        ktest run suites/device-dax.yaml --kernel debian:6.12-cloud --kernel debian:6.1-cloud
        ktest run hmm-tests[thp=always]:private --kernel .
        ktest run mm --tag thp --kernel .
        ktest run thp-migration:bench --kernel . --clock instructions
        ktest run mm-bench:rmap --kernel . --functions
        ktest run mm --kernel . --guests auto
        ktest run device-dax:io-4k --kernel . --until-fail --stress
        ktest run --again latest
      """)

  @Argument(
    help: ArgumentHelp(
      "Suites: a name or a file, optionally followed by [AXIS=VALUE], :CASE or both ('*' is a wildcard)."))
  var suites: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A kernel: a build directory, an image, a package, running, or debian:NAME[@SUITE]. Can be repeated.",
      valueName: "kernel"))
  var kernel: [String] = []

  @Flag(
    name: .customLong("build"),
    help: "First build kernels that are given as a tree, TREE@REVISION or debian:linux-source-VERSION.")
  var builds = false

  @OptionGroup(title: "Options of --build") var buildOptions: BuildOptions

  @Option(name: .customLong("set"), help: ArgumentHelp("A suite's parameter, NAME=VALUE.", valueName: "name=value"))
  var settings: [String] = []

  @Option(
    help: ArgumentHelp(
      "The clock of all guests, whatever the suites say: time, or the instructions that a guest executes, under TCG."))
  var clock: GuestClock?

  @Option(
    help: ArgumentHelp(
      "Run only cells of a matrix where the axis has this value (or one of VALUE|VALUE).", valueName: "axis=value"))
  var matrix: [String] = []

  @Option(
    help: ArgumentHelp("Run only cases with this tag. Can be repeated; any of the tags will do.", valueName: "tag"))
  var tag: [String] = []

  @Option(
    help: ArgumentHelp(
      "How many guests run side by side: a number, or auto for as many as fit on this host.", valueName: "n|auto"))
  var guests: GuestCount?

  @Option(
    help: ArgumentHelp(
      "Also write a report: ktap, junit, json, markdown or kcidb, =FILE ('-' is stdout).", valueName: "kind=file"))
  var report: [ReportTarget] = []

  @Option(help: "The format of stdout: text or json.")
  var format = OutputFormat.text

  @Option(help: ArgumentHelp("Repeat a run from its journal: the run's name or 'latest'.", valueName: "run"))
  var again: String?

  @Option(
    help: ArgumentHelp(
      "Keep the memory of a guest that crashes or hangs, for crash and drgn. Can be given twice.",
      valueName: "on-crash|on-hang"))
  var dump: [DumpOccasion] = []

  @Flag(
    help: ArgumentHelp(
      "Count what each function of the kernel executes, too, for 'ktest compare --why'; needs clock: instructions."))
  var functions = false

  @Flag(help: "Give each case a guest of its own, forked from one that was booted.")
  var isolate = false

  @Flag(help: "Boot the guest that is forked, even if a run of the last hour has kept the same.")
  var newBoot = false

  @Option(
    help: ArgumentHelp(
      "Run cases in an order that this number determines, or 'random', which prints the number.", valueName: "seed"))
  var shuffle: ShuffleSeed?

  @OptionGroup(title: "Repetition and load") var repetition: CourseOptions

  @Flag(help: "Print the plan and exit.")
  var dryRun = false

  @OptionGroup var origin: OriginOption
  @OptionGroup var host: HostOptions
  @OptionGroup var places: PlaceOptions

  func validate() throws {
    if let problem = given.problem { throw ValidationError(problem) }
  }

  private var given: RunConflicts {
    var given = RunConflicts(host.options)
    (given.suites, given.again, given.matrix, given.tags, given.settings) = (suites, again, matrix, tag, settings)
    (given.dumps, given.functions, given.builds) = (!dump.isEmpty, functions, builds)
    given.buildOptions = !buildOptions.fragment.isEmpty || buildOptions.base != "allnoconfig"
    (given.repeats, given.stress) = (repetition.isGiven, repetition.stress)
    (given.guests, given.clock, given.ownGuests) = (guests, clock, isolate || shuffle != nil)
    return given
  }

  func run() async throws {
    try await reporting {
      let code = try await interruptible { try await perform() }
      if code != 0 { throw ExitCode(code) }
    }
  }

  private func perform() async throws -> Int32 {
    let reports = try ReportFiles(report, origin: origin.origin)
    let session = try await places.session.building(on: host.options)
    var order = try again.map { try RunOrder(again: $0, in: session) } ?? RunOrder(request, in: session)
    order.count(clock: clock, functions: functions)
    if let job = try BuildJob(session, order, jobs: buildOptions.options.processes) {
      return try await perform(job, reports)
    }
    let kernels = try await session.kernels(
      order.kernels, building: builds ? buildOptions.options : nil, for: order.suites.map { try $0.chosenSuite })
    for notice in order.differences(from: kernels) { session.display.notice(notice) }
    var job = RunJob(
      session, suites: order.suites, kernels: kernels.withDistinctLabels, parameters: order.parameters)
    job.dumps = Set(dump.map(\.occasion))
    (job.clock, job.countsFunctions) = (order.clock, order.countsFunctions)
    (job.course, job.load) =
      repetition.isGiven ? (repetition.course, repetition.load) : (order.course, order.load)
    job.guests = guests ?? order.guests
    (job.isolatesCases, job.shuffleSeed) = (isolate || order.isolatesCases, shuffle?.number ?? order.shuffleSeed)
    job.keepsTemplates = !newBoot
    let host = try await session.openHost(host.options)
    let prepared = try await job.plan(on: host)
    if dryRun {
      let times = formerTimes(
        in: session.places.stateDirectory, accelerator: host.settings.accelerator.rawValue)
      writeAll(planReport(prepared.plan, times: times), to: 1)
      return 0
    }
    return try present(try await job.perform(prepared, on: host), reports)
  }

  private var request: RunRequest {
    RunRequest(
      suites: suites, kernels: kernel, settings: settings, matrix: matrix, tags: tag, clock: clock)
  }

  private func perform(_ job: BuildJob, _ reports: ReportFiles) async throws -> Int32 {
    if let problem = given.problemOfBuilds { throw Failure(.usage, problem) }
    if dryRun {
      writeAll(planReport(try job.plan()), to: 1)
      return 0
    }
    return try present(try await job.perform(), reports)
  }

  /// Shows what the run came to, and gives the exit code.
  private func present(_ outcome: RunOutcome, _ reports: ReportFiles) throws -> Int32 {
    // A report that cannot be written does not hide the result.
    let written = Result { try reports.write(RecordedSummary(outcome.summary, outcome.manifest)) }
    show(outcome, reports)
    try written.get()
    return outcome.summary.failureKind?.exitCode ?? 0
  }

  private func show(_ outcome: RunOutcome, _ reports: ReportFiles) {
    switch format {
    case .json: writeAll(jsonReport(outcome.summary), to: 1)
    case .text:
      guard !reports.takesOutput else { return }
      let context = ReportContext(outcome.replay, directory: outcome.directory, withNotices: false)
      writeAll(terminalReport(outcome.summary, context: context, style: .output), to: 1)
    }
  }
}

enum DumpOccasion: String, ExpressibleByArgument, CaseIterable {
  case onCrash = "on-crash"
  case onHang = "on-hang"

  var occasion: MemoryDumps.Occasion {
    switch self {
    case .onCrash: .onCrash
    case .onHang: .onHang
    }
  }
}

extension GuestClock: ExpressibleByArgument {}

extension GuestCount: ExpressibleByArgument {
  public init?(argument: String) { self.init(parsing: argument) }
}

/// A number up to 4294967295, which every reader of JSON keeps whole, or `random` for a new one.
struct ShuffleSeed: ExpressibleByArgument {
  var number: UInt64

  init?(argument: String) {
    guard let number = argument == "random" ? UInt32.random(in: 0 ... .max) : UInt32(argument) else { return nil }
    self.number = UInt64(number)
  }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
