import Foundation
import KTestHarness

/// `SUITE`, `SUITE:CASE` or `SUITE:CASE:SUBTEST`.
struct BisectTest {
  var file: SuiteFile
  var testCase: String?
  var subtest: String?

  init(_ argument: String) throws {
    file = try SuiteFile.find(argument)
    guard let rest = file.cases.first else { return }
    let parts = rest.split(separator: ":", maxSplits: 1).map(String.init)
    let names = file.suite.cases.map(\.name)
    guard let name = parts.first, names.contains(name) else {
      throw Failure(
        .usage, "suite \(file.suite.name) has no case '\(parts.first ?? "")'; it has \(names.joined(separator: ", "))")
    }
    testCase = name
    subtest = parts.count == 2 ? parts[1] : nil
    file.cases = [name]
  }
}

extension BisectHeader {
  /// Checks everything that can be checked without building or booting.
  init(_ command: BisectRun, _ test: BisectTest) async throws {
    var parameters = BisectionParameters()
    parameters.confidence = command.confidence / 100
    var target: BisectTarget?
    if let subtest = test.subtest { target = .subtest(subtest) }
    if let title = command.splat { target = .splat(Signature(title: title)) }
    if target != nil, test.testCase == nil {
      guard test.file.suite.cases.count == 1 else {
        throw Failure(.usage, "--splat needs the case that shows it: \(test.file.suite.name):CASE")
      }
    }
    let (space, goodNames, badName) = try await BisectHeader.space(command)
    self.init(
      ktest: KTest.version, arguments: Array(CommandLine.arguments.dropFirst()), space: space, goodNames: goodNames,
      badName: badName, suite: test.file.suite.name, suitePath: test.file.path,
      testCase: test.testCase ?? (test.file.suite.cases.count == 1 ? test.file.suite.cases[0].name : nil),
      target: target, settings: try BisectHeader.settings(command.settings, test.file.suite), parameters: parameters,
      revertRuns: command.revertRuns, base: command.build.base, fragments: command.build.fragment.map(absolute),
      jobs: command.build.jobs, accel: command.host.accel.rawValue, connect: command.host.connect,
      timeFactor: command.host.timeFactor)
  }

  /// Whether the culprit can be taken out of the bad end again.
  var canRevert: Bool { if case .commits = space { true } else { false } }

  private static func space(_ command: BisectRun) async throws -> (Space, [String], String) {
    if !command.cmdline.isEmpty, let kernel = command.kernel {
      return (
        .commandLine(kernel: kernel, good: command.cmdline[0], bad: command.cmdline[1]), [command.cmdline[0]],
        command.cmdline[1]
      )
    }
    if !command.builds.isEmpty {
      let names = try await kernelSeries(command.builds)
      guard names.count > 1 else {
        throw Failure(.usage, "--builds stands for \(names.count) kernel; a search needs two, the good end first")
      }
      return (.builds(names), [names[0]], names[names.count - 1])
    }
    guard let repo = command.repo, let badName = command.bad else {
      throw Failure(.usage, "say what to search: --repo with --good and --bad, --builds, or --cmdline with --kernel")
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
    if good == bad { throw Failure(.usage, "--good \(name) and --bad \(badName) are the same commit, \(good.prefix(12))") }
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

  static func settings(_ texts: [String], _ suite: Suite) throws -> [String: String] {
    var settings: [String: String] = [:]
    let known = suite.parameters.map(\.name)
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, known.contains(parts[0]) else {
        throw Failure(.usage, "--set \(text): suite \(suite.name) has the parameters \(known.joined(separator: ", "))")
      }
      settings[parts[0]] = parts[1]
    }
    return settings
  }
}

private func absolute(_ path: String) -> String {
  path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
}
