import KTestHost
package import KTestValues

/// One night of a plan, from its kernels to the telling of others. Its record is on the disk after every step: a night that was
/// killed goes on where it was.
package actor NightJob {
  package nonisolated let order: NightOrder
  package nonisolated let archive: NightArchive
  nonisolated let session: Session
  nonisolated let effects: NightEffects
  /// The other nights of the plan, the oldest first.
  nonisolated let past: [NightRecord]
  /// What the last night that was judged left.
  nonisolated let memory: NightMemory?
  nonisolated let deadline: ContinuousClock.Instant
  /// Held until the night is over.
  private var lock: FileLock?

  package internal(set) var record: NightRecord
  /// The kernels that could be had, by their names in the plan.
  var kernels: [String: KernelBuild] = [:]
  /// Kernels of earlier nights by their identity; nil if they cannot be had.
  var goodKernels: [String: KernelBuild?] = [:]
  /// The runs of the night that are over, as they are judged.
  var indexed: [String: IndexedRun] = [:]
  /// The metrics of the night's runs that are over.
  var measured: [String: [RunMetric]] = [:]
  /// What the index says of earlier nights of a series.
  var histories: [NightSeries.ID: SeriesPast] = [:]
  /// The series for which a good kernel can be run.
  var controls: Set<NightSeries.ID> = []
  /// What the night leaves, as far as it is judged.
  var ending: NightJudge.Ending?
  /// Whether something was left out for want of time, runs or searches.
  var isOutOfBudget = false

  /// Begins a night, or takes up the last one if it was interrupted and is younger than its hours.
  ///
  /// - Throws: ``Failure``, `busy` if another ktest is at work on this plan; ``JournalError``.
  package init(_ order: NightOrder, in session: Session, effects: NightEffects = NightEffects()) throws {
    let archive = NightArchive(of: order.plan.name, in: session.places.stateDirectory)
    guard let lock = try archive.lock() else {
      throw Failure(
        .busy, "another ktest is at work on the night '\(order.plan.name)'; its record is in \(archive.folder)")
    }
    var nights: [NightRecord] = []
    for id in archive.ids {
      do {
        if let record = try archive.record(of: id) { nights.append(record) }
      } catch let error as JournalError {
        // A newer ktest would be misjudged, a damaged record is one night less.
        if case .newerSchema = error { throw error }
        session.display.notice("the night \(id) is left out: \(error)")
      }
    }
    let now = effects.clock()
    let length = Double(order.plan.budget.time.milliseconds) / 1000
    var age = 0.0
    if var last = nights.last, last.state == .running || last.state == .interrupted {
      // If the clock was set back, it has just begun.
      age = max(0, now.seconds(since: WallTime(milliseconds: last.started)))
      nights.removeLast()
      if age < length, last.ktest == ktestVersion {
        session.display.notice("going on with the night \(last.id)")
        last.state = .running
        record = last
      } else {
        last.state = .interrupted
        last.ended = last.ended ?? now.milliseconds
        try archive.write(last)
        nights.append(last)
        age = 0
        record = try NightJob.begin(order, archive, at: now)
      }
    } else {
      record = try NightJob.begin(order, archive, at: now)
    }
    memory = try NightJob.memory(nights, archive, session)
    past = nights
    (self.order, self.archive, self.session, self.effects, self.lock) = (order, archive, session, effects, lock)
    deadline = .now + .seconds(length - age)
  }

  private static func begin(_ order: NightOrder, _ archive: NightArchive, at now: WallTime) throws -> NightRecord {
    let (id, started) = try archive.begin(at: now)
    let record = NightRecord(id: id, plan: order.plan.name, ktest: ktestVersion, started: started)
    try archive.write(record)
    return record
  }

  private static func memory(
    _ nights: [NightRecord], _ archive: NightArchive, _ session: Session
  ) throws -> NightMemory? {
    // A night that was interrupted behind its judging counts, too.
    for night in nights.reversed() {
      do {
        if let memory = try archive.memory(of: night.id) { return memory }
      } catch JournalError.notWhole(let path) {
        session.display.notice("\(JournalError.notWhole(path: path)); the night before is asked")
      }
    }
    return nil
  }

  /// Works until everything is done, or the time is over.
  ///
  /// - Returns: the final record.
  /// - Throws: `CancellationError` if it was interrupted, ``JournalError`` if the disk is full; the next call goes on.
  package func perform(on host: OpenHost) async throws -> NightRecord {
    defer { lock = nil }
    do {
      if let notice = host.notice { session.display.notice(notice) }
      let host = host.unannounced
      try await getKernels()
      try await runTelling(on: host)
      try await runPlan(on: host)
      try await measureAgain(on: host)
      try await runAgain(on: host)
      try await judge()
      try await search(on: host)
      try await drill(on: host)
      try finish()
    } catch {
      guard error is CancellationError || Task.isCancelled else { throw error }
      record.state = .interrupted
      try save()
      throw CancellationError()
    }
    await tellOthers()
    return record
  }

  func save() throws { try archive.write(record) }

  /// The other nights, with their runs: those of a night that was never judged say nothing, because nobody knows which of its
  /// failures were reported.
  var judgedNights: PastNights { PastNights(past, isJudged: { archive.isJudged($0.id) }) }

  /// Whether there is time for one more thing.
  var hasTime: Bool { .now < deadline }

  private func finish() throws {
    record.state = isOutOfBudget ? .outOfBudget : .complete
    record.ended = max(record.started, effects.clock().milliseconds)
    if let memory = ending?.memory { try archive.write(memory) }
    try save()
  }

  private func tellOthers() async {
    let plan = order.plan
    if plan.pages != nil || plan.mail != nil || plan.kcidb != nil,
      !effects.tellers.contains(where: { $0.isWanted(by: plan) })
    {
      session.display.notice("the plan asks for pages, a mail or a report, and this ktest writes none of them")
    }
    for teller in effects.tellers where teller.isWanted(by: order.plan) {
      do {
        try await teller.tell(of: record, order, in: session)
      } catch { session.display.notice("\(Failure(error).description)") }
    }
    record.wasTold = true
    try? save()
  }
}
