import KTestHost
import KTestValues

/// The steps before the first run: answers that need none, and the history to search.
extension SearchContext {
  /// The answer for two builds on one of which the case cannot run. It is known before anything boots, and no commit is
  /// to blame. nil if the case can run on both.
  func configurationAnswer() async throws -> BisectReport? {
    guard case .builds(let names) = header.space else { return nil }
    var reasons: [[String: VerdictReason]] = []
    for name in [names[0], names[names.count - 1]] {
      let kernel = try await world.resolved(name)
      let planned = try await preflight(suite.suite, kernel: kernel, parameters: header.settings).cases
      let wanted = planned.filter { header.testCase == nil || header.testCase == $0.test.name }
      reasons.append(
        Dictionary(
          wanted.compactMap { test in test.skip.map { (test.test.name, $0) } }, uniquingKeysWith: { a, _ in a }))
    }
    // Only the ends matter: a build between them that lacks a symbol cannot be tested.
    guard let first = reasons.first, let last = reasons.last else { return nil }
    let differing = Set(first.keys).symmetricDifference(last.keys).sorted()
    guard let test = differing.first, let reason = first[test] ?? last[test] else { return nil }
    guard reason.cause.kind == .missingConfiguration else { return nil }
    let isLackingFirst = first[test] != nil
    return BisectReport(
      search: files.directory, test: "\(header.suiteName):\(test)", target: "the case cannot run: \(reason)",
      answer: .build(
        good: isLackingFirst ? names[names.count - 1] : names[0],
        bad: isLackingFirst ? names[0] : names[names.count - 1], symbols: reason.cause.names), confidence: 1,
      showingRate: nil,
      runs: 0, kernels: 2, seconds: 0, good: header.goodNames, bad: header.badName,
      verification: [
        "read from the configurations, before anything booted",
        "this applies to \(differing.count) of \(suite.suite.cases.count) cases: \(differing.joined(separator: ", "))",
      ], others: [])
  }

  /// If no case was named: whether another one, which both ends can run, fails at the bad end alone. Then that one is
  /// searched.
  func failsOtherwise() async throws -> Bool {
    guard header.testCase == nil, case .builds(let names) = header.space, names.count > 1 else {
      return false
    }
    if await world.aim != nil { return true }
    if let known: Bool = try files.load("otherwise.json") { return known }
    teller.say(
      "some cases cannot run at one end because of its configuration; looking whether another one fails")
    try await learnBaseline(of: suite) { try await world.kernel(of: .commit(names[0])) }
    let bad = Evidence.Subject.commit(names[names.count - 1])
    _ = try await world.run(try await world.kernel(of: bad), of: bad)
    let isFound = await world.aim != nil
    try files.write("otherwise.json", encoding: isFound)
    return isFound
  }

  /// The history between the ends, without the commits that cannot matter.
  func graph() async throws -> CommitGraph {
    if let known: CommitGraph = try files.load("graph.json") { return known }
    let graph: CommitGraph
    switch header.space {
    case .commits(let repository, let goods, let bad):
      let history = try await GitHistory(containing: repository)
      let whole = try CommitGraph(
        revList: try await history.commits(from: goods, to: bad), bad: bad, goods: goods)
      for (end, name) in [(bad, "bad")] + goods.map({ ($0, "good") }) {
        teller.say("building the \(name) end, \(end.prefix(12))")
        let kernel = try await world.kernel(of: .commit(end))
        if !files.steps.contains(where: { if case .prepared(end, _) = $0 { true } else { false } }) {
          try files.append(
            .prepared(
              commit: end, cost: Evidence.Cost(build: kernel.seconds, isFullBuild: kernel.isFullBuild)))
        }
        if kernel.kernel == nil {
          throw Failure(.failed, "the \(name) end \(end.prefix(12)) does not build:\n\(kernel.trouble ?? "")")
        }
      }
      let compiled = await world.takeCompiled()
      let changed = try await history.changedFiles(from: goods, to: bad)
      graph = compiled.paths.isEmpty ? whole : try whole.merging { compiled.matter(changed[$0] ?? []) }
      teller.say(
        "\(whole.candidates) commits, \(graph.candidates) of them change what this configuration compiles")
    case .builds(let names):
      graph = try CommitGraph(
        nodes: names.enumerated().map { .init(commits: [$1], parents: $0 == 0 ? [] : [$0 - 1]) }, goods: [0],
        bad: names.count - 1)
    case .commandLine, .configuration: throw Failure(.usage, "\(files.directory) has lost its differences.json")
    }
    try files.write("graph.json", encoding: graph)
    return graph
  }
}
