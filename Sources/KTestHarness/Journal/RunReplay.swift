package import KTestValues

/// Folds the events of a run into its summary. The live terminal, the journal and its reader all use this value, so
/// that a run from its journal is shown as it was while it ran.
package struct RunReplay: Sendable, Equatable {
  package struct RunningCase: Sendable, Equatable {
    package var key: CaseKey
    package var boot: Int?
    /// The seconds since the run's start.
    package var since: Double
  }

  package struct OpenBoot: Sendable, Equatable {
    package var id: Int
    package var suite: String
    package var kernel: String
    package var cases: [String]
    /// The seconds since the run's start.
    package var since: Double
    package var readySeconds: Double?
  }

  struct Ending: Sendable, Equatable {
    var verdict: Verdict
    var interrupted: Bool
    var seconds: Double
  }

  /// The number of planned cases; nil before `runStarted`.
  package private(set) var planned: Int?
  /// The rounds; nil for a run that is not repeated.
  package private(set) var rounds: RunRounds?
  package private(set) var notices: [String] = []
  package private(set) var running: [RunningCase] = []
  package private(set) var openBoots: [OpenBoot] = []
  /// What other hosts have under way, a line each.
  package private(set) var underWay: [String] = []
  package private(set) var boots: [BootResult] = []
  /// The ends of the output of bad cases; those of others are not kept.
  package internal(set) var tails: [CaseKey: CaseTail] = [:]
  /// The ends of the output of running cases.
  private(set) var current: [CaseKey: CaseTail] = [:]
  /// The attempts at flaky cases that have ended, the last of each.
  private var attempts: [CaseKey: CaseAttempt] = [:]
  /// The boots in which a case failed; of a case that is repeated not only the one that its result is of.
  private(set) var badBoots: Set<Int> = []
  /// The ends of the consoles of boots in which something failed.
  package internal(set) var consoleTails: [Int: ByteTail] = [:]
  private(set) var ending: Ending?
  private var suites: [SuiteResult] = []
  /// The places of suites by name and kernel.
  private var places: [CaseKey: Int] = [:]
  private var order = PlannedOrder()
  /// The time of the last event in seconds since the run's start.
  private var now = 0.0

  package init() {}

  /// The number of cases that have a verdict.
  package var finished: Int { suites.reduce(0) { $0 + $1.cases.count } }
  package var isOver: Bool { ending != nil }

  /// How many cases of a boot that is up have no verdict yet.
  package func unfinished(of boot: OpenBoot) -> Int {
    let done = suites.reduce(0) { $0 + $1.cases.count { $0.boot == boot.id } }
    return max(0, boot.cases.count - done)
  }

  /// - Parameter seconds: the time of the event in seconds since the run's start.
  package mutating func apply(_ event: RunEvent, at seconds: Double) {
    now = max(now, seconds)
    switch event {
    case .runStarted(let cases, _):
      planned = cases
    case .suitePlanned(let suite, let kernel, let cases):
      order.add(suite: suite, kernel: kernel, cases: cases)
    case .roundStarted(let round, let planned):
      rounds = RunRounds(planned: planned, begun: round)
    case .bootStarted(let boot, let suite, let kernel, let cases):
      openBoots.append(OpenBoot(id: boot, suite: suite, kernel: kernel, cases: cases, since: now))
      _ = place(suite, kernel)
    case .bootReady(let boot, let seconds):
      if let place = openBoots.firstIndex(where: { $0.id == boot }) { openBoots[place].readySeconds = seconds }
    case .caseStarted(let boot, let suite, let kernel, let name):
      let key = CaseKey(suite: suite, kernel: kernel, name: name)
      // It could not be started in a used guest, and is tried once more in its own.
      running.removeAll { $0.key == key }
      running.append(RunningCase(key: key, boot: boot, since: now))
      _ = place(suite, kernel)
    case .caseFinished(let suite, let kernel, let result):
      finish(CaseKey(suite: suite, kernel: kernel, name: result.name), result)
    case .caseAbsent(let suite, let kernel, let absent):
      suites[place(suite, kernel)].absent.append(absent)
    case .bootFinished(let result):
      finish(result)
    case .notice(let text):
      notices.append(text)
    case .runFinished(let verdict, let interrupted, let seconds):
      ending = Ending(verdict: verdict, interrupted: interrupted, seconds: seconds)
    case .console(let boot, let bytes):
      consoleTails[boot, default: ByteTail()].append(bytes)
    case .output(_, let suite, let kernel, let name, let stream, let bytes):
      current[CaseKey(suite: suite, kernel: kernel, name: name), default: CaseTail()].append(bytes, to: stream)
    case .underWay(let lines):
      underWay = lines
    case .artefact, .evidence, .provoked, .commandLine, .splat, .splatPending, .groupAnswered:
      break
    }
  }

  /// Returns the folder of the files of a case that runs.
  func folder(of key: CaseKey) -> String {
    RunLayout.folder(round: rounds?.begun, attempt: attempts[key].map { $0.number + 1 })
  }

  private mutating func finish(_ key: CaseKey, _ result: CaseResult) {
    if let index = running.firstIndex(where: { $0.key == key }) { running.remove(at: index) }
    let index = place(key.suite, key.kernel)
    let end = current.removeValue(forKey: key)
    if let boot = result.boot, result.verdict.isBad { badBoots.insert(boot) }
    attempts[key] = result.attempt
    if result.isTurn, let former = suites[index].cases.firstIndex(where: { $0.name == result.name && $0.turns != nil })
    {
      guard suites[index].cases[former].add(result) else { return }
    } else {
      suites[index].cases.append(result.begun)
    }
    tails[key] = result.verdict.isBad ? end : nil
  }

  private mutating func finish(_ result: BootResult) {
    openBoots.removeAll { $0.id == result.id }
    boots.append(result)
    if !result.verdict.isBad, !badBoots.contains(result.id) { consoleTails[result.id] = nil }
  }

  private mutating func place(_ suite: String, _ kernel: String) -> Int {
    let key = CaseKey(suite: suite, kernel: kernel, name: "")
    if let place = places[key] { return place }
    suites.append(SuiteResult(name: suite, kernel: kernel, verdict: .skip, cases: []))
    places[key] = suites.count - 1
    return suites.count - 1
  }

  /// Returns the run as far as it is known. Without a `runFinished` it was interrupted, unless it is `stillRunning`: a
  /// case that was running is an error ("interrupted"), a boot that was up is neither good nor bad (`skip`,
  /// "interrupted"), and cases that had not started are left out.
  package func summary(run: String, stillRunning: Bool = false) -> RunSummary {
    var replay = self
    if !stillRunning { replay.closeOpenEnds() }
    order.sort(&replay.suites, &replay.boots)
    let badBoots = replay.boots.filter(\.verdict.isBad)
    for place in replay.suites.indices {
      let suite = replay.suites[place]
      let boots = badBoots.filter { $0.suite == suite.name && $0.kernel == suite.kernel }
      replay.suites[place].verdict = Verdict.summary(of: suite.cases.map(\.verdict) + boots.map(\.verdict))
    }
    let computed = Verdict.summary(of: replay.suites.map(\.verdict))
    // The harness's final verdict stands, but it cannot improve a case or a boot.
    let said = ending?.verdict ?? computed
    var summary = RunSummary(
      run: run, verdict: computed.isBad ? max(said, computed) : said,
      interrupted: ending?.interrupted ?? !stillRunning, seconds: ending?.seconds ?? now,
      boots: replay.boots, suites: replay.suites)
    summary.rounds = rounds
    return summary
  }

  private mutating func closeOpenEnds() {
    for open in running {
      let why =
        ending?.interrupted == false
        ? VerdictReason(.harness, "the run ended without a verdict for this case") : .interrupted
      var result = CaseResult(
        name: open.key.name, verdict: .error, why: why, seconds: max(0, now - open.since), boot: open.boot)
      result.round = rounds?.begun
      result.attempt = attempts[open.key]
      result.attempt?.number += 1
      finish(open.key, result)
    }
    for boot in openBoots {
      boots.append(
        BootResult(
          id: boot.id, suite: boot.suite, kernel: boot.kernel, verdict: .skip,
          reason: VerdictReason.interrupted.text, cause: VerdictReason.interrupted.cause,
          readySeconds: boot.readySeconds, seconds: max(0, now - boot.since),
          console: RunLayout.console(boot: boot.id)))
    }
  }
}
