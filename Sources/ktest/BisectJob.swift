import Foundation
import KTestHarness

/// A search from its arguments, or from its record, to its report.
struct BisectJob {
  typealias Record = SearchRecord<BisectHeader, SearchStep>

  let record: Record
  let suite: SuiteFile
  let build: KernelBuildOptions
  let host: GuestOptions
  let session: Session
  private let imported: [Evidence]

  /// Everything that can be said to be wrong is said here, before a compiler or a guest is started.
  init(_ command: BisectRun) async throws {
    var session = command.places.session
    let places = session.places
    var header: BisectHeader
    if let name = command.resume {
      record = try Record(reopening: try findSearch(name, in: places.stateDirectory))
      header = record.header
      let file = try session.suite(at: record.directory + "/suite.yaml", cases: header.selection.map { [$0] } ?? [])
      suite = try BisectTest(file: file, decidesAxes: header.decidesAxes).file
      imported = try BisectJob.load("imported.json", in: record.directory) ?? []
    } else {
      let test = try BisectTest(command.test ?? "", in: session, decidesAxes: !command.cmdline.isEmpty)
      suite = test.file
      header = try await BisectHeader(command, test)
      imported = try command.gitLog.map { try BisectRun.imported($0) } ?? []
      try BisectJob.checkSpace(header, places)
      var files = ["suite.yaml": suite.bytes]
      if !imported.isEmpty { files["imported.json"] = try BisectRecordBox.encoded(imported) }
      files["differences.json"] = try BisectJob.differences(header, command).map { try BisectRecordBox.encoded($0) }
      record = try Record(creatingIn: places.stateDirectory, header: header, files: files)
    }
    build = KernelBuildOptions(base: header.base, fragments: header.fragments, jobs: header.jobs)
    var host = command.host.options
    host.accel = GuestOptions.Accel(rawValue: header.accel) ?? .auto
    (host.connect, host.timeFactor) = (header.connect, header.timeFactor)
    self.host = host
    session.arguments = header.arguments
    self.session = session
  }

  /// A search that another one leads to.
  init(_ record: Record, after parent: BisectJob) throws {
    self.record = record
    (host, session, imported) = (parent.host, parent.session, [])
    let file = try session.suite(
      at: record.directory + "/suite.yaml", cases: record.header.selection.map { [$0] } ?? [])
    suite = try BisectTest(file: file, decidesAxes: record.header.decidesAxes).file
    var build = parent.build
    (build.base, build.fragments) = (record.header.base, record.header.fragments)
    self.build = build
  }

  /// - Parameter opened: a process can open libvirt's embedded driver once: a search that another leads to shares it.
  func perform(on opened: OpenHost? = nil) async throws -> BisectReport {
    let header = record.header
    let teller = BisectTeller(record.directory)
    let guests: OpenHost
    if let opened { guests = opened } else { guests = try await session.openHost(host) }
    if let notice = guests.notice { teller.say(notice) }
    let known: BisectAim? = try load("target.json")
    let aim =
      known
      ?? header.target.flatMap { target in
        header.testCase.map { BisectAim(testCase: $0, target: target) }
      }
    let box = BisectRecordBox(record)
    let world = BisectWorld(
      BisectWorld.Settings(
        session: session, suite: suite, parameters: header.settings, build: build, host: guests.unannounced),
      space: header.space, aim: aim, testCase: header.testCase,
      aimed: { aim in
        try box.write("target.json", aim)
        teller.say("target: \(aim.target.text) (case \(aim.testCase))")
      })
    if let aim { teller.say("target: \(aim.target.text) (case \(aim.testCase))") }
    if let report = try await configurationAnswer(world), try await !failsOtherwise(world, box, teller) {
      try report.write(to: record)
      return report
    }
    if let differences: BisectDifferences = try load("differences.json") {
      let report = try await settle(differences, world, box, teller)
      try report.write(to: record)
      return report
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
      environment: BisectEnvironment(accelerator: guests.settings.accelerator.rawValue, qemu: guests.qemu ?? ""))
    try report.write(to: record)
    if case .build(let good, let bad, _) = report.answer, let aim = await world.aim,
      let further = try await goOn(from: report, good, bad, aim, world, box, teller, guests)
    {
      return further
    }
    return report
  }

  /// One run of the good side before the first of the bad one, unless an earlier process has done it.
  func learnBaseline(
    _ world: BisectWorld, _ box: BisectRecordBox, _ teller: BisectTeller, of suite: SuiteFile? = nil,
    on kernel: () async throws -> SubjectKernel
  ) async throws {
    if let known: BisectBaseline = try load("baseline.json") { return await world.use(known) }
    teller.say("running the good end for what fails without the bug")
    let learnt = try await world.learnBaseline(try await kernel(), of: suite ?? self.suite)
    try box.write("baseline.json", learnt)
    await world.use(learnt)
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
    guard let bytes = try? RegularFile.bytes(of: "\(directory)/\(name)", limit: 1 << 28) else { return nil }
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
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
