import Glibc

/// Decides whether one kernel has the bug with as many runs as necessary: Wald's sequential probability ratio test,
/// with the rate learned from runs of the bad end. For `git bisect run`.
///
/// The ratio is the likelihood of the results on a kernel with the bug over that on one without, each averaged over its
/// rates: with the bug over those that the bad end's runs leave possible, without it over the rates of false alarms.
/// Stopping at ratios of (1−error)/error and its inverse keeps both errors at about `error` (Wald 1945).
package struct ReproductionTest: Codable, Sendable, Equatable {
  package enum Decision: String, Codable, Sendable {
    case good, bad, skip, runAgain, stop

    /// The exit code for `git bisect run` (git-bisect(1)); nil if there is none yet.
    package var exitCode: Int32? {
      switch self {
      case .good: 0
      case .bad: 1
      case .skip: 125
      case .stop: 128
      case .runAgain: nil
      }
    }
  }

  /// The probability of a wrong `good` and of a wrong `bad`.
  package let error: Double
  /// The number of runs after which an undecided test is `skip`.
  package let maximumRuns: Int
  /// The runs of the bad end, by their results.
  package let seenAtBadEnd: Int
  package let cleanAtBadEnd: Int
  package private(set) var outcomes: [ProbeOutcome] = []

  /// Creates a test. Without runs of the bad end, the rate is anything from 1 % to always.
  package init(seenAtBadEnd: Int = 0, cleanAtBadEnd: Int = 0, error: Double = 0.01, maximumRuns: Int = 500) {
    (self.seenAtBadEnd, self.cleanAtBadEnd) = (max(0, seenAtBadEnd), max(0, cleanAtBadEnd))
    self.error = min(max(error, 1e-9), 0.49)
    self.maximumRuns = max(1, maximumRuns)
  }

  package mutating func add(_ outcome: ProbeOutcome) { outcomes.append(outcome) }

  private func count(_ outcome: ProbeOutcome) -> Int { outcomes.count { $0 == outcome } }

  private static let prior = RatePrior.showing(certainty: 0)

  /// The log of the ratio: positive values favour the bug.
  var logRatio: Double {
    let prior = Self.prior
    let (seen, clean) = (count(.targetSeen), count(.clean))
    let known = prior.logEvidence(seen: seenAtBadEnd, clean: cleanAtBadEnd)
    let bad = prior.logEvidence(seen: seen + seenAtBadEnd, clean: clean + cleanAtBadEnd) - known
    return bad - RatePrior.falseAlarm.logEvidence(seen: seen, clean: clean)
  }

  /// The probability that the kernel has the bug, if both were equally likely before.
  package var chanceOfBug: Double { 1 / (1 + exp(-logRatio)) }

  package var decision: Decision {
    let limit = log((1 - error) / error)
    if logRatio >= limit { return .bad }
    if logRatio <= -limit { return .good }
    if count(.unusable) > 0, count(.targetSeen) == 0 { return .skip }
    if outcomes.suffix(3) == [.infrastructure, .infrastructure, .infrastructure] { return .stop }
    let others = count(.otherFailure)
    if others >= 10, others > 3 * (count(.targetSeen) + count(.clean)) { return .skip }
    return outcomes.count >= maximumRuns ? .skip : .runAgain
  }
}
