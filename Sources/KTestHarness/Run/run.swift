/// Receives a run's events one at a time.
public typealias RunEmit = @Sendable (RunEvent) async throws -> Void

/// Does what the plan says, on that host.
///
/// A failing test is a verdict. What is thrown is what `emit` throws, for example a journal on a full disk; the guests
/// are gone then, too. Cancelling the task ends the guest that runs and leaves the rest undone.
///
/// - Returns: the worst verdict, and whether the run was interrupted.
@discardableResult
public func run(
  _ plan: Plan, name: String, on host: some GuestHost, emit: @escaping RunEmit
) async throws -> (verdict: Verdict, interrupted: Bool) {
  let clock = ContinuousClock()
  let started = clock.now
  var runner = PlanRunner(plan: plan, name: name, emit: emit)
  try await emit(.runStarted(cases: plan.cases, boots: plan.boots))
  for planned in plan.suites { try await runner.run(planned, on: host) }
  let verdict = Verdict.summary(of: runner.verdicts)
  let interrupted = Task.isCancelled
  try await emit(
    .runFinished(verdict: verdict, interrupted: interrupted, seconds: (clock.now - started).inSeconds))
  return (verdict, interrupted)
}

private struct PlanRunner {
  let plan: Plan
  let name: String
  let emit: RunEmit
  var verdicts: [Verdict] = []
  private var boots = 0

  init(plan: Plan, name: String, emit: @escaping RunEmit) {
    self.plan = plan
    self.name = name
    self.emit = { event in try await emit(event) }
  }

  mutating func run(_ planned: PlannedSuite, on host: some GuestHost) async throws {
    for skipped in planned.cases {
      guard let reason = skipped.skip else { continue }
      let result = CaseResult(name: skipped.test.name, verdict: .skip, reason: reason)
      try await finish(result, of: planned)
    }
    var waiting = planned.cases.filter { $0.skip == nil }.map(\.test)
    while let first = waiting.first, !Task.isCancelled {
      // A case that needs its own guest shares it with nobody; the others share one until it is spoilt.
      let group = first.fresh ? [first] : waiting.filter { !$0.fresh }
      let names = Set(group.map(\.name))
      waiting.removeAll { names.contains($0.name) }
      let remaining = try await boot(planned, group, on: host)
      waiting = remaining + waiting
    }
  }

  /// Runs one guest; returns the cases that need another one.
  private mutating func boot(_ planned: PlannedSuite, _ cases: [Case], on host: some GuestHost) async throws -> [Case] {
    boots += 1
    let boot = BootPlan(
      planned: planned, id: boots, cases: cases, settings: plan.settings,
      nonce: String(UInt64.random(in: 1 << 60 ... .max), radix: 36), name: "ktest-\(name)-\(boots)")
    try await emit(
      .bootStarted(
        boot: boots, suite: planned.suite.name, kernel: planned.kernel.label, cases: cases.map(\.name)))
    let log = VerdictLog()
    let outcome = try await outcome(of: boot, on: host, log: log)
    verdicts += await log.verdicts
    // A guest that came up proves nothing: where all cases were skipped, the run is no pass.
    if outcome.result.verdict.isBad { verdicts.append(outcome.result.verdict) }
    try await emit(.bootFinished(outcome.result))
    guard let hopeless = outcome.hopeless else { return outcome.remaining }
    // What could not be run for a reason of the guest's is told for each case: nobody has to guess.
    for test in cases {
      let result = CaseResult(name: test.name, verdict: hopeless.verdict, reason: hopeless.reason, boot: boots)
      try await finish(result, of: planned)
    }
    return []
  }

  private func outcome(of boot: BootPlan, on host: some GuestHost, log: VerdictLog) async throws -> BootOutcome {
    let emit: RunEmit = { [emit] event in
      if case .caseFinished(_, _, let result) = event { await log.add(result.verdict) }
      try await emit(event)
    }
    do {
      return try await host.withGuest(try boot.description()) { guest in
        try await BootSession(boot, guest: guest, emit: emit).live()
      }
    } catch let error where error is VirtError || error is GuestError || error is KernelError {
      let reason = "\(error)"
      let result = BootResult(
        id: boot.id, suite: boot.planned.suite.name, kernel: boot.planned.kernel.label, verdict: .error,
        reason: reason, seconds: 0, console: "consoles/boot-\(boot.id).log")
      return BootOutcome(result: result, remaining: [], hopeless: (.error, reason))
    }
  }

  private mutating func finish(_ result: CaseResult, of planned: PlannedSuite) async throws {
    verdicts.append(result.verdict)
    try await emit(
      .caseStarted(boot: result.boot, suite: planned.suite.name, kernel: planned.kernel.label, name: result.name))
    try await emit(.caseFinished(suite: planned.suite.name, kernel: planned.kernel.label, result: result))
  }
}

/// The verdicts of a boot's cases, collected while the guest runs.
private actor VerdictLog {
  var verdicts: [Verdict] = []

  func add(_ verdict: Verdict) { verdicts.append(verdict) }
}
