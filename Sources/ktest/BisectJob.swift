import Foundation
import KTestHarness

/// A search from its arguments, or from its record, to its report.
struct BisectJob {
  typealias Record = SearchRecord<BisectHeader, SearchStep>

  struct Outcome {
    var report: BisectReport
  }

  let record: Record
  let suite: SuiteFile
  let build: BuildOptions
  let host: HostOptions
  let places: Places
  private let imported: [Evidence]

  /// Everything that can be said to be wrong is said here, before a compiler or a guest is started.
  init(_ command: BisectRun) async throws {
    places = command.places
    var header: BisectHeader
    if let name = command.resume {
      record = try Record(reopening: try findSearch(name, in: places.stateDirectory))
      header = record.header
      let file = try SuiteFile.read(record.directory + "/suite.yaml", cases: header.selection.map { [$0] } ?? [])
      suite = try BisectTest(file: file, decidesAxes: header.decidesAxes).file
      imported = try BisectJob.load("imported.json", in: record.directory) ?? []
    } else {
      let test = try BisectTest(command.test ?? "", decidesAxes: !command.cmdline.isEmpty)
      suite = test.file
      header = try await BisectHeader(command, test)
      imported = try command.gitLog.map { try BisectRun.imported($0) } ?? []
      try BisectJob.checkSpace(header, places)
      var files = ["suite.yaml": suite.bytes]
      if !imported.isEmpty { files["imported.json"] = try BisectRecordBox.encoded(imported) }
      files["differences.json"] = try BisectJob.differences(header, command).map { try BisectRecordBox.encoded($0) }
      record = try Record(creatingIn: places.stateDirectory, header: header, files: files)
    }
    var build = command.build
    (build.base, build.fragment, build.jobs) = (header.base, header.fragments, header.jobs)
    self.build = build
    var host = command.host
    host.accel = HostOptions.Accel(rawValue: header.accel) ?? .auto
    (host.connect, host.timeFactor) = (header.connect, header.timeFactor)
    self.host = host
  }

  /// A search that another one leads to.
  init(_ record: Record, after parent: BisectJob) throws {
    self.record = record
    (host, places, imported) = (parent.host, parent.places, [])
    let file = try SuiteFile.read(
      record.directory + "/suite.yaml", cases: record.header.selection.map { [$0] } ?? [])
    suite = try BisectTest(file: file, decidesAxes: record.header.decidesAxes).file
    var build = parent.build
    (build.base, build.fragment) = (record.header.base, record.header.fragments)
    self.build = build
  }

  func perform() async throws -> Outcome {
    let header = record.header
    let teller = BisectTeller(record.directory)
    let libvirt = try host.open(places)
    let qemu = try libvirt.qemuVersion()
    let (run, notice) = try await host.settings(on: libvirt, qemu: qemu, places: places)
    if let notice { teller.say(notice) }
    let known: BisectAim? = try load("target.json")
    let aim =
      known
      ?? header.target.flatMap { target in
        header.testCase.map { BisectAim(testCase: $0, target: target) }
      }
    let box = BisectRecordBox(record)
    let world = BisectWorld(
      BisectWorld.Settings(
        suite: suite, parameters: header.settings, arguments: header.arguments, build: build, places: places, run: run,
        accelerator: header.accel, qemu: qemu),
      space: header.space, libvirt: libvirt, aim: aim, testCase: header.testCase,
      aimed: { aim in
        try box.write("target.json", aim)
        teller.say("target: \(aim.target.text) (case \(aim.testCase))")
      })
    if let aim { teller.say("target: \(aim.target.text) (case \(aim.testCase))") }
    if let report = try await configurationAnswer(world) {
      try report.write(to: record)
      return Outcome(report: report)
    }
    if let differences: BisectDifferences = try load("differences.json") {
      let report = try await settle(differences, world, box, teller)
      try report.write(to: record)
      return Outcome(report: report)
    }
    let graph = try await graph(world, box, teller)
    if let good = graph.goods.first {
      try await learnBaseline(world, box, teller) { try await world.kernel(of: .commit(graph.commit(good))) }
    }
    var bisection = Bisection(graph, header.parameters)
    for step in record.steps { bisection.replay(step) }
    // Statements come from nowhere else: so many are in the journal already.
    let taken = record.steps.count {
      if case .evidence(let item, _, _) = $0 { item.source == .statement } else { false }
    }
    for evidence in imported.dropFirst(taken) {
      let step = SearchStep.evidence(evidence, purpose: .search, journal: nil)
      try box.append(step)
      bisection.replay(step)
    }
    await teller.begin(bisection)
    let (conclusion, search) = try await searchCommits(
      bisection, after: record.steps, revertRuns: header.canRevert ? header.revertRuns : 0, with: world,
      note: { try box.append($0) }, emit: { await teller.show($0) })
    await teller.end()
    let report = try await BisectReport.make(
      conclusion, search, header: header, aim: await world.aim, record: record, suite: suite, world: world,
      environment: BisectEnvironment(accelerator: run.accelerator.rawValue, qemu: qemu))
    try report.write(to: record)
    if case .build(let good, let bad, _) = report.answer, let aim = await world.aim,
      let further = try await goOn(from: report, good, bad, aim, world, box, teller)
    {
      return Outcome(report: further)
    }
    return Outcome(report: report)
  }

  /// Two builds on one of which the case cannot run: what it lacks is known before anything boots, and no commit is to
  /// blame. nil where that is not so.
  private func configurationAnswer(_ world: BisectWorld) async throws -> BisectReport? {
    guard case .builds(let names) = record.header.space else { return nil }
    var reasons: [[String: String]] = []
    for name in names {
      guard let kernel = try await world.kernel(of: .commit(name)).kernel else { return nil }
      let planned = try await preflight(suite.suite, kernel: kernel, parameters: record.header.settings)
      let wanted = planned.filter { record.header.testCase == nil || record.header.testCase == $0.test.name }
      reasons.append(
        Dictionary(
          wanted.compactMap { test in test.skip.map { (test.test.name, $0) } }, uniquingKeysWith: { a, _ in a }))
    }
    for (index, pair) in zip(reasons, reasons.dropFirst()).enumerated() {
      let (first, second) = pair
      let differing = Set(first.keys).symmetricDifference(second.keys).sorted()
      guard let test = differing.first, let reason = first[test] ?? second[test] else { continue }
      let symbols = reason.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "=") })
        .filter { $0.hasPrefix("CONFIG_") }.map(String.init)
      guard !symbols.isEmpty else { continue }
      let lacking = first[test] != nil ? index : index + 1
      let having = first[test] != nil ? index + 1 : index
      return BisectReport(
        search: record.directory, test: "\(record.header.suiteName):\(test)", target: "the case cannot run: \(reason)",
        answer: .build(good: names[having], bad: names[lacking], symbols: symbols), confidence: 1, showingRate: nil,
        runs: 0, kernels: names.count, seconds: 0, good: record.header.goodNames, bad: record.header.badName,
        verification: [
          "read from the configurations of \(names.count) kernels, before anything booted",
          "so it is for \(differing.count) of \(suite.suite.cases.count) cases: \(differing.joined(separator: ", "))",
        ], others: [])
    }
    return nil
  }

  /// One run of the good side before the first of the bad one, unless an earlier process has done it.
  private func learnBaseline(
    _ world: BisectWorld, _ box: BisectRecordBox, _ teller: BisectTeller, of suite: SuiteFile? = nil,
    on kernel: () async throws -> SubjectKernel
  ) async throws {
    if let known: BisectBaseline = try load("baseline.json") { return await world.use(known) }
    teller.say("running the good end for what fails without the bug")
    let learnt = try await world.learnBaseline(try await kernel(), of: suite ?? self.suite)
    try box.write("baseline.json", learnt)
    await world.use(learnt)
  }

  /// The history between the ends, short of the commits that cannot matter.
  private func graph(_ world: BisectWorld, _ box: BisectRecordBox, _ teller: BisectTeller) async throws -> CommitGraph {
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
        try box.append(
          .prepared(
            commit: end, cost: Evidence.Cost(build: kernel.seconds, isFullBuild: kernel.isFullBuild)))
        if kernel.kernel == nil {
          throw Failure(.failed, "the \(name) end \(end.prefix(12)) does not build:\n\(kernel.trouble ?? "")")
        }
      }
      let compiled = await world.compiled
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

  /// A full disk half way is hours lost. Measured: a checkout has 1.5 GiB, a build directory 0.4 GiB, each kernel that
  /// is kept some 30 MiB.
  private static func checkSpace(_ header: BisectHeader, _ places: Places) throws {
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
  private static func differences(_ header: BisectHeader, _ command: BisectRun) throws -> BisectDifferences? {
    let found: BisectDifferences
    switch header.space {
    case .commits, .builds: return nil
    case .commandLine(_, let good, let bad): found = try BisectDifferences(commandLines: good, bad)
    case .configuration:
      let texts = try command.config.map { path in
        guard let data = FileManager.default.contents(atPath: path) else {
          throw Failure(.usage, "cannot read \(path)")
        }
        return String(decoding: data, as: UTF8.self)
      }
      for (text, path) in zip(texts, command.config) where KernelConfig(parsing: text).symbols.isEmpty {
        throw Failure(.usage, "\(path) sets no symbol; is it a .config?")
      }
      found = BisectDifferences(configurations: texts[0], texts[1])
    }
    guard !found.keys.isEmpty else { throw Failure(.usage, "the two sides are the same: there is nothing to search") }
    return found
  }

  /// A search over differences, to its report.
  private func settle(
    _ differences: BisectDifferences, _ world: BisectWorld, _ box: BisectRecordBox, _ teller: BisectTeller
  ) async throws -> BisectReport {
    let header = record.header
    var search = DeltaSearch(
      differences: differences.names, error: 1 - header.parameters.confidence,
      maximumEndRuns: header.parameters.maximumEndRuns)
    for step in record.steps { search.replay(step) }
    teller.say("\(differences.names.count) differences")
    let trials = BisectTrials(
      world: world, space: header.space, differences: differences, suite: suite, build: build)
    try await learnBaseline(world, box, teller, of: trials.suite(with: [])) { try await trials.kernel(with: []) }
    let (result, ended) = try await searchDifferences(
      search, with: trials, note: { try box.append($0) }, emit: { await teller.show($0) })
    await teller.end()
    return BisectReport(
      result, ended, steps: record.steps, header: header, aim: await world.aim, search: record.directory)
  }

  func load<Value: Decodable>(_ name: String) throws -> Value? {
    try BisectJob.load(name, in: record.directory)
  }

  private static func load<Value: Decodable>(_ name: String, in directory: String) throws -> Value? {
    guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)") else { return nil }
    do {
      return try JSONDecoder().decode(Value.self, from: data)
    } catch { throw JournalError.damaged(path: "\(directory)/\(name)", line: 1) }
  }
}

/// The record, written by one task at a time.
final class BisectRecordBox: @unchecked Sendable {
  private let record: BisectJob.Record
  private let lock = NSLock()

  init(_ record: BisectJob.Record) { self.record = record }

  func append(_ step: SearchStep) throws { try lock.withLock { try record.append(step) } }

  func write(_ name: String, _ value: some Encodable) throws {
    let bytes = try BisectRecordBox.encoded(value)
    try lock.withLock { try record.write(name, bytes) }
  }

  static func encoded(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}
