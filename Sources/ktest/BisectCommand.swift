import ArgumentParser
import Glibc
import KTestHarness
import KTestHost
import KTestValues

struct BisectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bisect", abstract: "Find the change that causes a failure, and say how sure that is.",
    subcommands: [BisectRun.self, BisectShow.self, BisectLog.self], defaultSubcommand: BisectRun.self)
}

struct BisectRun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Search commits, builds, a command line or a configuration.",
    discussion: """
      Examples:
        ktest bisect device-dax:io-2m --repo ../linux --good v6.11 --bad master
        ktest bisect device-dax --builds 'debian:6.1-cloud*' debian:6.12-cloud
        ktest bisect hmm-tests:private --kernel . --cmdline transparent_hugepage=madvise transparent_hugepage=always
        ktest bisect hmm-tests:private --kernel ../linux --config good.config bad.config
        ktest bisect --resume latest
      """)

  @Argument(help: ArgumentHelp("The failing test: SUITE, SUITE:CASE or SUITE:CASE:SUBTEST.", valueName: "suite"))
  var test: String?

  @Option(help: ArgumentHelp("The kernel's git repository.", valueName: "tree")) var repo: String?
  @Option(help: ArgumentHelp("A commit without the failure. Can be repeated.", valueName: "rev")) var good: [String] =
    []
  @Option(help: ArgumentHelp("A commit with the failure.", valueName: "rev")) var bad: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Kernels in order, as for --kernel; debian:6.1-cloud* and debian:7.*-cloud@sid mean every such build.",
      valueName: "kernel"))
  var builds: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Two command lines, without and with the failure; needs --kernel.", valueName: "good bad"))
  var cmdline: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Two .config files, without and with the failure; needs --kernel.", valueName: "good bad"))
  var config: [String] = []
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("For --cmdline a kernel; for --config a tree, TREE@REV or debian:linux-source-VERSION."))
  var kernel: String?
  @Option(help: "The probability at which a culprit is named, in percent.") var confidence = 95.0
  @Option(name: .customLong("end-runs"), help: "Give up after N boots of the bad end without the failure.")
  var endRuns = 60
  @Option(
    name: .customLong("revert-runs"), help: "The number of boots of the bad end with the culprit reverted; 0 for none.")
  var revertRuns = 3
  @Option(
    help: ArgumentHelp("How many boots there may be at once, in a search over commits or builds.", valueName: "n"))
  var workers = 1
  @Option(name: .customLong("set"), help: ArgumentHelp("A suite's parameter, NAME=VALUE.", valueName: "name=value"))
  var settings: [String] = []
  @Option(help: ArgumentHelp("Continue a search: its name, or latest.", valueName: "search")) var resume: String?
  @Flag(help: "Search although the tree has changes that are not committed; they are not tested.")
  var allowDirty = false
  @Option(help: ArgumentHelp("Use the output of 'git bisect log'.", valueName: "file")) var gitLog: String?
  @Option(help: "The format of stdout: text or json.") var format = OutputFormat.text
  @OptionGroup var target: TargetOptions
  @OptionGroup var build: BuildOptions
  @OptionGroup var host: HostOptions
  @OptionGroup var places: PlaceOptions

  func validate() throws {
    if let problem = given.problem { throw ValidationError(problem) }
  }

  private var given: SearchConflicts {
    var given = SearchConflicts(test: test, resume: resume != nil, words: CommandLine.arguments)
    (given.repo, given.builds, given.cmdline, given.config) = (repo, builds, cmdline, config)
    (given.good, given.bad, given.kernel, given.gitLog) = (good, bad, kernel, gitLog)
    (given.confidence, given.endRuns, given.revertRuns, given.workers) = (confidence, endRuns, revertRuns, workers)
    return given
  }

  func run() async throws {
    try await reporting {
      let code = try await interruptible { try await perform() }
      if code != 0 { throw ExitCode(code) }
    }
  }

  private func perform() async throws -> Int32 {
    let session = try await places.session.building(on: host.options)
    let tell = BisectRun.sink(session.display)
    let job =
      if let resume {
        try BisectJob(resuming: resume, in: session, tell: tell)
      } else {
        try await BisectJob(try order, in: session, tell: tell)
      }
    let report: BisectReport
    do {
      var guests = job.guests
      (guests.channel, guests.elsewhere) = (host.options.channel, host.options.elsewhere)
      report = try await job.perform(on: try await session.openHost(guests))
    } catch {
      let state = (places.state.map { " --state \($0)" } ?? "") + (places.cache.map { " --cache \($0)" } ?? "")
      writeAll("ktest: every finished run is kept; to go on: ktest bisect --resume \(job.name)\(state)\n", to: 2)
      throw error
    }
    switch format {
    case .text: writeAll(report.text, to: 1)
    case .json: writeAll(try report.json(), to: 1)
    }
    if report.isHarnessFailure { return Failure.Kind.host.exitCode }
    return report.isAnswered ? 0 : 1
  }

  private var order: SearchOrder {
    get throws {
      guard let test, let space else { throw Failure(.usage, SearchConflicts.spaces) }
      var order = SearchOrder(test: test, space: space)
      (order.target, order.settings, order.gitLog) = (target.wish, settings, gitLog)
      (order.parameters.confidence, order.parameters.maximumEndRuns) = (confidence / 100, endRuns)
      (order.revertRuns, order.workers, order.allowsUncommitted) = (revertRuns, workers, allowDirty)
      (order.kernels, order.guests) = (build.options, host.options)
      return order
    }
  }

  private var space: SearchOrder.Space? {
    if !cmdline.isEmpty, let kernel { return .commandLine(kernel: kernel, good: cmdline[0], bad: cmdline[1]) }
    if !config.isEmpty, let tree = kernel { return .configuration(tree: tree, good: config[0], bad: config[1]) }
    if !builds.isEmpty { return .builds(builds, repository: repo) }
    if let repo, let bad { return .commits(repository: repo, goods: good, bad: bad) }
    return nil
  }

  /// Shows on stderr how a search gets on: a line for each run, and on a terminal one that moves.
  private static func sink(_ display: any SessionDisplay) -> SearchNews.Sink {
    let isTerminal = isatty(2) == 1
    return { news in
      switch news {
      case .note(let text): display.notice(text)
      case .row(let text):
        display.clear()
        writeAll("\(sanitised(text))\n", to: 2)
      // Without a terminal the row that follows says it.
      case .activity(let text): if isTerminal { display.show(.step(text)) }
      case .idle: display.clear()
      }
    }
  }
}
