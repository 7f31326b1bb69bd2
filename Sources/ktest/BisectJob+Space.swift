import Foundation
import KTestHarness

/// What is searched, and what can be said of it before the first run.
extension BisectJob {
  /// A full disk half way is hours lost. Measured: a checkout has 1.5 GiB, a build directory 0.4 GiB, each kernel that
  /// is kept some 30 MiB.
  static func checkSpace(_ header: BisectHeader, _ places: Places) throws {
    switch header.space {
    case .builds, .commandLine: return
    case .commits, .configuration: break
    }
    var folder = places.cacheDirectory
    while !FileManager.default.fileExists(atPath: folder), folder != "/" {
      folder = URL(filePath: folder).deletingLastPathComponent().path
    }
    var disk = statvfs()
    guard statvfs(folder, &disk) == 0 else { return }
    let free = UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
    guard free < 4 << 30 else { return }
    throw Failure(
      .host,
      "\(folder) has \(free >> 20) MiB free, and a search over builds wants 4 GiB: free some, or put the cache elsewhere with "
        + "--cache DIR")
  }

  /// What is between the two sides; nil for a search of commits or builds.
  static func differences(_ header: BisectHeader, _ command: BisectRun) throws -> BisectDifferences? {
    let found: BisectDifferences
    switch header.space {
    case .commits, .builds: return nil
    case .commandLine(_, let good, let bad): found = try BisectDifferences(commandLines: good, bad)
    case .configuration:
      let texts = try command.config.map { try readInput($0) }
      for (text, path) in zip(texts, command.config) where KernelConfig(parsing: text).symbols.isEmpty {
        throw Failure(.usage, "\(path) sets no symbol; is it a .config?")
      }
      found = BisectDifferences(configurations: texts[0], texts[1])
    }
    guard !found.keys.isEmpty else { throw Failure(.usage, "the two sides are the same: there is nothing to search") }
    return found
  }

  /// Two builds on one of which the case cannot run: what it lacks is known before anything boots, and no commit is to
  /// blame. nil where that is not so.
  func configurationAnswer(_ world: BisectWorld) async throws -> BisectReport? {
    guard case .builds(let names) = record.header.space else { return nil }
    var reasons: [[String: VerdictReason]] = []
    for name in [names[0], names[names.count - 1]] {
      let kernel = try await world.resolved(name)
      let planned = try await preflight(suite.suite, kernel: kernel, parameters: record.header.settings)
      let wanted = planned.filter { record.header.testCase == nil || record.header.testCase == $0.test.name }
      reasons.append(
        Dictionary(
          wanted.compactMap { test in test.skip.map { (test.test.name, $0) } }, uniquingKeysWith: { a, _ in a }))
    }
    // The ends alone decide: a build between them that lacks a symbol is one that cannot be tested.
    guard let first = reasons.first, let last = reasons.last else { return nil }
    let differing = Set(first.keys).symmetricDifference(last.keys).sorted()
    guard let test = differing.first, let reason = first[test] ?? last[test] else { return nil }
    guard reason.cause.kind == .missingConfiguration else { return nil }
    let isLackingFirst = first[test] != nil
    return BisectReport(
      search: record.directory, test: "\(record.header.suiteName):\(test)", target: "the case cannot run: \(reason)",
      answer: .build(
        good: isLackingFirst ? names[names.count - 1] : names[0],
        bad: isLackingFirst ? names[0] : names[names.count - 1], symbols: reason.cause.names), confidence: 1,
      showingRate: nil,
      runs: 0, kernels: 2, seconds: 0, good: record.header.goodNames, bad: record.header.badName,
      verification: [
        "read from the configurations, before anything booted",
        "so it is for \(differing.count) of \(suite.suite.cases.count) cases: \(differing.joined(separator: ", "))",
      ], others: [])
  }

  /// Where no case was named: whether another one, which both ends can run, fails at the bad end alone. Then that is what
  /// was meant.
  func failsOtherwise(_ world: BisectWorld, _ box: BisectRecordBox, _ teller: BisectTeller) async throws -> Bool {
    guard record.header.testCase == nil, case .builds(let names) = record.header.space, names.count > 1 else {
      return false
    }
    if await world.aim != nil { return true }
    teller.say(
      "some cases cannot run at one end, which is its configuration's doing; looking whether another one fails")
    try await learnBaseline(world, box, teller) { try await world.kernel(of: .commit(names[0])) }
    let bad = Evidence.Subject.commit(names[names.count - 1])
    _ = try await world.run(try await world.kernel(of: bad), of: bad)
    return await world.aim != nil
  }

  /// The history between the ends, short of the commits that cannot matter.
  func graph(_ world: BisectWorld, _ box: BisectRecordBox, _ teller: BisectTeller) async throws -> CommitGraph {
    if let known: CommitGraph = try load("graph.json") { return known }
    let graph: CommitGraph
    switch record.header.space {
    case .commits(let repository, let goods, let bad):
      let history = try await GitHistory(containing: repository)
      let whole = try CommitGraph(
        revList: try await history.commits(from: goods, to: bad), bad: bad, goods: goods)
      for (end, name) in [(bad, "bad")] + goods.map({ ($0, "good") }) {
        teller.say("building the \(name) end, \(end.prefix(12))")
        let kernel = try await world.kernel(of: .commit(end))
        if !record.steps.contains(where: { if case .prepared(end, _) = $0 { true } else { false } }) {
          try box.append(
            .prepared(
              commit: end, cost: Evidence.Cost(build: kernel.seconds, isFullBuild: kernel.isFullBuild)))
        }
        if kernel.kernel == nil {
          throw Failure(.failed, "the \(name) end \(end.prefix(12)) does not build:\n\(kernel.trouble ?? "")")
        }
      }
      let compiled = await world.takeCompiled()
      let files = try await history.changedFiles(from: goods, to: bad)
      graph = compiled.paths.isEmpty ? whole : try whole.merging { compiled.matter(files[$0] ?? []) }
      teller.say(
        "\(whole.candidates) commits, \(graph.candidates) of which change what this configuration compiles")
    case .builds(let names):
      graph = try CommitGraph(
        nodes: names.enumerated().map { .init(commits: [$1], parents: $0 == 0 ? [] : [$0 - 1]) }, goods: [0],
        bad: names.count - 1)
    case .commandLine, .configuration: throw Failure(.usage, "\(record.directory) has lost its differences.json")
    }
    try box.write("graph.json", graph)
    return graph
  }
}
