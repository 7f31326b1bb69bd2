import ArgumentParser
import Foundation
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
        let bench = try await interruptible { try await measure() }
        writeAll(format == .json ? bench.json : sanitised(bench.text, keepingLines: true), to: 1)
      }
    }

    private func measure() async throws -> BootBench {
      let session = places.session
      let file = try suite.map(session.suite) ?? BenchCommand.passingSelftest(in: session)
      let line = ProgressLine()
      defer { line.clear() }
      let build = try await session.kernel(kernel)
      // Kept open: libvirt's embedded driver holds its root until this process ends, and the runs then use the next.
      let guests = try await session.openHost(host.options)
      defer { withExtendedLifetime(guests) {} }
      if let notice = guests.notice { session.display.notice(notice) }
      let plan = try await RunJob(session.silent, suites: [file], kernels: [build]).plan(on: guests).plan
      await guests.guests.waitForEndings()
      guard let planned = plan.suites.first, planned.boots > 0 else {
        throw Failure(.usage, "nothing of the suite \(file.suite.name) boots on \(build.label)")
      }
      let raw = try RawGuest(planned, accelerator: plan.settings.accelerator)
      let child = ChildRun(
        file, kernel: kernel, accelerator: plan.settings.accelerator, host: host, places: session.places)
      defer { child.clean() }
      var virtme = VirtmeRun(build, accelerator: plan.settings.accelerator)
      var bench = BootBench()
      // The first run fills caches that every later one finds.
      _ = try await child.measure()
      for round in 1...rounds {
        line.show("round \(round) of \(rounds)")
        bench.add(try await raw.boot())
        bench.add(try await child.measure())
        if let seconds = try await virtme.measure() { bench.add(virtme: seconds) }
      }
      bench.withoutVirtme = virtme.problem
      return bench
    }
  }

  private static func passingSelftest(in session: Session) throws -> SuiteFile {
    for path in try session.suitePaths(in: "/selftest") {
      if let file = try? session.suite(at: path, cases: ["pass"]),
        file.suite.cases.contains(where: { $0.name == "pass" })
      {
        return file
      }
    }
    throw Failure(.usage, "no selftest with a case 'pass' is shipped here; name a case with --suite SUITE:CASE")
  }
}

/// `ktest run` as a process of its own, as a user starts it.
private struct ChildRun {
  private let arguments: [String]
  private let state: String

  init(_ file: SuiteFile, kernel: String, accelerator: Accelerator, host: HostOptions, places: Places) {
    state = FileManager.default.temporaryDirectory.appending(path: "ktest-bench-\(getpid())").path
    var arguments = ["run", ([file.path] + file.cases.prefix(1)).joined(separator: ":"), "--kernel", kernel]
    arguments += ["--accel", accelerator.rawValue, "--channel", host.channel, "--state", state]
    arguments += ["--cache", places.cacheDirectory]
    if let connect = host.connect { arguments += ["--connect", connect] }
    self.arguments = arguments
  }

  func measure() async throws -> RunTimes {
    let process = try await TimedProcess.run("/proc/self/exe", arguments)
    guard process.succeeded else { throw Failure(.host, "the measured run failed: \(process.lastLine)") }
    let journal = try readJournal(at: try latestRun(in: state))
    let console =
      (try? RegularFile.bytes(of: "\(journal.directory)/\(RunLayout.console(boot: 1))", limit: 1 << 30)) ?? []
    guard
      let times = RunTimes(
        events: journal.events, launched: process.launched, whole: process.seconds, console: [UInt8](console))
    else { throw Failure(.host, "the measured run came to no case: \(process.lastLine)") }
    return times
  }

  func clean() { try? FileManager.default.removeItem(atPath: state) }
}

/// virtme-ng, where it is installed and can boot this kernel.
private struct VirtmeRun {
  private let arguments: [String]
  private(set) var problem: String?

  init(_ build: KernelBuild, accelerator: Accelerator) {
    let folder = URL(filePath: build.imagePath).deletingLastPathComponent().path
    let image = build.moduleLayout == .buildTree ? folder : build.imagePath
    arguments = ["--run", image, "--exec", "true"] + (accelerator == .tcg ? ["--disable-kvm"] : [])
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    if !folders.contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/vng") }) {
      problem = "not installed"
    }
  }

  /// nil from the first failure on, and `problem` says why.
  mutating func measure() async throws -> Double? {
    guard problem == nil else { return nil }
    let process = try await TimedProcess.run("vng", arguments)
    if process.succeeded { return process.seconds }
    let said = process.lastLine.isEmpty ? "it printed nothing" : process.lastLine
    problem = "cannot boot this kernel here (\(said))"
    return nil
  }
}
