package import KTestGuests
import KTestValues

/// Executes an order on this host, as a worker.
///
/// - Parameters:
///   - settings: the host's, to which the order adds its own.
///   - emit: gets the events of a run that is only this group in this round.
package func runGroup(
  _ order: GroupOrder, name: String, on host: some GuestHost, settings: RunSettings, schedule: GuestSchedule,
  emit: @escaping RunEmit
) async throws {
  let clock = ContinuousClock()
  let started = clock.now
  let emit = EventLine.emit(emit, for: schedule)
  let settings = order.settings.applied(to: settings, forks: host.forkRefusal == nil)
  let (course, plan) = (settings.course, Plan(suites: order.parts.map(\.planned), settings: settings))
  try await emit(.runStarted(cases: plan.cases, boots: plan.boots))
  var runner = PlanRunner(plan, name: name, schedule: schedule, firstBoot: order.firstBoot, emit: emit)
  for round in order.rounds {
    if course.isRepeated { try await emit(.roundStarted(round, of: course.limit)) }
    runner.begin(round)
    try await runner.run(on: host)
    if Task.isCancelled || course.isOver(after: runner.verdictsOfRound) || !runner.canGoOn { break }
  }
  if !Task.isCancelled { for note in runner.skips.notes { try await emit(.notice(note)) } }
  try await emit(
    .runFinished(
      verdict: runner.verdict, interrupted: Task.isCancelled, seconds: (clock.now - started).inSeconds))
}
