import ArgumentParser
import Foundation
import KTestHarness

struct SelftestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest", abstract: "Test ktest itself: break things in real guests, and see that it notices.",
    discussion: "Runs suites/selftest/*.yaml. Exit code 0 only when every verdict is the expected one.")

  @Argument(help: "Cases to run ('*' is a wildcard); all without it.") var cases: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("A kernel, as for 'ktest run'.", valueName: "kernel"))
  var kernel = "debian:6.12-cloud"

  @Option(help: "text or json.") var format = OutputFormat.text
  @OptionGroup var host: HostOptions
  @OptionGroup var places: PlaceOptions

  /// Bytes that a disk takes before it is full: more than a boot's console, less than the case writes.
  private static let smallDisk = 1 << 20

  private struct Result: Encodable {
    var kernel: String
    var asExpected: Bool
    var seconds: Double
    /// Directories of the journals.
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
    let suites = try chosen(in: session)
    let build = try await session.kernel(kernel)
    let host = try await session.openHost(host.options)
    var matrix = SelftestMatrix()
    var runs: [String] = []
    // Who fills the disk of a run fills it for all of it.
    let shared = suites.filter { !$0.needsSmallDisk }
    for group in [shared].filter({ !$0.isEmpty }) + suites.filter(\.needsSmallDisk).map({ [$0] }) {
      var job = RunJob(session.silent, suites: group, kernels: [build])
      job.observe = { event in
        if case .caseStarted(_, let suite, _, let name) = event { session.display.show(.step("\(suite)/\(name)")) }
      }
      let outcome = try await job.perform(
        try await job.plan(on: host), on: host,
        disk: group[0].needsSmallDisk ? DiskFault(fullAfter: SelftestCommand.smallDisk) : nil)
      if Task.isCancelled { throw CancellationError() }
      runs.append(outcome.directory)
      // From the journal, not from memory: what it says afterwards is what counts.
      let journal = try readJournal(at: outcome.directory)
      matrix.add(group.map { ($0.suite, $0.chosenCases) }, summary: journal.summary) { key in
        SelftestCommand.artefacts(of: key, in: outcome.directory)
      }
    }
    session.display.clear()
    present(matrix, kernel: build.label, runs: runs, seconds: (clock.now - started) / .seconds(1))
    return matrix.isAsExpected
  }

  /// The selftest's suites, each with the cases that are wanted; suites without any are left out.
  private func chosen(in session: Session) throws -> [SuiteFile] {
    var files: [SuiteFile] = []
    for path in try session.suitePaths(in: "/selftest") {
      var file = try session.suite(at: path)
      guard file.suite.kind == .selftest, !files.contains(where: { $0.suite.name == file.suite.name }) else { continue }
      file.cases = cases
      files.append(file)
    }
    guard !files.isEmpty else {
      throw Failure(.host, "no suites in suites/selftest; set KTEST_HOME to the directory that has them")
    }
    for text in cases where !files.contains(where: { $0.suite.cases.contains { $0.isNamed(by: text) } }) {
      throw Failure(.usage, "the selftest has no case '\(text)'; 'ktest selftest' alone runs and lists all")
    }
    return files.compactMap { file in
      var file = file
      file.cases = cases.filter { text in file.suite.cases.contains { $0.isNamed(by: text) } }
      return cases.isEmpty || !file.cases.isEmpty ? file : nil
    }
  }

  private static func artefacts(of key: CaseKey, in directory: String) -> [String: Int] {
    let folder = URL(filePath: "\(directory)/\(RunLayout.artefact(of: key, file: "x"))").deletingLastPathComponent()
      .path
    var sizes: [String: Int] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
      sizes[name] = attributes?[.size] as? Int ?? 0
    }
    return sizes
  }

  private func present(_ matrix: SelftestMatrix, kernel: String, runs: [String], seconds: Double) {
    let seconds = (seconds * 10).rounded() / 10
    if format == .json {
      let rows = matrix.rows.map { row in
        Row(
          suite: row.suite, case: row.name, what: row.what, fault: row.fault.rawValue, expected: row.expected.rawValue,
          got: row.got?.rawValue, reason: row.reason, ok: row.isAsExpected, differences: row.differences)
      }
      try? printJSON(
        Result(
          kernel: kernel, asExpected: matrix.isAsExpected, seconds: seconds, runs: runs, rows: rows,
          strays: matrix.strays))
      return
    }
    let style = TerminalStyle.detect(1, environment: ProcessInfo.processInfo.environment)
    let good = matrix.rows.count(where: \.isAsExpected)
    writeAll(matrix.text(style: style), to: 1)
    writeAll("\n\(good) of \(matrix.rows.count) as expected on \(sanitised(kernel)) in \(seconds) s\n", to: 1)
    for run in runs { writeAll("run \(sanitised(run))\n", to: 1) }
  }
}

extension Case {
  /// Whether a pattern from the command line means it.
  fileprivate func isNamed(by text: String) -> Bool {
    (try? WildcardPattern(parsing: text))?.matches(whole: name) ?? false
  }
}

extension SuiteFile {
  fileprivate var chosenCases: Set<String> {
    Set(suite.cases.filter { test in cases.isEmpty || cases.contains { test.isNamed(by: $0) } }.map(\.name))
  }

  fileprivate var needsSmallDisk: Bool { suite.cases.contains { $0.selftest?.fault == .diskFull } }
}
