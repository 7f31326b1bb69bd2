package import KTestGuests
package import KTestValues

/// Receives a run's events one at a time.
package typealias RunEmit = @Sendable (RunEvent) async throws -> Void

/// Executes the plan on that host.
///
/// A failing test is a verdict. It throws what `emit` throws, for example if the journal's disk is full; the guests
/// have then ended too. Cancelling the task ends the running guest and leaves the rest undone.
///
/// - Returns: the worst verdict, and whether the run was interrupted.
@discardableResult
package func run(
  _ plan: Plan, name: String, on host: some GuestHost, emit: @escaping RunEmit
) async throws -> (verdict: Verdict, interrupted: Bool) {
  let clock = ContinuousClock()
  let started = clock.now
  var runner = PlanRunner(plan: plan, name: name, emit: emit)
  try await emit(.runStarted(cases: plan.cases, boots: plan.boots))
  for planned in plan.suites {
    for test in planned.absent {
      try await emit(.caseAbsent(suite: planned.suite.name, kernel: planned.kernel.label, test))
    }
  }
  for group in plan.groups { try await runner.run(group, on: host) }
  if !Task.isCancelled { for note in runner.skips.notes { try await emit(.notice(note)) } }
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
  var skips = SkipUse()
  private var boots = 0

  init(plan: Plan, name: String, emit: @escaping RunEmit) {
    self.plan = plan
    self.name = name
    self.emit = { event in try await emit(event) }
  }

  /// Runs suites that share their guests; usually there is only one.
  package mutating func run(_ group: [PlannedSuite], on host: some GuestHost) async throws {
    let skips = SkipList(group)
    var waiting = group.flatMap { planned in
      planned.cases.filter { $0.skip == nil }.map { BootCase(planned: planned, test: $0.test) }
    }
    while let first = waiting.first, !Task.isCancelled {
      // A case that needs its own guest shares it with no other; the others share one until it is spoilt.
      let cases = first.test.needsOwnGuest ? [first] : waiting.filter { !$0.test.needsOwnGuest }
      let ids = Set(cases.map(\.id))
      waiting.removeAll { ids.contains($0.id) }
      let remaining = try await boot(cases, of: first.planned, on: host, skips: skips)
      waiting = remaining + waiting
    }
    if Task.isCancelled { return }
    for (planned, skipped) in await skips.take(before: nil) { try await finish(skipped, of: planned) }
  }

  /// Runs one guest. Returns the cases that need another one.
  private mutating func boot(
    _ cases: [BootCase], of planned: PlannedSuite, on host: some GuestHost, skips: SkipList
  ) async throws -> [BootCase] {
    boots += 1
    let boot = BootPlan(
      planned: planned, id: boots, cases: cases, settings: plan.settings.adapted(to: planned.suite.guest),
      name: "ktest-\(name)-\(boots)")
    try await emit(
      .bootStarted(
        boot: boots, suite: planned.suite.name, kernel: planned.kernel.label, cases: boot.caseNames))
    let log = VerdictLog()
    let outcome = try await outcome(of: boot, on: host, log: log, skips: skips)
    verdicts += await log.verdicts
    for (id, result) in await log.results {
      let entry = cases.first { $0.id == id }
      if let entry { self.skips.note(result, of: entry.test, in: entry.planned.suite.baseName) }
    }
    // A good boot is not a result: a run in which everything was skipped did not pass.
    if outcome.result.verdict.isBad { verdicts.append(outcome.result.verdict) }
    try await emit(.bootFinished(outcome.result))
    guard let hopeless = outcome.hopeless else { return outcome.remaining }
    // Each case that could not run because of the guest gets the reason.
    for entry in cases {
      let result = CaseResult(name: entry.test.name, verdict: hopeless.verdict, why: hopeless.why, boot: boots)
      try await finish(result, of: entry.planned)
    }
    return []
  }

  private func outcome(
    of boot: BootPlan, on host: some GuestHost, log: VerdictLog, skips: SkipList
  ) async throws -> BootOutcome {
    let emit: RunEmit = { [emit] event in
      if case .caseStarted(_, let suite, _, let name) = event {
        for (planned, skipped) in await skips.take(before: BootCase.id(suite: suite, name: name)) {
          await log.add(skipped.verdict)
          try await PlanRunner.announce(skipped, of: planned, emit)
        }
      }
      if case .caseFinished(let suite, _, let result) = event {
        await log.add(result, of: BootCase.id(suite: suite, name: result.name))
      }
      try await emit(event)
    }
    do {
      return try await host.withGuest(try boot.description()) { guest in
        try await BootSession(boot, guest: guest, emit: emit).live()
      }
    } catch let error where error is VirtError || error is GuestError || error is KernelError {
      let why = VerdictReason(.harness, "\(error)")
      let result = BootResult(
        id: boot.id, suite: boot.planned.suite.name, kernel: boot.planned.kernel.label, verdict: .error,
        reason: why.text, cause: why.cause, seconds: 0, console: "consoles/boot-\(boot.id).log")
      return BootOutcome(result: result, remaining: [], hopeless: (.error, why))
    }
  }

  private mutating func finish(_ result: CaseResult, of planned: PlannedSuite) async throws {
    verdicts.append(result.verdict)
    try await PlanRunner.announce(result, of: planned, emit)
  }

  /// Reports a case that has its verdict without having run.
  private static func announce(_ result: CaseResult, of planned: PlannedSuite, _ emit: RunEmit) async throws {
    let (suite, kernel) = (planned.suite.name, planned.kernel.label)
    try await emit(.caseStarted(boot: result.boot, suite: suite, kernel: kernel, name: result.name))
    try await emit(.caseFinished(suite: suite, kernel: kernel, result: result))
  }
}

/// Cases that are skipped before boot. They are reported at their place among the others, so that a report has the
/// order of the suite.
private actor SkipList {
  private var waiting: [(place: Int, suite: PlannedSuite, result: CaseResult)]
  private let places: [String: Int]

  init(_ group: [PlannedSuite]) {
    let all = group.flatMap { suite in suite.cases.map { (suite: suite, planned: $0) } }
    var places: [String: Int] = [:]
    var waiting: [(place: Int, suite: PlannedSuite, result: CaseResult)] = []
    for (place, entry) in all.enumerated() {
      let test = entry.planned.test
      places[BootCase(planned: entry.suite, test: test).id] = place
      guard let why = entry.planned.skip else { continue }
      waiting.append((place, entry.suite, CaseResult(name: test.name, verdict: entry.planned.verdict, why: why)))
    }
    self.places = places
    self.waiting = waiting
  }

  /// Returns the cases that precede the case in the suite, or all that are left; each is returned once.
  func take(before id: String?) -> [(suite: PlannedSuite, result: CaseResult)] {
    let end = id.flatMap { places[$0] } ?? .max
    defer { waiting.removeAll { $0.place < end } }
    return waiting.filter { $0.place < end }.map { ($0.suite, $0.result) }
  }
}

/// What came of a boot's cases, collected while the guest runs.
private actor VerdictLog {
  var verdicts: [Verdict] = []
  var results: [(id: String, result: CaseResult)] = []

  func add(_ verdict: Verdict) { verdicts.append(verdict) }

  func add(_ result: CaseResult, of id: String) {
    results.append((id, result))
    add(result.verdict)
  }
}
