import KTestHost
import KTestValues

/// Builds kernels and runs the case for a search.
actor BisectWorld: SearchEffects {
  /// The parts that do not change while a search goes on.
  struct Settings: Sendable {
    /// Shows nothing of the runs; of builds it shows the progress.
    var session: Session
    /// The host of the guests.
    var host: OpenHost
    var suite: SuiteFile
    var space: BisectHeader.Space
    /// The case, if it is known before the bad end has failed.
    var testCase: String?
    /// The suite's parameters.
    var parameters: [String: String]
    var kernels: KernelBuildOptions
    /// The suites that commits are built for; nil for the suite alone.
    var configuredFor: [Suite]?
    /// The planted bug of a drill.
    var drill: String?
    /// What the guests of several workers share; nil for one worker.
    var schedule: GuestSchedule?
  }

  let settings: Settings
  private(set) var aim: BisectAim?
  private var baseline = BisectBaseline()
  /// Called when the bad end has shown what is searched for.
  private let aimed: @Sendable (BisectAim) throws -> Void
  /// The files that the builds so far were made from; nil if they are not known of every build, or not needed any more.
  var compiled: CompiledFiles? = CompiledFiles()
  /// The tree that the last kernel was built from.
  var sourceDirectory: String?
  var kernels: [String: KernelBuild] = [:]
  /// The runs of each subject, oldest first.
  private(set) var journals: [Evidence.Subject: [String]] = [:]

  init(_ settings: Settings, aim: BisectAim?, aimed: @escaping @Sendable (BisectAim) throws -> Void) {
    (self.settings, self.aim, self.aimed) = (settings, aim, aimed)
  }

  private var testCase: String? { aim?.testCase ?? settings.testCase }

  /// Until the bad end has shown what is searched for, one run after the other: the first failure is the target.
  func workers(atMost most: Int) -> Int { aim == nil ? 1 : most }

  // MARK: - Runs

  package func run(
    _ kernel: SubjectKernel, of subject: Evidence.Subject, clones: Int = 1
  ) async throws -> RunObservation {
    let observation = try await run(kernel, of: settings.suite, clones: clones)
    if let journal = observation.journal { journals[subject, default: []].append(journal) }
    return observation
  }

  package func run(_ kernel: SubjectKernel, of file: SuiteFile, clones: Int = 1) async throws -> RunObservation {
    guard let build = kernel.kernel else { return RunObservation(.unusable, note: "no kernel") }
    var suite = file
    suite.cases = testCase.map { [$0] } ?? []
    let watch = BisectWatch(aim: aim, tolerating: baseline.splats)
    let rounds = clones > 1 ? BisectRounds() : nil
    let outcome: RunOutcome
    do {
      outcome = try await self.outcome(of: suite, on: build, watch: watch, rounds, clones: clones)
    } catch let error as PlanError where error.isSelection && file.suite.collection != nil {
      // The tree does not have the test.
      return RunObservation(.unusable, note: error.description)
    } catch let error as ImageError {
      switch error {
      // The tests of this tree do not compile, but those of other trees may.
      case .compileFailed, .buildFailed: return RunObservation(.unusable, note: "\(error)")
      default: throw error
      }
    }
    if let rounds {
      let (readings, seen) = (await rounds.readings, await watch.seen)
      if !readings.isEmpty || seen != nil {
        if aim == nil, seen != nil { _ = try await read(BisectRound(outcome.summary), watch) }
        return RunObservation(readings, seen: seen, boots: outcome.summary.boots, journal: outcome.directory)
      }
    }
    let reading = try await read(BisectRound(outcome.summary), watch)
    let boot = outcome.summary.boots.last
    let ready = boot?.readySeconds ?? 0
    return RunObservation(
      reading.outcome, note: reading.note, other: reading.other, boot: ready, run: max(0, (boot?.seconds ?? 0) - ready),
      journal: outcome.directory)
  }

  private func outcome(
    of suite: SuiteFile, on kernel: KernelBuild, watch: BisectWatch?, _ rounds: BisectRounds? = nil, clones: Int = 1
  ) async throws -> RunOutcome {
    let host = settings.host.unannounced
    var job = RunJob(
      settings.session.silent, suites: [suite], kernels: [kernel], parameters: settings.parameters)
    (job.drill, job.schedule) = (settings.drill, settings.schedule)
    if let watch {
      job.observe = { await watch.take($0) }
      job.enough = { await watch.wait() }
      if let rounds {
        job.course = .clones(clones)
        job.observe = {
          await watch.take($0)
          await rounds.take($0)
        }
        job.isOver = { [weak self] in try await self?.isOver(rounds, watch) ?? true }
      }
    }
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    try Task.checkCancellation()
    return outcome
  }

  /// Reads a round that is over, and returns whether it is the last: the first that is not clean ends the runs of a boot.
  private func isOver(_ rounds: BisectRounds, _ watch: BisectWatch) async throws -> Bool {
    guard let round = await rounds.last else { return true }
    let reading = try await read(round, watch)
    await rounds.add(reading)
    return reading.outcome != .clean
  }

  private func read(_ round: BisectRound, _ watch: BisectWatch) async throws -> TargetReading {
    if let aim {
      if let splat = await watch.seen { return TargetReading(.targetSeen, "kernel: \(splat.title)") }
      guard let result = round.cases.first(where: { $0.name == aim.testCase }) else {
        let absent = round.absent.first { $0.name == aim.testCase }
        return absent.map { TargetReading(.unusable, "the case \($0.reason)") }
          ?? TargetReading(.infrastructure, "the case has no result")
      }
      return aim.target.read(
        result, boot: round.boot(of: result), metrics: result.targetValues, tolerating: aim.tolerated)
    }
    // The target is the first failure of the bad end that the good end does not have.
    let cases = round.cases
    if let splat = await watch.seen, let test = await watch.running ?? testCase ?? cases.first?.name {
      return try settle(test, .splat(splat.signature))
    }
    if let (test, target) = baseline.news(in: cases) { return try settle(test, target) }
    if let broken = cases.first(where: { $0.verdict == .error }) {
      return TargetReading(.infrastructure, broken.reason ?? "the harness failed")
    }
    if let boot = round.boots.first(where: { $0.verdict.isBad }) {
      return TargetReading(.unusable, boot.reason ?? "the kernel did not boot")
    }
    guard cases.contains(where: { $0.verdict != .skip }) else {
      return TargetReading(.unusable, cases.first?.reason ?? "nothing was executed")
    }
    return TargetReading(.clean, "no failure other than those of the good end")
  }

  private func settle(_ test: String, _ target: BisectTarget) throws -> TargetReading {
    let found = BisectAim(testCase: test, target: target, tolerated: baseline.tolerated(in: test))
    aim = found
    try aimed(found)
    return TargetReading(.targetSeen, found.target.text)
  }

  /// Runs the good end once with every case that may be the target, and learns what fails without the bug. If that end
  /// does not even boot, nothing is learned, and the search finds out.
  func learnBaseline(_ kernel: SubjectKernel, of file: SuiteFile) async throws -> BisectBaseline {
    guard let build = kernel.kernel else { return BisectBaseline() }
    var suite = file
    suite.cases = testCase.map { [$0] } ?? []
    // A run that the harness lost says nothing about the kernel, and its result would be believed for the whole search.
    var reason = ""
    for _ in 0..<3 {
      let summary = try await outcome(of: suite, on: build, watch: nil).summary
      let cases = summary.suites.flatMap(\.cases)
      let isBooted = !summary.boots.contains { $0.verdict.isBad && $0.verdict != .error }
      if let lost = cases.first(where: { $0.verdict == .error }), isBooted {
        reason = lost.reason ?? "the harness failed"
        continue
      }
      if let skipped = cases.first, cases.allSatisfy({ $0.verdict == .skip }) {
        throw Failure(
          .failed,
          "the good end cannot run \(suite.cases.isEmpty ? file.suite.name : skipped.name): \(skipped.reason ?? "it is skipped")"
        )
      }
      return BisectBaseline(cases.filter { $0.boot != nil || $0.verdict == .skip }, boots: summary.boots)
    }
    throw Failure(.host, "the good end ran three times, and the harness failed each time: \(reason)")
  }

  /// Returns the files that the builds so far were made from. Later builds are not looked at, because that takes seconds.
  func takeCompiled() -> CompiledFiles {
    defer { compiled = nil }
    return compiled ?? CompiledFiles()
  }

  /// Follows the target that an earlier process has settled on.
  func follow(_ known: BisectAim?) { if aim == nil { aim = known } }

  func use(_ known: BisectBaseline) {
    baseline = known
    if let test = aim?.testCase { aim?.tolerated = known.tolerated(in: test) }
  }
}
