import Foundation
import KTestHarness

/// `SUITE`, `SUITE:CASE` or `SUITE:CASE:SUBTEST`; where the suite has a matrix, `SUITE[AXIS=VALUE]:…`.
struct BisectTest {
  var file: SuiteFile
  /// What stood behind the suite's name.
  var selection: String?
  /// The one cell that is run; nil where the suite has no matrix.
  var cell: String?
  var testCase: String?
  var subtest: String?

  /// - Parameter decidesAxes: the search varies what an axis of the suite would: the cells are alike then, and what is
  ///   known of some of them is news.
  init(_ argument: String, in session: Session, decidesAxes: Bool = false) throws {
    try self.init(file: try session.suite(argument), decidesAxes: decidesAxes)
  }

  init(file whole: SuiteFile, decidesAxes: Bool = false) throws {
    file = whole
    guard file.suite.kind == .test else {
      throw Failure(.usage, "suite \(file.suite.name) builds and boots nothing; a search needs a suite that runs")
    }
    var selection = CaseSelection()
    if let text = file.cases.first { selection = try CaseSelection(parsing: text) }
    self.selection = file.cases.first
    try choose(selection, decidesAxes)
    guard selection.pattern != "*" else {
      file.cases = []
      if file.suite.cases.count == 1 { testCase = file.suite.cases[0].name }
      return
    }
    let parts = selection.pattern.split(separator: ":", maxSplits: 1).map(String.init)
    let names = file.suite.cases.map(\.name)
    guard let name = parts.first, names.contains(name) else {
      throw Failure(
        .usage, "suite \(file.suite.name) has no case '\(parts.first ?? "")'; it has \(names.joined(separator: ", "))")
    }
    testCase = name
    subtest = parts.count == 2 ? parts[1] : nil
    file.cases = [name]
  }

  /// Makes the suite its one cell.
  private mutating func choose(_ selection: CaseSelection, _ decidesAxes: Bool) throws {
    // Only what is wrong with the axes is complained of here.
    try SuiteRequest(file.suite, cases: [CaseSelection(axes: selection.axes).description]).check()
    guard !file.suite.matrix.isEmpty else { return }
    let unconditional = file.suite.cases.map { test in test.known.filter(\.axes.isEmpty) }
    let known = Dictionary(zip(file.suite.cases.map(\.name), unconditional), uniquingKeysWith: { first, _ in first })
    let cells = file.suite.cells.filter { selection.wants($0) }
    guard cells.count == 1 || decidesAxes, var suite = cells.first else {
      let settings = cells.compactMap { $0.cell?.description }
      throw Failure(
        .usage,
        "suite \(file.suite.name) has a matrix, and a search follows one of its cells: "
          + settings.map { "\(file.suite.name)[\($0)]" }.joined(separator: " or "))
    }
    cell = suite.cell?.description
    suite.name = suite.baseName
    suite.cell = nil
    if decidesAxes {
      for place in suite.cases.indices { suite.cases[place].known = known[suite.cases[place].name] ?? [] }
    }
    file.suite = suite
  }
}

extension BisectHeader {
  /// Checks everything that can be checked without building or booting.
  init(_ command: BisectRun, _ test: BisectTest) async throws {
    var parameters = BisectionParameters()
    parameters.confidence = command.confidence / 100
    parameters.maximumEndRuns = command.endRuns
    let target = try command.target.chosen(subtest: test.subtest)
    if target != nil, test.testCase == nil {
      throw Failure(
        .usage, "--splat, --metric and --verdict need the case that shows it: \(test.file.suite.name):CASE")
    }
    let (space, goodNames, badName) = try await BisectHeader.space(command)
    self.init(
      ktest: ktestVersion, arguments: Array(CommandLine.arguments.dropFirst()), space: space,
      repository: try await BisectHeader.repository(command), goodNames: goodNames,
      badName: badName, suite: test.file.suite.name, suitePath: test.file.path, selection: test.selection,
      cell: command.cmdline.isEmpty ? test.cell : nil, testCase: test.testCase, target: target,
      settings: try suiteParameters(command.settings, of: [test.file.suite]), parameters: parameters,
      revertRuns: command.revertRuns, base: whole(command.build.base), fragments: command.build.fragment.map(absolute),
      jobs: command.build.jobs, accel: command.host.accel.rawValue, connect: command.host.connect,
      timeFactor: command.host.timeFactor)
  }

  /// Of builds.
  private static func repository(_ command: BisectRun) async throws -> String? {
    guard !command.builds.isEmpty, let path = command.repo else { return nil }
    return try await GitHistory(containing: path).folder
  }

  private static func space(_ command: BisectRun) async throws -> (Space, [String], String) {
    if !command.cmdline.isEmpty, let kernel = command.kernel {
      return (
        .commandLine(kernel: whole(kernel), good: command.cmdline[0], bad: command.cmdline[1]), [command.cmdline[0]],
        command.cmdline[1]
      )
    }
    if !command.config.isEmpty, let tree = command.kernel {
      return (.configuration(tree: whole(tree)), [command.config[0]], command.config[1])
    }
    if !command.builds.isEmpty {
      let names = try await kernelSeries(command.builds).map(whole)
      guard names.count > 1 else {
        throw Failure(.usage, "--builds stands for \(names.count) kernel; a search needs two, the good end first")
      }
      return (.builds(names), [names[0]], names[names.count - 1])
    }
    guard let repo = command.repo, let badName = command.bad else {
      throw Failure(.usage, BisectRun.spaces)
    }
    let history = try await GitHistory(containing: repo)
    let bad = try await history.commit(badName)
    var goods: [String] = []
    for name in command.good { goods.append(try await history.commit(name)) }
    for (good, name) in zip(goods, command.good) { try await check(history, good, name, bad, badName) }
    let changed = try await history.uncommitted()
    if !changed.isEmpty, !command.allowDirty {
      throw Failure(
        .usage,
        "\(history.folder) has changes that are not committed (\(changed.prefix(3).joined(separator: ", "))"
          + "\(changed.count > 3 ? " and \(changed.count - 3) more" : "")); a search tests commits, so they would be left "
          + "out. Commit or stash them, or say --allow-dirty")
    }
    return (.commits(repository: history.folder, goods: goods, bad: bad), command.good, badName)
  }

  private static func check(
    _ history: GitHistory, _ good: String, _ name: String, _ bad: String, _ badName: String
  ) async throws {
    if good == bad {
      throw Failure(.usage, "--good \(name) and --bad \(badName) are the same commit, \(good.prefix(12))")
    }
    if try await history.isAncestor(good, of: bad) { return }
    if try await history.isAncestor(bad, of: good) {
      throw Failure(
        .usage,
        "--bad \(badName) is older than --good \(name): are the ends swapped? To find what mended a failure, search for "
          + "it with git's own --term-old and --term-new")
    }
    let base = try await history.mergeBase(good, bad)
    throw Failure(
      .usage,
      "--good \(name) is no ancestor of --bad \(badName), so what came between them is not defined"
        + (base.map { "; they part at \($0.prefix(12)): try --good \($0.prefix(12))" } ?? "; they share no history"))
  }
}

/// A path that exists, from the root on: a search may be resumed elsewhere. Anything else as it is.
private func whole(_ name: String) -> String {
  let path = name.split(separator: "@", maxSplits: 1).first.map(String.init) ?? name
  guard !name.hasPrefix("debian:"), name != "allnoconfig", name != "defconfig",
    FileManager.default.fileExists(atPath: path)
  else { return name }
  return absolute(name)
}

private func absolute(_ path: String) -> String {
  path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
}
