package import KTestGuests
package import KTestValues

/// Receives a run's events one at a time.
package typealias RunEmit = @Sendable (RunEvent) async throws -> Void

/// Executes the plan on that host.
///
/// A failing test is a verdict. It throws what `emit` throws, for example if the journal's disk is full; the guests
/// have then ended too. Cancelling the task ends the running guests and leaves the rest undone.
///
/// - Parameters:
///   - schedule: how many guests may be up at a time. The events of several come in any order, each guest's in its own;
///     `emit` is still called for one at a time.
///   - isOver: asked after each round whether it is the last.
/// - Returns: the worst verdict, and whether the run was interrupted.
@discardableResult
package func run(
  _ plan: Plan, name: String, on host: some GuestHost, schedule: GuestSchedule = .oneByOne,
  isOver: @Sendable () async throws -> Bool = { false }, emit: @escaping RunEmit
) async throws -> (verdict: Verdict, interrupted: Bool) {
  let clock = ContinuousClock()
  let started = clock.now
  let emit = EventLine.emit(emit, for: schedule)
  var runner = PlanRunner(plan, name: name, schedule: schedule, emit: emit)
  for event in plan.opening(inAnyOrder: schedule.isSideBySide) { try await emit(event) }
  let course = plan.settings.course
  for round in 1...course.limit {
    if course.isRepeated { try await emit(.roundStarted(round, of: course.limit)) }
    runner.begin(round)
    try await runner.run(on: host)
    if Task.isCancelled || course.isOver(after: runner.verdictsOfRound) { break }
    if try await isOver() || !runner.canGoOn { break }
  }
  if !Task.isCancelled { for note in runner.skips.notes { try await emit(.notice(note)) } }
  let verdict = runner.verdict
  let interrupted = Task.isCancelled
  try await emit(
    .runFinished(verdict: verdict, interrupted: interrupted, seconds: (clock.now - started).inSeconds))
  return (verdict, interrupted)
}
