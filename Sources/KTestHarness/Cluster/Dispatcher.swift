import KTestHost
import KTestValues

/// Gives work to a fleet until each piece has its answer. What a lost host had goes to another.
struct Dispatcher<Fleet: WorkerFleet>: GroupExecutor {
  /// The hosts of all runs; each run has another of the same.
  private(set) var fleet: Fleet
  /// The version of ktest.
  let version: String
  let guests: WorkOrder.GuestWords
  /// The folder that says what runs have under way; nil for none.
  let records: FleetRecords?
  /// Hosts that get work only if no other can do it.
  private var unwanted: Set<String> = []

  init(fleet: Fleet, version: String, guests: WorkOrder.GuestWords, records: FleetRecords?) {
    (self.fleet, self.version, self.guests, self.records) = (fleet, version, guests, records)
  }

  /// How many hosts may be lost with a piece of work.
  static var mostLosses: Int { 3 }

  var workers: Int { get async throws { try await fleet.workers } }

  func run(
    _ orders: [GroupOrder], of run: String, say: @escaping @Sendable (GroupNews) async throws -> Void,
    take: @escaping @Sendable (GroupAnswer) async throws -> Void
  ) async throws {
    try await perform(orders.map { .group($0) }, of: run, say: say) { answer in
      if let answer = GroupAnswer(answer) { try await take(answer) }
    }
  }

  /// Does all work, each piece to one answer, see ``GroupExecutor/run(_:of:say:take:)``.
  ///
  /// - Parameter hosts: get none of it if another host can do it.
  func perform(
    _ work: [Work], of run: String, avoiding hosts: Set<String> = [],
    say: @escaping @Sendable (GroupNews) async throws -> Void,
    take: @escaping @Sendable (WorkAnswer) async throws -> Void
  ) async throws {
    var own = self
    (own.fleet, own.unwanted) = (fleet.another(), hosts)
    try await own.dispatch(work, of: run, say, take)
  }

  private func dispatch(
    _ work: [Work], of run: String, _ say: @escaping @Sendable (GroupNews) async throws -> Void,
    _ take: @escaping @Sendable (WorkAnswer) async throws -> Void
  ) async throws {
    try records?.begin(run)
    do {
      try await fleet.begin(run)
      var course = DispatchCourse(waiting: try await able(work, of: run, take))
      do {
        while !course.isDone, !Task.isCancelled { try await step(&course, of: run, say, take) }
      } catch {
        // Whatever it was: nothing stays under way.
        await fleet.stop(course.underWay)
        guard Task.isCancelled || error is CancellationError else {
          if error is EnoughAnswers { try await takeEnded(of: course, take) }
          throw error
        }
        try await takeLeavings(of: course, take)
        course.underWay = []
      }
      if Task.isCancelled, !course.underWay.isEmpty {
        await fleet.stop(course.underWay)
        try await takeLeavings(of: course, take)
      }
      try await say(.underWay([]))
    } catch {
      try? await end(run, say)
      throw error
    }
    try await end(run, say)
  }

  /// What cannot be removed now is removed by the next start.
  private func end(_ run: String, _ say: @Sendable (GroupNews) async throws -> Void) async throws {
    if await fleet.end() { return records?.end(run) ?? () }
    for text in await fleet.news() { try await say(.notice(text)) }
    try await say(.notice("what run \(run) has left on other hosts is ended by the next start with --on"))
  }

  /// Returns the attempts at what a host can run; what none can is told at once.
  private func able(
    _ work: [Work], of run: String, _ take: @Sendable (WorkAnswer) async throws -> Void
  ) async throws -> [Attempt] {
    var able: [Attempt] = []
    for piece in work {
      if let why = try await fleet.refusal(of: piece.needs) {
        try await take(WorkAnswer(piece, .refused(why)))
      } else {
        var attempt = Attempt(order: piece, run: run)
        attempt.unwanted = unwanted
        able.append(attempt)
      }
    }
    return able
  }

  private func step(
    _ course: inout DispatchCourse, of run: String, _ say: @Sendable (GroupNews) async throws -> Void,
    _ take: @Sendable (WorkAnswer) async throws -> Void
  ) async throws {
    let states = try await fleet.look(at: course.underWay)
    for text in await fleet.news() { try await say(.notice(text)) }
    let tells = course.isTimeToTell()
    if tells { try await say(.underWay(lines(of: course.underWay, states))) }
    let attempts = course.underWay
    course.underWay = []
    for (place, (attempt, state)) in zip(attempts, states).enumerated() {
      do {
        switch state {
        case .queued(let why):
          if !why.isEmpty, course.told.insert(why).inserted {
            try await say(.notice("groups wait in the queue: \(why)"))
          }
          course.underWay.append(attempt)
        case .running: course.underWay.append(attempt)
        case .ended(let host):
          switch await fleet.outcome(of: attempt, host: host) {
          case .ran(let worker, let part):
            try await take(WorkAnswer(attempt.order, .ran(worker: worker, part: part), losses: attempt.losses))
          case .built(let worker, let end, let folder):
            try await take(WorkAnswer(attempt.order, .built(worker: worker, end, folder), losses: attempt.losses))
          case .lost(let loss, let worker, let part):
            try await lose(attempt, loss, worker, part, &course, say, take)
          case .again(let why): try await restart(attempt, why, &course, say)
          }
        case .lost(let loss): try await lose(attempt, loss, nil, nil, &course, say, take)
        case .again(let why): try await restart(attempt, why, &course, say)
        case .refused(let why):
          let outcome = WorkAnswer.Outcome.lost(VerdictReason(.harness, why))
          try await take(WorkAnswer(attempt.order, outcome, losses: attempt.losses))
        }
      } catch {
        // Those behind it are still under way, and whoever ends the run must know of them.
        course.underWay += attempts[place...]
        throw error
      }
    }
    // What has room now starts before the next look.
    let offered = course.offer(await fleet.appetite())
    if !offered.isEmpty {
      do {
        course.take(
          back: try await fleet.start(offered) { attempt, folder in
            try folder.write(
              WorkOrder(
                ktest: version, run: run, word: attempt.word, host: attempt.host, work: attempt.order, guests: guests))
          })
      } catch {
        course.take(back: offered)
        throw error
      }
    }
    if !course.isDone { try await fleet.rest() }
  }

  /// How many groups have a line: a terminal has room for no more.
  private static var mostLines: Int { 12 }

  private func lines(of attempts: [Attempt], _ states: [AttemptState]) -> [String] {
    var lines: [String] = []
    var others = 0
    for (attempt, state) in zip(attempts, states) {
      guard case .running(let host) = state else { continue }
      if lines.count < Self.mostLines {
        let counts = attempt.order.group.map { ", \(progress(of: attempt)) of \($0.cases) cases" } ?? ""
        lines.append("\(host): \(attempt.order.title)\(counts)")
      } else {
        others += 1
      }
    }
    return others == 0 ? lines : lines + ["and \(others) more"]
  }

  /// - Parameter part: what its worker has left all the same.
  private func lose(
    _ attempt: Attempt, _ loss: GroupAnswer.Loss, _ worker: WorkerFacts?, _ part: (any GroupEvents)?,
    _ course: inout DispatchCourse,
    _ say: @Sendable (GroupNews) async throws -> Void, _ take: @Sendable (WorkAnswer) async throws -> Void
  ) async throws {
    // If its worker lives after all, nobody waits for it.
    await fleet.stop([attempt])
    var next = attempt.anew
    next.losses.append(loss)
    guard next.losses.count < Self.mostLosses else {
      let all = next.losses.map { "\($0.host): \($0.reason)" }.joined(separator: "; ")
      let why = VerdictReason(.harness, "\(next.losses.count) hosts were lost with it: \(all)")
      let outcome: WorkAnswer.Outcome =
        if let worker, let part { .cut(worker: worker, part: part, why) } else { .lost(why) }
      return try await take(WorkAnswer(attempt.order, outcome, losses: next.losses))
    }
    try await say(.notice("\(attempt.order.title) runs again elsewhere: \(loss.host): \(loss.reason)"))
    course.again.append(next)
  }

  private func restart(
    _ attempt: Attempt, _ why: String, _ course: inout DispatchCourse,
    _ say: @Sendable (GroupNews) async throws -> Void
  ) async throws {
    await fleet.stop([attempt])
    try await say(.notice("\(attempt.order.title) runs again: \(why)"))
    course.again.append(attempt.anew)
  }

  /// After the last answer that is needed: groups that have ended all the same have their results.
  private func takeEnded(
    of course: DispatchCourse, _ take: @Sendable (WorkAnswer) async throws -> Void
  ) async throws {
    for attempt in course.underWay {
      guard case .ran(let worker, let part) = await fleet.outcome(of: attempt, host: attempt.host ?? "") else {
        continue
      }
      do {
        try await take(WorkAnswer(attempt.order, .ran(worker: worker, part: part), losses: attempt.losses))
      } catch is EnoughAnswers {}
    }
  }

  /// After the end of the run: finished cases keep their verdicts.
  private func takeLeavings(
    of course: DispatchCourse, _ take: @Sendable (WorkAnswer) async throws -> Void
  ) async throws {
    for attempt in course.underWay {
      let folder = fleet.folder(of: attempt)
      guard var facts = folder.readStart(to: attempt)?.facts,
        let journal = folder.journal(folder.readEnd(to: attempt))
      else { continue }
      facts.name = attempt.host ?? facts.name
      let part = JournalPart(directory: journal)
      try? await take(WorkAnswer(attempt.order, .ran(worker: facts, part: part), losses: attempt.losses))
    }
  }

  /// The number of cases that have ended, by the journal as far as it is here.
  private func progress(of attempt: Attempt) -> Int {
    guard let journal = fleet.folder(of: attempt).journal(nil) else { return 0 }
    return (try? readJournal(at: journal))?.replay.finished ?? 0
  }
}
