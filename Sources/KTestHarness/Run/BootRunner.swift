import KTestGuests
import KTestValues
internal import Synchronization

/// Runs one guest at a time for whoever asks: several may ask at once.
struct BootRunner: Sendable {
  let settings: RunSettings
  let emit: RunEmit
  /// Of each group.
  let skips: [SkipList]
  let round: Int
  var clones = WaitingClones()

  /// What came of an item.
  struct Ended: Sendable {
    var item: BootItem
    /// The guest's name on the host.
    var guest: String
    /// The verdict of the boot itself, if it is bad.
    var badBoot: Verdict?
    /// Of its cases; some of them run again.
    var results: [(entry: BootCase, result: CaseResult)] = []
    /// What was skipped before boot and told among its cases.
    var skipped: [(suite: PlannedSuite, result: CaseResult)] = []
    /// The cases that need another guest.
    var remaining: [BootCase] = []
    /// What the guest has become.
    var template: BootTemplate?
    /// Whether there was nothing to say about the boot: no splat, not even one that the suite allows, and no notice.
    var isClean = false
    /// Whether guests cannot be forked.
    var mustBoot = false
  }

  /// - Throws: what `emit` throws; the guest has then ended.
  func run(
    _ item: BootItem, id: Int, guest: String, on host: some GuestHost
  ) async throws -> Ended {
    let (planned, cases) = (item.planned, item.cases)
    let boot = BootPlan(
      planned: planned, id: id, cases: cases, settings: settings.adapted(to: planned.suite.guest), name: guest,
      role: item.role)
    try await emit(
      .bootStarted(boot: id, suite: planned.suite.name, kernel: planned.kernel.label, cases: boot.caseNames))
    let log = VerdictLog()
    let outcome = try await outcome(of: boot, on: host, log: log, skips: skips[item.group])
    var ended = Ended(item: item, guest: guest, skipped: await log.skipped)
    for (id, result) in await log.results {
      if let entry = cases.first(where: { $0.id == id }) { ended.results.append((entry, result)) }
    }
    ended.isClean = await log.notices == 0 && outcome.result.verdict == .pass && outcome.sawNoSplat
    // A good boot is not a result: a run in which everything was skipped did not pass.
    if outcome.result.verdict.isBad { ended.badBoot = outcome.result.verdict }
    try await emit(.bootFinished(outcome.result))
    guard let hopeless = outcome.hopeless else {
      (ended.remaining, ended.template, ended.mustBoot) = (outcome.remaining, outcome.template, outcome.mustBoot)
      return ended
    }
    // Each case that could not run because of the guest gets the reason.
    for entry in cases {
      let result = CaseResult(name: entry.test.name, verdict: hopeless.verdict, why: hopeless.why, boot: id)
      ended.results.append((entry, result))
      try await BootRunner.announce(marks.marked(result, as: entry), of: entry.planned, emit)
    }
    return ended
  }

  /// Looks for a guest that an earlier run has stopped where this item's guest would be stopped.
  func keptTemplate(for item: BootItem, on host: some GuestHost) async throws -> KeptTemplate {
    let planned = item.planned
    let boot = BootPlan(
      planned: planned, id: 0, cases: item.cases, settings: settings.adapted(to: planned.suite.guest), name: "ktest",
      role: .template)
    return await host.keptTemplate(try boot.description(), after: planned.preparation)
  }

  private func outcome(
    of boot: BootPlan, on host: some GuestHost, log: VerdictLog, skips: SkipList
  ) async throws -> BootOutcome {
    let emit: RunEmit = { [emit, marks] event in
      if case .caseStarted(_, let suite, _, let name) = event {
        for (planned, skipped) in await skips.take(before: BootCase.id(suite: suite, name: name)) {
          await log.add(skipped, of: planned)
          try await BootRunner.announce(marks.marked(skipped, as: nil), of: planned, emit)
        }
      }
      if case .notice = event { await log.addNotice() }
      guard case .caseFinished(let suite, let kernel, let result) = event else { return try await emit(event) }
      let id = BootCase.id(suite: suite, name: result.name)
      await log.add(result, of: id)
      let marked = marks.marked(result, as: boot.cases.first { $0.id == id })
      try await emit(.caseFinished(suite: suite, kernel: kernel, result: marked))
    }
    do {
      return try await host.withGuest(try boot.description()) { guest in
        if let next = boot.nextClone { await host.anticipate(next.description) { clones.count(of: next.template.id) } }
        return try await BootSession(boot, guest: guest, emit: emit).live()
      }
    } catch GuestError.noFork(let reason) {
      return try await boot.mustBoot(.noFork(reason), emit: emit)
    } catch let error where error is VirtError || error is GuestError || error is KernelError {
      let why = VerdictReason(.harness, "\(error)")
      let result = BootResult(
        id: boot.id, suite: boot.planned.suite.name, kernel: boot.planned.kernel.label, verdict: .error,
        reason: why.text, cause: why.cause, seconds: 0, console: "consoles/boot-\(boot.id).log")
      return BootOutcome(result: result, remaining: [], hopeless: (.error, why))
    }
  }

  var marks: TurnMarks { TurnMarks(course: settings.course, round: round) }

  /// Reports a case that has its verdict without having run.
  static func announce(_ result: CaseResult, of planned: PlannedSuite, _ emit: RunEmit) async throws {
    let (suite, kernel) = (planned.suite.name, planned.kernel.label)
    try await emit(.caseStarted(boot: result.boot, suite: suite, kernel: kernel, name: result.name))
    try await emit(.caseFinished(suite: suite, kernel: kernel, result: result))
  }
}

/// How many items wait that go on from a template, as it is when somebody asks: guests that run side by side may take them
/// at any time.
final class WaitingClones: Sendable {
  private let counts = Mutex<[ObjectIdentifier: Int]>([:])

  func count(of template: ObjectIdentifier) -> Int { counts.withLock { $0[template] ?? 0 } }

  /// - Parameter waiting: by their template.
  func set(_ waiting: [ObjectIdentifier: Int]) { counts.withLock { $0 = waiting } }
}

/// Adds to results of which round and which attempt they are.
struct TurnMarks: Sendable {
  let course: RunCourse
  let round: Int

  func marked(_ result: CaseResult, as entry: BootCase?) -> CaseResult {
    var result = result
    if course.isRepeated { result.round = round }
    result.attempt = entry.flatMap { course.attempt($0) }
    return result
  }
}

/// What came of a boot's cases, collected while the guest runs.
private actor VerdictLog {
  var skipped: [(suite: PlannedSuite, result: CaseResult)] = []
  var results: [(id: String, result: CaseResult)] = []
  var notices = 0

  func addNotice() { notices += 1 }
  func add(_ result: CaseResult, of suite: PlannedSuite) { skipped.append((suite, result)) }
  func add(_ result: CaseResult, of id: String) { results.append((id, result)) }
}
