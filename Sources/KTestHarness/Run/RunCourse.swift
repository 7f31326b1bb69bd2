import KTestValues

/// How often a run repeats its cases, and what ends it before all have run.
package struct RunCourse: Codable, Sendable, Equatable {
  /// The number of rounds; nil if none was given.
  package var rounds: Int?
  /// Whether a round in which a case fails is the last one.
  package var untilFail = false
  /// Whether the first result that is not good ends the run.
  package var failFast = false

  /// Whether the guests of all rounds are clones of one that is booted in the first. If that guest cannot be forked, there is
  /// only one round.
  package var sharesBoot = false

  /// How often a flaky case is run again after a failure, if its suite allows as many.
  package var retries = 0

  package static let once = RunCourse()
  /// The rounds until a failure if no number is given.
  package static let roundsUntilFail = 100
  package static let mostRounds = 10_000

  package init(rounds: Int? = nil, untilFail: Bool = false, failFast: Bool = false, retries: Int = 0) {
    self.rounds = rounds
    self.untilFail = untilFail
    self.failFast = failFast
    self.retries = retries
  }

  /// In manifests of earlier versions nothing was run again.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    rounds = try values.decodeIfPresent(Int.self, forKey: .rounds)
    untilFail = try values.decodeIfPresent(Bool.self, forKey: .untilFail) ?? false
    failFast = try values.decodeIfPresent(Bool.self, forKey: .failFast) ?? false
    retries = try values.decodeIfPresent(Int.self, forKey: .retries) ?? 0
    sharesBoot = try values.decodeIfPresent(Bool.self, forKey: .sharesBoot) ?? false
  }

  /// Whether results have rounds.
  package var isRepeated: Bool { rounds != nil || untilFail }
  /// The most rounds of the run.
  package var limit: Int { max(1, rounds ?? (untilFail ? RunCourse.roundsUntilFail : 1)) }

  /// What is wrong with the options that it was made from; nil if nothing is.
  package var problem: String? {
    if let rounds, !(1...RunCourse.mostRounds).contains(rounds) {
      return "--repeat takes a number of rounds from 1 to \(RunCourse.mostRounds), not \(rounds)"
    }
    guard (0...RunCourse.mostRetries).contains(retries) else {
      return "--retry takes a number from 1 to \(RunCourse.mostRetries), not \(retries)"
    }
    if isRepeated, retries > 0 {
      return "--retry would hide the failures that --repeat and --until-fail count; give one of them"
    }
    return nil
  }

  package static let mostRetries = 9

  /// Rounds in clones of one guest.
  package static func clones(_ count: Int) -> RunCourse {
    var course = RunCourse(rounds: count)
    course.sharesBoot = true
    return course
  }

  /// Returns which attempt a case in a boot is; nil if it is not run again in any case.
  func attempt(_ entry: BootCase) -> CaseAttempt? {
    guard retries > 0, let flaky = entry.test.flaky else { return nil }
    return CaseAttempt(
      number: entry.attempt, limit: 1 + min(retries, flaky.retries), reason: flaky.reason, link: flaky.link)
  }

  /// Returns the next attempt after a result of a case; nil if the result stands.
  func retry(of entry: BootCase, after result: CaseResult) -> BootCase? {
    guard let attempt = attempt(entry), attempt.number < attempt.limit, result.mayBeRetried else { return nil }
    var next = entry
    next.attempt += 1
    return next
  }

  /// Returns whether nothing else runs after a result in a boot.
  func ends(after result: CaseResult, of entry: BootCase) -> Bool {
    ends(after: [result.verdict]) && retry(of: entry, after: result) == nil
  }

  /// Returns whether nothing else runs after results with these verdicts.
  func ends(after verdicts: [Verdict]) -> Bool { failFast && verdicts.contains(where: \.isBad) }

  /// Returns whether a whole round with these verdicts is the last one. If no case passed or failed in it, no other round
  /// would say more.
  func isOver(after verdicts: [Verdict]) -> Bool {
    guard isRepeated else { return true }
    let counted = verdicts.compactMap(\.countsAsFailure)
    return ends(after: verdicts) || (untilFail && (counted.isEmpty || counted.contains(true)))
  }

  /// One sentence for people about what is asked for; nil for a run like any other.
  package var text: String? {
    var parts: [String] = []
    if untilFail {
      parts.append("repeated until a case fails, at most \(limit) times")
    } else if isRepeated {
      parts.append(limit == 1 ? "one round" : "\(limit) rounds")
    }
    if isRepeated { parts.append(sharesBoot ? "each in clones of one guest" : "each in new guests") }
    if retries > 0 { parts.append("flaky cases run again at most \(retries == 1 ? "once" : "\(retries) times")") }
    if failFast { parts.append("ended by the first result that is not good") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// Why a case is not run.
  static let notRun = VerdictReason(.notRun, "not run: --fail-fast ended the run before")
}
