import Foundation
import KTestHarness

/// Between two neighbouring builds: their configurations first, then the commits.
extension BisectJob {
  /// What leads on, of a search over builds that was told a repository; nil where nothing does, and the report says why.
  func goOn(
    from parent: BisectReport, _ good: String, _ bad: String, _ aim: BisectAim, _ world: BisectWorld,
    _ box: BisectRecordBox, _ teller: BisectTeller, _ libvirt: OpenHost
  ) async throws -> BisectReport? {
    guard let repository = record.header.repository else { return nil }
    if let known: Child = try load("child.json") {
      teller.say("going on with the search \(known.name)")
      let child = try BisectJob(try Record(reopening: known.directory), after: self)
      return try await child.perform(on: libvirt)
    }
    let history = try await GitHistory(containing: repository)
    let (older, newer) = (try await world.resolved(good), try await world.resolved(bad))
    guard let from = try await history.revision(of: older), let to = try await history.revision(of: newer) else {
      teller.say("\(repository) does not have the commits of these builds; name them with --repo, --good and --bad")
      return nil
    }
    guard from != to else {
      teller.say("both builds are of the commit \(from.prefix(12)): what differs is their configuration")
      return try await child(
        .configuration(tree: "\(repository)@\(from)"), [good], bad, aim, older, newer, box, teller, libvirt)
    }
    guard try await history.isAncestor(from, of: to) else {
      teller.say("\(from.prefix(12)) is no ancestor of \(to.prefix(12)): there are no commits between these builds")
      return nil
    }
    if let reference = parent.showingRate, Self.differ(older, newer),
      try await crossed(repository, from, newer, aim, reference, world, box, teller) == .bad
    {
      return try await child(
        .configuration(tree: "\(repository)@\(from)"), [good], bad, aim, older, newer, box, teller, libvirt)
    }
    return try await child(
      .commits(repository: repository, goods: [from], bad: to), [good], bad, aim, older, newer, box, teller, libvirt)
  }

  private struct Child: Codable {
    var directory: String
    var name: String { directory.split(separator: "/").last.map(String.init) ?? directory }
  }

  private static func text(_ kernel: KernelBuild) -> String? {
    kernel.configPath.flatMap { try? readInput($0) }
  }

  private static func differ(_ left: KernelBuild, _ right: KernelBuild) -> Bool {
    guard let left = text(left), let right = text(right) else { return false }
    return !BisectDifferences(configurations: left, right).keys.isEmpty
  }

  /// The code of the good build with the configuration of the bad one, run until it is clear whether it shows the target.
  private func crossed(
    _ repository: String, _ commit: String, _ bad: KernelBuild, _ aim: BisectAim, _ rate: Double, _ world: BisectWorld,
    _ box: BisectRecordBox, _ teller: BisectTeller
  ) async throws -> ReproductionTest.Decision {
    guard let config = Self.text(bad) else { return .skip }
    teller.say("building \(commit.prefix(12)) with the configuration of \(bad.label)")
    var request = try build.request("\(repository)@\(commit)", suites: [])
    request.base = .text(config, name: "the configuration of \(bad.label)")
    let kernel = try await world.built(request)
    guard kernel.kernel != nil else {
      teller.say("it cannot be built so: \((kernel.trouble ?? "").firstLine)")
      return .skip
    }
    // As sure as ten runs of the bad build would make it.
    let seen = max(1, Int((rate * 10).rounded()))
    var test = ReproductionTest(
      seenAtBadEnd: seen, cleanAtBadEnd: 10 - min(10, seen), error: 1 - record.header.parameters.confidence)
    for outcome in try load("crossed.json") as [ProbeOutcome]? ?? [] { test.add(outcome) }
    while test.decision == .runAgain {
      let seen = try await world.run(kernel, of: suite)
      test.add(seen.outcome)
      try box.write("crossed.json", test.outcomes)
      teller.say("\(commit.prefix(12)) with that configuration: \(BisectText.word(seen.outcome))")
    }
    switch test.decision {
    case .bad: teller.say("the configuration decides, not the code")
    case .good: teller.say("with that configuration the older code is clean: it is the code")
    case .skip, .stop, .runAgain: teller.say("whether the configuration decides could not be tested")
    }
    return test.decision
  }

  private func child(
    _ space: BisectHeader.Space, _ goods: [String], _ bad: String, _ aim: BisectAim, _ older: KernelBuild,
    _ newer: KernelBuild, _ box: BisectRecordBox, _ teller: BisectTeller, _ libvirt: OpenHost
  ) async throws -> BisectReport {
    var header = record.header
    (header.space, header.repository, header.goodNames, header.badName) = (space, nil, goods, bad)
    (header.testCase, header.target) = (aim.testCase, aim.target)
    var files = ["suite.yaml": suite.bytes, "target.json": try BisectRecordBox.encoded(aim)]
    if let baseline: BisectBaseline = try load("baseline.json") {
      files["baseline.json"] = try BisectRecordBox.encoded(baseline)
    }
    guard let from = Self.text(older), let to = Self.text(newer) else {
      throw Failure(
        .failed, "\(older.label) or \(newer.label) came without its configuration; no commit can be built like it")
    }
    if case .configuration = space {
      files["differences.json"] = try BisectRecordBox.encoded(BisectDifferences(configurations: from, to))
    } else {
      try record.write("base.config", Array(to.utf8))
      (header.base, header.fragments) = (record.directory + "/base.config", [])
    }
    let next = try Record(creatingIn: session.places.stateDirectory, header: header, files: files)
    try box.write("child.json", Child(directory: next.directory))
    return try await BisectJob(next, after: self).perform(on: libvirt)
  }
}

extension GitHistory {
  /// The commit that a kernel was built from: the one that its record names, or the tag of its version.
  func revision(of kernel: KernelBuild) async throws -> String? {
    if let hash = kernel.source.commit, let commit = try? await commit(hash) { return commit }
    // Stable releases are tagged v6.1.176.
    let versions = kernel.source.stableVersions(release: kernel.release)
    for version in versions { if let commit = try? await commit("v\(version)") { return commit } }
    return nil
  }
}
