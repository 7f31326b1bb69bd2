package import KTestValues

/// Executes the plan on workers. Verdicts, events and what ends a run are those of ``run(_:name:on:schedule:isOver:emit:)``;
/// the events of a group come together when it has ended.
///
/// - Parameters:
///   - needsKVM: whether hosts without KVM will not do.
///   - isOver: asked after each round whether it is the last.
@discardableResult
package func runElsewhere(
  _ plan: Plan, name: String, on executor: some GroupExecutor, schedule: GuestSchedule, needsKVM: Bool,
  isOver: @Sendable () async throws -> Bool = { false }, emit: @escaping RunEmit
) async throws -> (verdict: Verdict, interrupted: Bool) {
  let started = ContinuousClock.now
  let line = EventLine(emit)
  for event in plan.opening(inAnyOrder: true) { try await line.pass(event) }
  let course = plan.settings.course
  let taker = AnswerTaker(plan, line: line)
  let workers = try await executor.workers
  for round in 1...(course.sharesBoot ? 1 : course.limit) {
    if course.isRepeated, !course.sharesBoot { try await line.pass(.roundStarted(round, of: course.limit)) }
    await taker.begin(round)
    if round == 1 { try await taker.tellSkipped() }
    let orders = plan.orders(
      round: round, firstBoot: await taker.nextBoot, workers: workers, needsKVM: needsKVM,
      seconds: { schedule.expectedSeconds(of: $0) })
    await taker.number(orders)
    do {
      // A case whose program could not be built may have ended the run.
      if await taker.tally.isEnded { throw EnoughAnswers() }
      try await executor.run(
        orders, of: name,
        say: { news in
          if case .notice(let text) = news { try await line.pass(.notice(text)) }
          if case .underWay(let lines) = news { try await line.pass(.underWay(lines)) }
        }, take: { try await taker.take($0) })
    } catch is EnoughAnswers {
      try await taker.tellNotRun(orders)
    }
    if Task.isCancelled { break }
    let verdicts = await taker.tally.ofRound
    if course.sharesBoot || course.isOver(after: verdicts) { break }
    if try await isOver() { break }
  }
  let (verdict, interrupted) = (await taker.tally.verdict, Task.isCancelled)
  try await line.pass(
    .runFinished(
      verdict: verdict, interrupted: interrupted, seconds: (ContinuousClock.now - started).inSeconds))
  return (verdict, interrupted)
}

/// Turns the answers of a run's workers into its events.
private actor AnswerTaker {
  private(set) var tally: VerdictTally
  private(set) var nextBoot = 1
  private let plan: Plan
  /// Of suites by name and kernel.
  private let places: [[String]: Int]
  private let line: EventLine
  private var round = 1
  private var notices: Set<String> = []
  /// The cases of the order whose answer is being taken.
  private var expected = OrderedCases()
  /// The numbers of the orders that have an answer.
  private var answered: Set<Int> = []

  init(_ plan: Plan, line: EventLine) {
    (self.plan, self.line) = (plan, line)
    tally = VerdictTally(course: plan.settings.course)
    let keys = plan.suites.enumerated().map { ([$0.element.suite.name, $0.element.kernel.label], $0.offset) }
    places = Dictionary(keys) { first, _ in first }
  }

  func begin(_ round: Int) {
    tally.begin()
    (self.round, answered) = (round, [])
  }

  func number(_ orders: [GroupOrder]) {
    nextBoot = orders.map { $0.firstBoot + $0.mostBoots }.max() ?? nextBoot
  }

  private func planned(_ suite: String, _ kernel: String) -> PlannedSuite? {
    places[[suite, kernel]].map { plan.suites[$0] }
  }

  /// Reports the cases that are skipped before boot.
  func tellSkipped() async throws {
    for planned in plan.suites {
      for entry in planned.cases {
        guard let why = entry.skip else { continue }
        try await tell(CaseResult(name: entry.test.name, verdict: entry.verdict, why: why), of: planned)
      }
    }
  }

  private func tell(_ result: CaseResult, of planned: PlannedSuite) async throws {
    tally.count(result, of: planned)
    let marks = TurnMarks(course: plan.settings.course, round: round)
    try await BootRunner.announce(marks.marked(result, as: nil), of: planned) { [line] in try await line.pass($0) }
  }

  func tellNotRun(_ orders: [GroupOrder]) async throws {
    for order in orders where !answered.contains(order.number) {
      try await tell(order, .skip, RunCourse.notRun)
    }
  }

  private func tell(_ order: GroupOrder, _ verdict: Verdict, _ why: VerdictReason) async throws {
    for part in order.parts {
      guard let planned = planned(part.suite.name, part.kernel.label) else { continue }
      for name in part.cases { try await tell(CaseResult(name: name, verdict: verdict, why: why), of: planned) }
    }
  }

  /// - Throws: ``EnoughAnswers`` if nothing else is to run.
  func take(_ answer: GroupAnswer) async throws {
    // Two answers for one group are one result.
    guard answered.insert(answer.order.number).inserted else { return }
    try await line.pass(.groupAnswered(AnsweredGroup(answer)))
    switch answer.outcome {
    case .ran(let worker, let part):
      try await take(part, of: answer.order, from: worker.name) {
        VerdictReason(.harness, "the answer of \(worker.name) has no result of it")
      }
    case .cut(let worker, let part, let why): try await take(part, of: answer.order, from: worker.name) { why }
    case .refused(let why): try await tell(answer.order, .skip, why)
    case .lost(let why): try await tell(answer.order, .error, why)
    }
    if tally.isEnded { throw EnoughAnswers() }
  }

  /// Takes the events of an order. Nothing else that an answer has counts, and no case of the order is missing.
  ///
  /// - Parameter missing: why a case has no result; an interrupted run leaves it out.
  private func take(
    _ part: any GroupEvents, of order: GroupOrder, from host: String, missing: @escaping @Sendable () -> VerdictReason
  ) async throws {
    expected = OrderedCases(order)
    try await part.pass { [self] event in
      guard await belongs(event) else { return }
      try await pass(event, from: host)
    }
    guard !Task.isCancelled else { return }
    for (suite, kernel, name) in expected.left {
      guard let planned = planned(suite, kernel) else { continue }
      try await tell(CaseResult(name: name, verdict: .error, why: missing()), of: planned)
    }
  }

  private func belongs(_ event: RunEvent) -> Bool { expected.take(event) }

  private func pass(_ event: RunEvent, from host: String) async throws {
    switch event {
    case .runStarted, .suitePlanned, .runFinished: return
    case .roundStarted where !plan.settings.course.sharesBoot: return
    case .notice(let text):
      // Each worker says what its host lacks.
      guard notices.insert(text).inserted else { return }
    case .caseFinished(let suite, let kernel, let result):
      if let planned = planned(suite, kernel) {
        let attempt = result.attempt
        let isRetried = attempt.map { $0.number < $0.limit && result.mayBeRetried } ?? false
        tally.count(result, of: planned, attempt: attempt?.number ?? 1, isRetried: isRetried)
      }
    case .bootFinished(var result):
      if result.verdict.isBad { tally.count(boot: result.verdict) }
      result.host = host
      return try await line.pass(.bootFinished(result))
    default: break
    }
    try await line.pass(event)
  }
}
