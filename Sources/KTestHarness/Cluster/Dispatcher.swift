import KTestHost
import KTestValues

/// Gives groups to a fleet until each has its answer. A group whose host is lost goes to another.
struct Dispatcher<Fleet: WorkerFleet>: GroupExecutor {
  let fleet: Fleet
  /// The version of ktest.
  let version: String
  let guests: WorkOrder.GuestWords
  /// The folder that says what runs have under way; nil for none.
  let records: FleetRecords?

  /// How many hosts may be lost with a group.
  static var mostLosses: Int { 3 }

  var workers: Int { get async throws { try await fleet.workers } }

  func run(
    _ orders: [GroupOrder], of run: String, say: @escaping @Sendable (GroupNews) async throws -> Void,
    take: @escaping @Sendable (GroupAnswer) async throws -> Void
  ) async throws {
    try records?.begin(run)
    do {
      try await fleet.begin(run)
      var course = DispatchCourse(waiting: orders.map { Attempt(order: $0, run: run) })
      try await refuse(&course, take)
      do {
        while !course.isDone, !Task.isCancelled { try await step(&course, of: run, say, take) }
      } catch {
        // Whatever it was: nothing stays under way.
        await fleet.stop(course.underWay)
        if Task.isCancelled || error is CancellationError {
          try await takeLeavings(of: course, take)
        } else {
          throw error
        }
        course.underWay = []
      }
      if Task.isCancelled, !course.underWay.isEmpty {
        await fleet.stop(course.underWay)
        try await takeLeavings(of: course, take)
      }
      try await say(.underWay([]))
    } catch {
      await fleet.end()
      records?.end(run)
      throw error
    }
    await fleet.end()
    records?.end(run)
  }

  /// What no host can run is told at once.
  private func refuse(
    _ course: inout DispatchCourse, _ take: @Sendable (GroupAnswer) async throws -> Void
  ) async throws {
    var able: [Attempt] = []
    for attempt in course.waiting {
      if let why = try await fleet.refusal(of: attempt.order.needs) {
        try await take(GroupAnswer(attempt.order, .refused(why)))
      } else {
        able.append(attempt)
      }
    }
    course.waiting = able
  }

  private func step(
    _ course: inout DispatchCourse, of run: String, _ say: @Sendable (GroupNews) async throws -> Void,
    _ take: @Sendable (GroupAnswer) async throws -> Void
  ) async throws {
    if !course.waiting.isEmpty {
      let offered = try await fleet.start(course.waiting) { attempt, folder in
        let order = WorkOrder(ktest: version, run: run, group: attempt.order, guests: guests)
        try folder.write(order)
      }
      course.started(offered)
    }
    let states = try await fleet.look(at: course.underWay)
    for text in await fleet.news() { try await say(.notice(text)) }
    var left: [Attempt] = []
    var lines: [String] = []
    let tells = course.isTimeToTell()
    for (attempt, state) in zip(course.underWay, states) {
      switch state {
      case .queued(let why):
        if !why.isEmpty, course.told.insert(why).inserted {
          try await say(.notice("groups wait in the queue: \(why)"))
        }
        left.append(attempt)
      case .running(let host):
        if tells {
          lines.append("\(host): \(attempt.order.title), \(progress(of: attempt)) of \(attempt.order.cases) cases")
        }
        left.append(attempt)
      case .ended(let host):
        let answer = answer(of: attempt, host: host)
        switch answer {
        case .success(let outcome):
          try await take(GroupAnswer(attempt.order, outcome, losses: attempt.losses))
        case .failure(let loss): try await lose(attempt, loss, &course, say, take)
        }
      case .lost(let loss): try await lose(attempt, loss, &course, say, take)
      }
    }
    course.underWay = left
    if tells { try await say(.underWay(lines)) }
    if !course.isDone { try await Task.sleep(for: fleet.pause) }
  }

  private struct Lost: Error { var loss: GroupAnswer.Loss }

  private func answer(of attempt: Attempt, host: String) -> Result<GroupAnswer.Outcome, Lost> {
    let folder = fleet.folder(of: attempt)
    let start = folder.readStart()
    let name = attempt.host ?? start?.facts.name ?? host
    guard let end = folder.readEnd() else {
      return .failure(Lost(loss: .init(host: host, reason: "its worker ended without an answer")))
    }
    if let failure = end.failure { return .failure(Lost(loss: .init(host: host, reason: failure))) }
    if end.isInterrupted {
      return .failure(Lost(loss: .init(host: host, reason: "somebody ended its worker, or its time was over")))
    }
    guard var facts = start?.facts, let journal = folder.journal(end) else {
      return .failure(Lost(loss: .init(host: host, reason: "its answer is not complete")))
    }
    facts.name = name
    return .success(.ran(worker: facts, part: JournalPart(directory: journal)))
  }

  private func lose(
    _ attempt: Attempt, _ lost: Lost, _ course: inout DispatchCourse,
    _ say: @Sendable (GroupNews) async throws -> Void, _ take: @Sendable (GroupAnswer) async throws -> Void
  ) async throws {
    try await lose(attempt, lost.loss, &course, say, take)
  }

  private func lose(
    _ attempt: Attempt, _ loss: GroupAnswer.Loss, _ course: inout DispatchCourse,
    _ say: @Sendable (GroupNews) async throws -> Void, _ take: @Sendable (GroupAnswer) async throws -> Void
  ) async throws {
    // If its worker lives after all, nobody waits for it.
    await fleet.stop([attempt])
    var next = attempt
    next.losses.append(loss)
    (next.folder, next.host) = ("", nil)
    guard next.losses.count < Self.mostLosses else {
      let all = next.losses.map { "\($0.host): \($0.reason)" }.joined(separator: "; ")
      let why = VerdictReason(.harness, "\(next.losses.count) hosts were lost with it: \(all)")
      return try await take(GroupAnswer(attempt.order, .lost(why), losses: next.losses))
    }
    try await say(.notice("\(attempt.order.title) runs again elsewhere: \(loss.host): \(loss.reason)"))
    course.waiting.insert(next, at: 0)
  }

  /// After the end of the run: finished cases keep their verdicts.
  private func takeLeavings(
    of course: DispatchCourse, _ take: @Sendable (GroupAnswer) async throws -> Void
  ) async throws {
    for attempt in course.underWay {
      let folder = fleet.folder(of: attempt)
      guard let facts = folder.readStart()?.facts, let journal = folder.journal(folder.readEnd()) else { continue }
      try? await take(GroupAnswer(attempt.order, .ran(worker: facts, part: JournalPart(directory: journal))))
    }
  }

  /// The number of cases that have ended, by the journal as far as it is here.
  private func progress(of attempt: Attempt) -> Int {
    guard let journal = fleet.folder(of: attempt).journal(nil) else { return 0 }
    return (try? readJournal(at: journal))?.replay.finished ?? 0
  }
}

/// What a dispatcher has waiting and under way.
struct DispatchCourse: Sendable {
  /// The longest first.
  var waiting: [Attempt]
  var underWay: [Attempt] = []
  /// Reasons for waiting that were told.
  var told: Set<String> = []

  init(waiting: [Attempt]) { self.waiting = waiting }

  private var lastTold: ContinuousClock.Instant?

  /// Whether people should see again what is under way: once a second.
  mutating func isTimeToTell() -> Bool {
    let now = ContinuousClock.now
    if let lastTold, now - lastTold < .seconds(1) { return false }
    lastTold = now
    return true
  }

  var isDone: Bool { waiting.isEmpty && underWay.isEmpty }

  mutating func started(_ attempts: [Attempt]) {
    waiting = attempts.filter(\.folder.isEmpty)
    underWay += attempts.filter { !$0.folder.isEmpty }
  }
}
