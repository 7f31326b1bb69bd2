import KTestValues

/// Everything that the parts of one search share: its header, its directory, the session and host it works with, and the
/// sink it reports to.
struct SearchContext: Sendable {
  let header: BisectHeader
  let files: SearchFiles
  let suite: SuiteFile
  let session: Session
  let host: OpenHost
  let world: BisectWorld
  let teller: SearchTeller

  init(_ job: BisectJob, on host: OpenHost) throws {
    let (header, files, teller) = (job.files.header, job.files, SearchTeller(tell: job.tell))
    (self.header, self.files, self.teller) = (header, files, teller)
    (suite, session, self.host) = (job.suite, job.session, host)
    var aim: BisectAim? = try files.load("target.json")
    if aim == nil, let target = header.target, let name = header.testCase {
      aim = BisectAim(testCase: name, target: target)
    }
    let settings = BisectWorld.Settings(
      session: job.session, host: host, suite: job.suite, space: header.space, testCase: header.testCase,
      parameters: header.settings, kernels: header.kernels,
      configuredFor: try header.configuredFor?.map { try $0.chosen(in: job.session) }, drill: header.drill,
      schedule: try header.workers.map { try host.schedule(.most($0)) })
    world = BisectWorld(settings, aim: aim) { aim in
      try files.write("target.json", encoding: aim)
      teller.sayTarget(aim)
    }
    if let aim { teller.sayTarget(aim) }
  }

  /// Searches to the end and keeps the report.
  ///
  /// - Parameter imported: what somebody else says of commits.
  func search(taking imported: [Evidence]) async throws -> BisectReport {
    if let report = try await configurationAnswer(), try await !failsOtherwise() { return try keep(report) }
    if let differences: BisectDifferences = try files.load("differences.json") {
      return try keep(try await settle(differences))
    }
    let graph = try await graph()
    if let good = graph.goods.first {
      try await learnBaseline(of: suite) { try await world.kernel(of: .commit(graph.commit(good))) }
    }
    var parameters = header.parameters
    if !host.forks { parameters.clones = nil }
    var bisection = Bisection(graph, parameters)
    let steps = files.steps
    for step in steps { bisection.replay(step) }
    // Statements come from nowhere else, so this many of them are in the journal already.
    let taken = steps.count {
      if case .evidence(let item, _, _) = $0 { item.source == .statement } else { false }
    }
    for evidence in imported.dropFirst(taken) {
      let step = SearchStep.evidence(evidence, purpose: .search, journal: nil)
      try files.append(step)
      bisection.replay(step)
    }
    teller.begin(bisection, in: files.directory)
    defer { teller.end() }
    let (conclusion, search) = try await searchCommits(
      bisection, after: files.steps, revertRuns: header.canRevert ? header.revertRuns : 0,
      workers: header.workers ?? 1, with: world, note: { [files] in try files.append($0) },
      emit: { [teller] in teller.show($0) })
    teller.end()
    let report = try keep(try await report(conclusion, of: search))
    if case .build(let good, let bad, _) = report.answer, let aim = await world.aim,
      let further = try await goOn(from: report, between: BuildNames(good: good, bad: bad), searching: aim)
    {
      return further
    }
    return report
  }

  /// Runs the good end once before the bad one, unless an earlier process has done it.
  func learnBaseline(of suite: SuiteFile, on kernel: () async throws -> SubjectKernel) async throws {
    if let known: BisectBaseline = try files.load("baseline.json") { return await world.use(known) }
    teller.say("running the good end to learn what fails without the bug")
    let learnt = try await world.learnBaseline(try await kernel(), of: suite)
    try files.write("baseline.json", encoding: learnt)
    await world.use(learnt)
  }

  /// Runs a search over differences and returns its report.
  private func settle(_ differences: BisectDifferences) async throws -> BisectReport {
    var search = DeltaSearch(
      differences: differences.names, error: 1 - header.parameters.confidence,
      maximumEndRuns: header.parameters.maximumEndRuns)
    for step in files.steps { search.replay(step) }
    teller.say("\(differences.names.count) differences")
    let trials = BisectTrials(
      world: world, space: header.space, differences: differences, suite: suite, kernels: header.kernels)
    try await learnBaseline(of: trials.suite(with: [])) { try await trials.kernel(with: []) }
    defer { teller.end() }
    let (result, ended) = try await searchDifferences(
      search, with: trials, note: { try files.append($0) }, emit: { teller.show($0) })
    return BisectReport(
      result, of: ended, steps: files.steps, header: header, aim: await world.aim, directory: files.directory)
  }

  /// Writes the report into the search's directory.
  private func keep(_ report: BisectReport) throws -> BisectReport {
    try files.write("report.txt", Array(report.text.utf8))
    try files.write("report.json", Array(try report.json().utf8))
    return report
  }
}

extension BisectHeader {
  /// How the kernels of the search are built.
  var kernels: KernelBuildOptions {
    var options = KernelBuildOptions()
    (options.base, options.fragments, options.jobs) = (base, fragments, jobs)
    return options
  }
}

extension SearchTeller {
  func sayTarget(_ aim: BisectAim) { say("target: \(aim.target.text) (case \(aim.testCase))") }
}
