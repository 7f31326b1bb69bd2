internal import Foundation
import KTestGuests
package import KTestHost
package import KTestValues

/// One run from its kernels and suites to its last event: plan, journal, display.
package struct RunJob: Sendable {
  package var session: Session
  package var suites: [SuiteFile]
  package var kernels: [KernelBuild]
  package var parameters: [String: String]
  /// The clock of all guests; nil for what each suite says.
  package var clock: GuestClock?
  /// Whether QEMU's plugin counts what each function of the kernel executes.
  package var countsFunctions = false
  /// Whether each case gets a guest of its own, whatever the suites say.
  package var isolatesCases = false
  /// Whether guests that earlier runs have booted and stopped are used, and those of this run are kept.
  package var keepsTemplates = false
  /// What determines the order of cases; nil for the suites' order.
  package var shuffleSeed: UInt64?
  /// The planted bug that this run is a drill of.
  package var drill: String?
  package var course = RunCourse.once
  /// What keeps the guests busy beside each case; nil for nothing.
  package var load: GuestLoad?
  /// When a guest's memory is kept in the run's directory.
  package var dumps: Set<MemoryDumps.Occasion> = []
  /// How many guests may be up at a time.
  package var guests = GuestCount.one
  /// What its guests share with those of other runs of this process; nil for nothing.
  package var schedule: GuestSchedule?
  /// Called with the run's name before its first event, so that somebody who was killed meanwhile finds it again.
  package var begun: (@Sendable (String) async throws -> Void)?
  /// Called with each event before it is recorded.
  package var observe: (@Sendable (RunEvent) async -> Void)?
  /// Waits until the rest of the run is not needed, and returns the reason; the run is then stopped. Returns nil if
  /// that will not happen, or if the waiting task is cancelled.
  package var enough: (@Sendable () async -> String?)?

  /// Asked after each round whether it is the last.
  package var isOver: @Sendable () async throws -> Bool = { false }

  package init(
    _ session: Session, suites: [SuiteFile], kernels: [KernelBuild], parameters: [String: String] = [:]
  ) {
    self.session = session
    self.suites = suites
    self.kernels = kernels
    self.parameters = parameters
  }

  /// Checks every suite against every kernel and builds the images that are needed.
  package func plan(on host: OpenHost) async throws -> PreparedRun {
    if host.executor == nil { try checkMemory(of: host) }
    var settings = host.settings
    (settings.clock, settings.course, settings.load) = (clock, course, load)
    let countsEverywhere = try countsEverywhere(on: host)
    if countsEverywhere { settings.accelerator = .tcg }
    if countsFunctions { settings.functionPlugin = try functionPlugin(countsEverywhere) }
    settings.isolatesCases = isolatesCases
    settings.shuffleSeed = shuffleSeed
    settings.forks = host.guests.forkRefusal == nil
    // Rounds and a load ask how often something shows: a boot that they have in common would answer once.
    settings.keepsTemplates = keepsTemplates && settings.forks && !course.isRepeated && load == nil
    // The directory becomes known with the journal.
    if !dumps.isEmpty { settings.dumps = MemoryDumps(dumps, directory: "") }
    let display = session.display
    defer { display.clear() }
    let (plan, images) = try await prepare(
      suites.map { SuiteRequest($0.suite, cases: $0.cases) }, kernels: kernels, parameters: parameters,
      settings: settings, places: try session.places.run, progress: { display.show(.step($0)) })
    if course.retries > 0, !plan.suites.contains(where: { $0.cases.contains { $0.test.flaky != nil } }) {
      throw Failure(
        .usage,
        "--retry runs only cases again that their suite calls flaky, and none of these is one; see 'ktest suite show'")
    }
    return PreparedRun(plan: plan, images: images)
  }

  private func checkMemory(of host: OpenHost) throws {
    for file in suites where file.suite.guest.memory.bytes > host.machine.memory {
      throw Failure(
        .host,
        "suite \(file.suite.name) needs a guest with \(file.suite.guest.memory) of memory, but this host has "
          + "\(ByteSize.mebibytes(host.machine.memory >> 20))")
    }
  }

  /// Checks that guests which count instructions can do so. Returns whether all of them count.
  private func countsEverywhere(on host: OpenHost) throws -> Bool {
    let counting = suites.filter { (clock ?? $0.suite.guest.clock) == .instructions }
    guard !counting.isEmpty else { return false }
    if load != nil {
      throw Failure(
        .usage,
        "suite \(counting[0].suite.name) counts instructions, and a load beside its cases would be counted with them; remove "
          + "--stress or use --clock time")
    }
    for file in counting {
      try host.accel.check(file.suite, clock: clock, advice: ", or measure time with --clock time")
    }
    if let network = counting.first(where: \.suite.guest.network) {
      throw Failure(
        .usage,
        "suite \(network.suite.name): a guest whose clock counts instructions cannot use the network, because its time "
          + "limits pass at once while it waits; remove --clock instructions")
    }
    return counting.count == suites.count
  }

  /// Returns the path of the plugin, if all guests can have it.
  private func functionPlugin(_ countsEverywhere: Bool) throws -> String {
    guard countsEverywhere else {
      let timed = suites.first { (clock ?? $0.suite.guest.clock) != .instructions }
      throw Failure(
        .usage,
        "--functions counts instructions, but the clock of suite \(timed?.suite.name ?? "") is time; add --clock "
          + "instructions")
    }
    let path = session.places.plugin
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw Failure(.host, "QEMU's plugin that counts functions is missing: \(path); build it with 'swift build'")
    }
    return path
  }

  /// Executes the plan and writes the journal.
  ///
  /// - Parameter disk: a disk that fills up on purpose, for the selftest. This is then not an error; the journal's
  ///   content is the result.
  package func perform(
    _ prepared: PreparedRun, on host: OpenHost, disk: DiskFault? = nil
  ) async throws -> RunOutcome {
    let planned = prepared.plan
    let schedule = try schedule ?? guestSchedule(on: host, planned)
    let recording = RecordedRun(
      suites: suites, manifest: manifest(prepared, host), session: session, namesKernels: kernels.count > 1,
      begun: begun, observe: observe, disk: disk)
    return try await recording.perform { journal, emit in
      if let notice = host.notice { try await emit(.notice(notice)) }
      for notice in planned.clockNotices + planned.forkNotices(host.guests.forkRefusal) {
        try await emit(.notice(notice))
      }
      for notice in Set(prepared.images.values.flatMap(\.notices)).sorted() { try await emit(.notice(notice)) }
      var plan = planned
      plan.settings.dumps?.directory = journal.directory
      do {
        try await runUntilEnough(plan, in: journal, on: host, schedule, emit: emit)
      } catch {
        await host.guests.waitForEndings()
        throw error
      }
      await host.guests.waitForEndings()
    }
  }

  private func runAll(
    _ plan: Plan, in journal: Journal, on host: OpenHost, _ schedule: GuestSchedule, emit: @escaping RunEmit
  ) async throws {
    guard let executor = host.executor else {
      try await run(plan, name: journal.id, on: host.guests, schedule: schedule, isOver: isOver, emit: emit)
      return
    }
    try await runElsewhere(
      plan, name: journal.id, on: executor, schedule: schedule, needsKVM: host.accel == .kvm, isOver: isOver,
      emit: emit)
  }

  private enum End: Sendable { case run, enough(String), nothing }

  private func runUntilEnough(
    _ plan: Plan, in journal: Journal, on host: OpenHost, _ schedule: GuestSchedule, emit: @escaping RunEmit
  ) async throws {
    guard let enough else { return try await runAll(plan, in: journal, on: host, schedule, emit: emit) }
    try await withThrowingTaskGroup(of: End.self) { group in
      group.addTask {
        try await runAll(plan, in: journal, on: host, schedule, emit: emit)
        return .run
      }
      group.addTask { await enough().map { .enough($0) } ?? .nothing }
      defer { group.cancelAll() }
      // Whichever ends first ends the other; a stopped run first gets to its last event.
      while let end = try await group.next() {
        if case .nothing = end { continue }
        if case .enough(let why) = end {
          try await emit(.notice("stopped early: \(why)"))
        }
        group.cancelAll()
      }
    }
  }
}

/// A plan with the images that it boots, by the names of their suites.
package struct PreparedRun: Sendable {
  package var plan: Plan
  package var images: [String: BuiltImage]
}

extension [KernelBuild] {
  /// Numbers kernels with the same label, so that a report can distinguish them.
  package var withDistinctLabels: [KernelBuild] {
    var seen: [String: Int] = [:]
    return map { kernel in
      var kernel = kernel
      let count = seen[kernel.label, default: 0] + 1
      seen[kernel.label] = count
      if count > 1 { kernel.label += "#\(count)" }
      return kernel
    }
  }
}

extension Plan {
  /// Returns what a user of `--isolate` and `--shuffle` wants to know.
  fileprivate func forkNotices(_ refusal: String?) -> [String] {
    let order = settings.shuffleSeed.map { "the order of the cases is that of --shuffle \($0)" }
    let boots = self.boots > 1 ? refusal.map { "guests are booted, not forked: \($0)" } : nil
    return [order, settings.isolatesCases ? boots : nil].compactMap(\.self)
  }
}
