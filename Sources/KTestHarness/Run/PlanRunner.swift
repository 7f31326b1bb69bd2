import KTestGuests
import KTestValues

/// Runs the items of a plan until none is left: one guest after the other, or side by side as the budget allows. Each round
/// has all items again, in new guests or in clones of the first round's.
struct PlanRunner {
  private(set) var skips = SkipUse()
  private var tally: VerdictTally
  private var queue: BootQueue
  /// The number of the last boot.
  private var boots: Int
  /// What guests were said to wait for; each is said once.
  private var told: Set<GuestBudget.Shortage> = []
  private let plan: Plan
  private let name: String
  private let schedule: GuestSchedule
  private var runner: BootRunner
  private let groups: [[PlannedSuite]]
  /// The guests of which later rounds get clones, by group.
  private var templates: [Int: BootTemplate] = [:]
  private var emit: RunEmit { runner.emit }

  /// - Parameter emit: is called for one event at a time.
  init(_ plan: Plan, name: String, schedule: GuestSchedule, firstBoot: Int = 1, emit: @escaping RunEmit) {
    (self.plan, self.name, self.schedule) = (plan, name, schedule)
    boots = firstBoot - 1
    groups = plan.groups
    queue = BootQueue(groups, settings: plan.settings) { schedule.seconds(of: $0) }
    runner = BootRunner(settings: plan.settings, emit: emit, skips: groups.map(SkipList.init), round: 1)
    tally = VerdictTally(course: plan.settings.course)
  }

  private var sharesBoot: Bool { plan.settings.course.sharesBoot }

  /// Whether there is a guest for each group of which a later round can get clones, or none is wanted.
  var canGoOn: Bool {
    !sharesBoot
      || groups.indices.allSatisfy {
        templates[$0] != nil || groups[$0].allSatisfy { $0.cases.allSatisfy { $0.skip != nil } }
      }
  }

  /// Queues everything for a round.
  mutating func begin(_ round: Int) {
    tally.begin()
    guard round > 1 else { return }
    // What is skipped before boot is told once.
    let skips = groups.map { _ in SkipList([]) }
    runner = BootRunner(settings: plan.settings, emit: runner.emit, skips: skips, round: round)
    queue = BootQueue(groups, settings: plan.settings, templates: templates) { [schedule] in schedule.seconds(of: $0) }
  }

  /// Tells guests that run how many clones are wanted after them: those that wait, and one of the next round.
  private func count() {
    var counts = queue.waitingClones
    if sharesBoot, runner.round < plan.settings.course.limit {
      for template in templates.values { counts[template.id, default: 0] += 1 }
    }
    runner.clones.set(counts)
  }

  /// The worst verdict of all rounds, in which a case that passed when it was tried again has passed.
  var verdict: Verdict { tally.verdict }
  var verdictsOfRound: [Verdict] { tally.ofRound }

  private enum Happening: Sendable {
    case ended(BootRunner.Ended)
    /// It is time to see whether others have given something back.
    case look
  }

  /// How often waiting guests look whether the host has room: what others take of it changes without a word.
  private static let look = Duration.seconds(1)

  /// - Throws: what `emit` throws; no guest is left then.
  mutating func run(on host: some GuestHost) async throws {
    try await withThrowingTaskGroup(of: Happening.self) { group in
      var (running, isLooking) = (0, false)
      while true {
        if tally.isEnded { try await tellNotRun() }
        try await tellDoneGroups()
        if plan.settings.keepsTemplates { try await takeKept(from: host) }
        var shortage: GuestBudget.Shortage?
        while shortage == nil, !queue.waiting.isEmpty, !Task.isCancelled, !tally.isEnded {
          switch try await next(running: running) {
          case .wait(let what): shortage = what
          case .start(let item, let id, let guest):
            guard schedule.isSideBySide else {
              await finish(try await runner.run(item, id: id, guest: guest, on: host), on: host)
              try await tellDoneGroups()
              continue
            }
            running += 1
            group.addTask { [runner] in
              .ended(try await runner.run(item, id: id, guest: guest, on: host))
            }
          }
        }
        if running == 0, queue.waiting.isEmpty || Task.isCancelled { break }
        if running == 0, tally.isEnded { continue }
        if shortage != nil, shortage != .guests, !isLooking {
          isLooking = true
          group.addTask {
            try? await Task.sleep(for: PlanRunner.look)
            return .look
          }
        }
        switch try await group.next() {
        case .ended(let ended):
          running -= 1
          await finish(ended, on: host)
        case .look: isLooking = false
        case nil: return
        }
      }
      group.cancelAll()
    }
  }

  private enum Next {
    case start(BootItem, id: Int, guest: String)
    case wait(GuestBudget.Shortage)
  }

  /// Takes the next item for which there is room.
  private mutating func next(running: Int) async throws -> Next {
    let guest = "ktest-\(name)-\(boots + 1)"
    let shares = queue.waiting.map { $0.share(name: guest, of: schedule.count, settings: plan.settings) }
    let choice: GuestBudget.Choice
    // A run that is cancelled while it waits has no guest more.
    do { choice = try await schedule.budget.take(firstOf: shares) } catch is CancellationError { return .wait(.guests) }
    switch choice {
    case .refused(let what):
      if told.insert(what).inserted, let notice = schedule.notice(what, running: running) {
        try await emit(.notice(notice))
      }
      return .wait(what)
    case .takenAlone(let place, let free):
      try await emit(.notice(GuestSchedule.aloneNotice(shares[place], free: free)))
      fallthrough
    case .taken:
      boots += 1
      let item = queue.take(choice.taken ?? 0)
      count()
      return .start(item, id: boots, guest: guest)
    }
  }

  /// Lets clones go on from guests that earlier runs have kept, instead of booting the same again.
  private mutating func takeKept(from host: some GuestHost) async throws {
    while !Task.isCancelled, let place = queue.nextToLookUp() {
      let suite = queue.waiting[place].planned.suite.name
      switch try await runner.keptTemplate(for: queue.waiting[place], on: host) {
      case .none: break
      case .damaged(let what):
        try await emit(.notice("the kept guest of \(suite) was given up, and one is booted: \(what)"))
      case .found(let guest, let origin):
        let minutes = Int((ContinuousClock.now - guest.stopped).inSeconds / 60)
        try await emit(
          .notice(
            "\(suite): the guests are clones of boot \(origin.boot) of run \(origin.run), stopped "
              + "\(minutes == 0 ? "less than a minute" : "\(minutes) min") ago; --new-boot boots a new one"))
        let template = BootTemplate(
          template: guest, boot: origin.boot, seconds: origin.seconds, run: origin.run)
        let item = queue.take(place)
        queue.finish(item, remaining: item.cases, template: template)
        count()
      }
    }
  }

  private mutating func finish(_ ended: BootRunner.Ended, on host: some GuestHost) async {
    await schedule.budget.giveBack(ended.guest)
    if plan.settings.keepsTemplates {
      if let template = ended.template, ended.isClean {
        let origin = TemplateOrigin(run: name, boot: template.boot, seconds: template.seconds)
        await host.keep(template.template, after: ended.item.planned.preparation, from: origin)
      }
      if ended.mustBoot, case .clone(let origin) = ended.item.role { await host.discard(origin.template) }
    }
    for (planned, skipped) in ended.skipped { tally.count(skipped, of: planned) }
    var again: [BootCase] = []
    for (entry, result) in ended.results {
      skips.note(result, of: entry.test, in: entry.planned.suite.baseName)
      let next = plan.settings.course.retry(of: entry, after: result)
      again += next.map { [$0] } ?? []
      tally.count(result, of: entry.planned, attempt: entry.attempt, isRetried: next != nil)
    }
    if let bad = ended.badBoot { tally.count(boot: bad) }
    if let template = ended.template, sharesBoot { templates[ended.item.group] = template }
    if ended.mustBoot { templates[ended.item.group] = nil }
    // A guest that is booted would not be of the first round's boot.
    let isLost = ended.mustBoot && sharesBoot && runner.round > 1
    queue.finish(
      ended.item, remaining: isLost ? [] : ended.remaining + again, template: ended.template,
      mustBoot: ended.mustBoot)
    count()
  }

  /// Reports the cases of groups that are done that were skipped and have not been reported among the others.
  private mutating func tellDoneGroups() async throws {
    while !Task.isCancelled, let group = queue.nextDoneGroup() {
      for (planned, skipped) in await runner.skips[group].take(before: nil) {
        tally.count(skipped, of: planned)
        try await BootRunner.announce(runner.marks.marked(skipped, as: nil), of: planned, emit)
      }
    }
  }

  /// Reports the cases that the end of the run leaves out: none is missing without a word.
  private mutating func tellNotRun() async throws {
    while !queue.waiting.isEmpty, !Task.isCancelled {
      let item = queue.take(0)
      for entry in item.cases {
        let result = CaseResult(name: entry.test.name, verdict: .skip, why: RunCourse.notRun)
        tally.count(result, of: entry.planned, attempt: entry.attempt)
        try await BootRunner.announce(runner.marks.marked(result, as: entry), of: entry.planned, emit)
      }
      queue.finish(item, remaining: [])
    }
  }
}
