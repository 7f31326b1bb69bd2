import KTestValues

/// One turn of the cases of a run: what is read to know whether it showed the target.
struct BisectRound: Sendable {
  var cases: [CaseResult] = []
  var boots: [BootResult] = []
  /// The cases that do not exist on the kernel.
  var absent: [AbsentCase] = []

  /// A run of one round.
  init(_ summary: RunSummary) {
    cases = summary.suites.first?.cases ?? []
    absent = summary.suites.first?.absent ?? []
    boots = summary.boots
  }

  init() {}

  /// Begins the next round, whose guests are clones of what this one has booted.
  mutating func goOn() {
    cases = []
    boots = boots.filter { $0.clone == nil }
  }

  /// The boot of a result. What the kernel said before its guest was stopped and forked belongs to it.
  func boot(of result: CaseResult) -> BootResult? {
    guard var boot = boots.first(where: { $0.id == result.boot }) ?? boots.last else { return nil }
    if let origin = boots.first(where: { $0.id == boot.clone?.boot }) { boot.splats = origin.splats + boot.splats }
    return boot
  }
}

/// The rounds of one boot, as they come.
actor BisectRounds {
  private(set) var readings: [TargetReading] = []
  private var round = BisectRound()

  func take(_ event: RunEvent) {
    switch event {
    case .roundStarted(let number, _): if number > 1 { round.goOn() }
    case .caseFinished(_, _, let result): round.cases.append(result)
    case .caseAbsent(_, _, let test): round.absent.append(test)
    case .bootFinished(let result): round.boots.append(result)
    default: break
    }
  }

  /// The round that is over, or nil if none of its cases has run, because its guest could not be forked.
  var last: BisectRound? { round.cases.isEmpty && round.absent.isEmpty ? nil : round }

  func add(_ reading: TargetReading) { readings.append(reading) }
}

extension RunObservation {
  /// What the rounds of one boot have shown, each of which is a run in a clone.
  ///
  /// - Parameters:
  ///   - readings: of the rounds that were over. Only the last may be other than clean.
  ///   - seen: the splat that ended the round after them; nil for none.
  init(_ readings: [TargetReading], seen: SplatSighting?, boots: [BootResult], journal: String?) {
    let clean = readings.count { $0.outcome == .clean }
    let isForked = boots.contains { $0.clone != nil }
    var last = readings.last ?? TargetReading(.infrastructure, "the case has no result")
    if last.outcome == .clean || readings.isEmpty, let seen {
      last = TargetReading(.targetSeen, "kernel: \(seen.title)")
    }
    let clones = boots.filter { $0.clone != nil }
    // What was booted in vain, because it could not be forked, is part of the cost.
    let others = boots.filter { $0.clone == nil }
    let ready = others.last?.readySeconds ?? 0
    let spent = others.reduce(0) { $0 + $1.seconds }
    let run = isForked ? clones.reduce(0) { $0 + $1.seconds } : max(0, (others.last?.seconds ?? 0) - ready)
    self.init(
      last.outcome, clean: isForked ? last.outcome == .clean ? clean - 1 : clean : nil, note: last.note,
      other: last.other, boot: isForked ? spent : spent - run, run: run, journal: journal)
  }
}
