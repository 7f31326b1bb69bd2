import Foundation
import KTestHost
import KTestValues

extension BisectHeader {
  /// Checks everything that can be checked without building or booting.
  init(_ order: SearchOrder, _ test: BisectTest, in session: Session) async throws {
    let target = try order.target.target(subtest: test.subtest)
    if target != nil, test.testCase == nil {
      throw Failure(
        .usage, "--splat, --metric and --verdict need the case: \(test.file.suite.name):CASE")
    }
    try order.guests.accel.check(test.file.suite)
    var parameters = order.parameters
    // Several processors do not count alike to the last digit, which decides where a threshold is close.
    let guest = test.file.suite.guest
    if case .metric? = target, guest.clock == .instructions, guest.cpus == 1 { parameters.assumeExactness() }
    if BisectHeader.mayFork(order, test) { parameters.clones = BootRuns.most }
    // What troubles the host troubles all workers at once, and that counts as one failure in a row.
    parameters.maximumInfrastructure += order.workers - 1
    let paths = NamedPaths(workingDirectory: session.places.workingDirectory)
    let ends = try await BisectHeader.ends(order, paths, in: session)
    self.init(
      ktest: ktestVersion, arguments: session.arguments, space: ends.space, repository: ends.repository,
      goodNames: ends.goods, badName: ends.bad, suite: test.file.suite.name, suitePath: test.file.path,
      selection: test.selection, cell: order.variesCommandLine ? nil : test.cell, testCase: test.testCase,
      target: target, settings: try suiteParameters(order.settings, of: [test.file.suite]),
      parameters: parameters, revertRuns: order.revertRuns, workers: order.workers > 1 ? order.workers : nil,
      base: paths.whole(order.kernels.base),
      fragments: order.kernels.fragments.map(paths.absolute), jobs: order.kernels.jobs,
      configuredFor: order.configuredFor?.map(ConfiguredSuite.init),
      accel: order.guests.accel.rawValue, connect: order.guests.connect, timeFactor: order.guests.timeFactor,
      gaps: ends.gaps, drill: order.drill)
  }

  /// Whether a run of the test may be a clone of a guest; the host may still refuse.
  private static func mayFork(_ order: SearchOrder, _ test: BisectTest) -> Bool {
    guard order.guests.connect == nil, test.file.suite.guest.clock != .instructions else { return false }
    let wanted = test.file.suite.cases.filter { test.testCase == nil || test.testCase == $0.name }
    return wanted.allSatisfy { !$0.mustBoot }
  }

  /// The space of a search, with the names of its ends.
  private struct Ends {
    var space: Space
    var goods: [String]
    var bad: String
    /// The repository of a search over builds.
    var repository: String?
    var gaps: [String: [String]]?
  }

  private static func ends(
    _ order: SearchOrder, _ paths: NamedPaths, in session: Session
  ) async throws -> Ends {
    switch order.space {
    case .commandLine(let kernel, let good, let bad):
      return Ends(
        space: .commandLine(kernel: paths.whole(kernel), good: good, bad: bad), goods: [good], bad: bad)
    case .configuration(let tree, let good, let bad):
      return Ends(space: .configuration(tree: paths.whole(tree)), goods: [good], bad: bad)
    case .builds(let series, let repository):
      let found = try await kernelSeries(series, cache: session.kernelCache)
      if let note = found.note { session.display.notice(note) }
      let names = found.names.map(paths.whole)
      guard names.count > 1 else {
        throw Failure(.usage, "--builds means only \(names.count) kernel; a search needs two, the good end first")
      }
      var ends = Ends(space: .builds(names), goods: [names[0]], bad: names[names.count - 1])
      ends.gaps = found.gaps.isEmpty ? nil : found.gaps
      if let repository { ends.repository = try await GitHistory(containing: repository).folder }
      return ends
    case .commits(let repository, let goods, let bad):
      return try await commits(
        of: try await GitHistory(containing: repository), goods: goods, bad: bad,
        allowsUncommitted: order.allowsUncommitted)
    }
  }

  private static func commits(
    of history: GitHistory, goods names: [String], bad badName: String, allowsUncommitted: Bool
  ) async throws -> Ends {
    let bad = try await history.commit(badName)
    var goods: [String] = []
    for name in names { goods.append(try await history.commit(name)) }
    for (good, name) in zip(goods, names) { try await check(history, good, name, bad, badName) }
    let changed = try await history.uncommitted()
    if !changed.isEmpty, !allowsUncommitted {
      throw Failure(
        .usage,
        "\(history.folder) has uncommitted changes (\(changed.prefix(3).joined(separator: ", "))"
          + "\(changed.count > 3 ? " and \(changed.count - 3) more" : "")); a search tests commits, so they would be left "
          + "out. Commit or stash them, or give --allow-dirty")
    }
    return Ends(
      space: .commits(repository: history.folder, goods: goods, bad: bad), goods: names, bad: badName)
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
        "--bad \(badName) is older than --good \(name): are the ends swapped? To find the commit that fixed a failure, use "
          + "git bisect with --term-old and --term-new")
    }
    let base = try await history.mergeBase(good, bad)
    throw Failure(
      .usage,
      "--good \(name) is not an ancestor of --bad \(badName), so the commits between them are undefined"
        + (base.map { "; they part at \($0.prefix(12)): try --good \($0.prefix(12))" } ?? "; they share no history"))
  }
}

/// Paths as a user names them, made independent of the working directory: a search may be resumed elsewhere.
private struct NamedPaths {
  var workingDirectory: String

  /// A path that exists, from the root on, with `@REVISION` behind it if it had that. Anything else stays as it is.
  func whole(_ name: String) -> String {
    // Several packages of one kernel.
    let parts = name.split(separator: ",").map(String.init)
    if parts.count > 1, parts.allSatisfy(FileManager.default.fileExists) {
      return parts.map(absolute).joined(separator: ",")
    }
    let path = name.split(separator: "@", maxSplits: 1).first.map(String.init) ?? name
    guard !name.hasPrefix("debian:"), name != "allnoconfig", name != "defconfig",
      FileManager.default.fileExists(atPath: path)
    else { return name }
    return absolute(name)
  }

  func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)" }
}
