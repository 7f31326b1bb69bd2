import Foundation
import KTestHost
import KTestValues

/// Two neighbouring builds by their names: the last without the failure and the first with it.
struct BuildNames: Sendable {
  var good: String
  var bad: String
}

/// From two neighbouring builds on: to their configurations first, then to the commits between them.
extension SearchContext {
  /// The report of a search that goes on between two builds, for a search that was given a repository; nil if there is
  /// nothing to go on with, and the user is told why.
  func goOn(
    from report: BisectReport, between names: BuildNames, searching aim: BisectAim
  ) async throws -> BisectReport? {
    guard let repository = header.repository else { return nil }
    if let known: Child = try files.load("child.json") {
      teller.say("continuing the search \(known.name)")
      return try await follow(try SearchFiles(reopening: known.directory))
    }
    let history = try await GitHistory(containing: repository)
    let older = try await world.resolved(names.good)
    let newer = try await world.resolved(names.bad)
    guard let from = try await history.revision(of: older), let to = try await history.revision(of: newer) else {
      teller.say("\(repository) does not have the commits of these builds; name them with --repo, --good and --bad")
      return nil
    }
    var next = NextSearch(
      space: .configuration(tree: "\(repository)@\(from)"), names: names, aim: aim, older: older, newer: newer)
    if from == to {
      teller.say("both builds are of the commit \(from.prefix(12)): only their configurations differ")
      return try await begin(next)
    }
    guard try await history.isAncestor(from, of: to) else {
      teller.say("\(from.prefix(12)) is not an ancestor of \(to.prefix(12)): there are no commits between these builds")
      return nil
    }
    if let rate = report.showingRate, SearchContext.differ(older, newer) {
      let crossing = CrossedBuild(repository: repository, commit: from, configuration: newer, rate: rate)
      if try await decision(on: crossing) == .bad { return try await begin(next) }
    }
    next.space = .commits(repository: repository, goods: [from], bad: to)
    return try await begin(next)
  }

  private struct Child: Codable {
    var directory: String
    var name: String { directory.split(separator: "/").last.map(String.init) ?? directory }
  }

  /// The search that follows this one.
  private struct NextSearch {
    var space: BisectHeader.Space
    var names: BuildNames
    var aim: BisectAim
    var older: KernelBuild
    var newer: KernelBuild
  }

  private static func text(_ kernel: KernelBuild) -> String? {
    kernel.configPath.flatMap { try? readInput($0) }
  }

  private static func differ(_ left: KernelBuild, _ right: KernelBuild) -> Bool {
    guard let left = text(left), let right = text(right) else { return false }
    return !BisectDifferences(configurations: left, right).keys.isEmpty
  }

  /// The code of the good build with the configuration of the bad one.
  private struct CrossedBuild {
    var repository: String
    var commit: String
    var configuration: KernelBuild
    /// How often the target shows in runs of the bad build.
    var rate: Double
  }

  /// Runs the crossed build until it is clear whether it shows the target.
  private func decision(on crossing: CrossedBuild) async throws -> ReproductionTest.Decision {
    guard let config = SearchContext.text(crossing.configuration) else { return .skip }
    let (commit, label) = (crossing.commit.prefix(12), crossing.configuration.label)
    teller.say("building \(commit) with the configuration of \(label)")
    var request = try header.kernels.request("\(crossing.repository)@\(crossing.commit)", suites: [])
    request.base = .text(config, name: "the configuration of \(label)")
    let kernel = try await world.built(request)
    guard kernel.kernel != nil else {
      teller.say("this kernel cannot be built: \((kernel.trouble ?? "").firstLine)")
      return .skip
    }
    // This makes the test as sure as ten runs of the bad build would.
    let seen = max(1, Int((crossing.rate * 10).rounded()))
    var test = ReproductionTest(
      seenAtBadEnd: seen, cleanAtBadEnd: 10 - min(10, seen), error: 1 - header.parameters.confidence)
    for outcome in try files.load("crossed.json") as [ProbeOutcome]? ?? [] { test.add(outcome) }
    while test.decision == .runAgain {
      let seen = try await world.run(kernel, of: suite)
      test.add(seen.outcome)
      try files.write("crossed.json", encoding: test.outcomes)
      teller.say("\(commit) with that configuration: \(BisectText.word(seen.outcome))")
    }
    switch test.decision {
    case .bad: teller.say("the configuration causes the failure, not the code")
    case .good: teller.say("with that configuration the older code is clean: the code causes the failure")
    case .skip, .stop, .runAgain: teller.say("whether the configuration causes the failure could not be tested")
    }
    return test.decision
  }

  /// Makes the record of the next search and performs it.
  private func begin(_ next: NextSearch) async throws -> BisectReport {
    var header = header
    (header.space, header.repository) = (next.space, nil)
    (header.goodNames, header.badName) = ([next.names.good], next.names.bad)
    (header.testCase, header.target) = (next.aim.testCase, next.aim.target)
    var kept = ["suite.yaml": suite.bytes, "target.json": try SearchFiles.encoded(next.aim)]
    if let baseline: BisectBaseline = try files.load("baseline.json") {
      kept["baseline.json"] = try SearchFiles.encoded(baseline)
    }
    guard let from = SearchContext.text(next.older), let to = SearchContext.text(next.newer) else {
      throw Failure(
        .failed,
        "\(next.older.label) or \(next.newer.label) came without its configuration; no commit can be built like it")
    }
    if case .configuration = next.space {
      kept["differences.json"] = try SearchFiles.encoded(BisectDifferences(configurations: from, to))
    } else {
      try files.write("base.config", Array(to.utf8))
      (header.base, header.fragments) = (files.directory + "/base.config", [])
    }
    let child = try SearchFiles(creatingIn: session.places.stateDirectory, header: header, files: kept)
    try files.write("child.json", encoding: Child(directory: child.directory))
    return try await follow(child)
  }

  private func follow(_ child: SearchFiles) async throws -> BisectReport {
    let job = try BisectJob(child, in: session, tell: teller.tell)
    return try await SearchContext(job, on: host).search(taking: [])
  }
}

extension GitHistory {
  /// Returns the commit that a kernel was built from: the one that its record names, or the tag of its version.
  func revision(of kernel: KernelBuild) async throws -> String? {
    if let hash = kernel.source.commit, let commit = try? await commit(hash) { return commit }
    // Stable releases have tags such as v6.1.176.
    let versions = kernel.source.stableVersions(release: kernel.release)
    for version in versions { if let commit = try? await commit("v\(version)") { return commit } }
    return nil
  }
}
