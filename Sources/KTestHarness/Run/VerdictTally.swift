import KTestValues

/// The verdicts of a run as they come, and whether they end it.
struct VerdictTally: Sendable {
  let course: RunCourse
  /// Of cases and bad boots, without failures that were tried again.
  private var verdicts: [Verdict] = []
  /// The number of verdicts before the round.
  private var before = 0
  /// The verdict of each case over all of its turns.
  private var outcomes: [String: Verdict] = [:]
  private var badBoots: [Verdict] = []

  init(course: RunCourse) { self.course = course }

  mutating func begin() { before = verdicts.count }

  /// The worst verdict, in which a case that passed when it was tried again has passed.
  var verdict: Verdict { Verdict.summary(of: Array(outcomes.values) + badBoots) }
  var ofRound: [Verdict] { Array(verdicts[before...]) }
  /// Whether nothing else is to be run.
  var isEnded: Bool { course.ends(after: verdicts) }

  mutating func count(_ result: CaseResult, of planned: PlannedSuite, attempt: Int = 1, isRetried: Bool = false) {
    // A failure that is tried again has not ended anything.
    if !isRetried { verdicts.append(result.verdict) }
    let id = "\(planned.kernel.label) " + BootCase.id(suite: planned.suite.name, name: result.name)
    outcomes[id] = outcomes[id]?.followed(by: result.verdict, isRetry: attempt > 1) ?? result.verdict
  }

  mutating func count(boot verdict: Verdict) {
    verdicts.append(verdict)
    badBoots.append(verdict)
  }
}
