/// All times that a run has run one case: the rounds of a repeated run, or the attempts at a flaky case.
package struct CaseTurns: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable { case rounds, attempts }

  package var kind: Kind
  /// The verdict of each, in order. A turn in which the case was not run is a skip.
  package var verdicts: [Verdict]
  /// The number of the one that the result is of, from 1.
  package var shown: Int
  /// The reason of the first one that was not good; nil if all were.
  package var reason: String?

  package init(_ kind: Kind, verdicts: [Verdict], shown: Int, reason: String? = nil) {
    self.kind = kind
    self.verdicts = verdicts
    self.shown = shown
    self.reason = reason
  }
}

/// One attempt at a case that its suite calls flaky, in a run with `--retry`.
package struct CaseAttempt: Codable, Sendable, Equatable {
  /// From 1.
  package var number: Int
  /// The most attempts that there can be.
  package var limit: Int
  /// Why the suite calls the case flaky.
  package var reason: String
  package var link: String?

  package init(number: Int, limit: Int, reason: String, link: String? = nil) {
    self.number = number
    self.limit = limit
    self.reason = reason
    self.link = link
  }
}

/// How far a repeated run has come.
package struct RunRounds: Codable, Sendable, Equatable {
  /// The most rounds that it can have.
  package var planned: Int
  /// The rounds that were begun.
  package var begun: Int

  package init(planned: Int, begun: Int) {
    self.planned = planned
    self.begun = begun
  }
}

extension CaseResult {
  /// The place of the result among several of the same case in one run; nil if it can be the only one.
  private var turn: (kind: CaseTurns.Kind, number: Int)? {
    if let attempt { return (.attempts, attempt.number) }
    guard let round else { return nil }
    return (.rounds, round)
  }

  /// Whether the case may have further results in the same run.
  package var isTurn: Bool { turn != nil }

  /// Whether it passed, but not at the first attempt.
  package var isFlaky: Bool { turns?.kind == .attempts && verdict == .pass && (turns?.verdicts.count ?? 0) > 1 }

  /// The result as the first of several.
  package var begun: CaseResult {
    guard let turn else { return self }
    var result = self
    result.turns = CaseTurns(
      turn.kind, verdicts: [verdict], shown: turn.number, reason: verdict.isBad ? reason : nil)
    return result
  }

  /// Adds the same case's result of a later turn. The worst counts, and of those with the same verdict the first is kept:
  /// what somebody wants to read is how it began to fail. But an attempt that passes counts for those before it, which
  /// were repeated because of it.
  ///
  /// - Returns: whether the later result has taken the place of the earlier ones.
  @discardableResult
  package mutating func add(_ next: CaseResult) -> Bool {
    guard var turns else { return false }
    turns.verdicts.append(next.verdict)
    if turns.reason == nil, next.verdict.isBad { turns.reason = next.reason }
    let counts = verdict.followed(by: next.verdict, isRetry: next.attempt != nil) != verdict
    if counts {
      self = next
      turns.shown = next.turn?.number ?? turns.verdicts.count
    }
    self.turns = turns
    return counts
  }

  /// Whether the test itself failed, and nothing else: a splat, a crash, a time limit that passed, an error of the harness
  /// and a log that cannot be trusted say something that no later attempt takes back.
  package var mayBeRetried: Bool {
    let certain: Set<VerdictCause.Kind> = [.splat, .fatalSplat, .guestEnded, .kernelLog, .leftover, .module, .timeout]
    return verdict == .fail && splats.isEmpty && !findings.contains { $0.verdict.isBad && certain.contains($0.kind) }
  }
}

extension Verdict {
  /// Returns the verdict of a case with this one and that of its next turn.
  package func followed(by next: Verdict, isRetry: Bool = false) -> Verdict {
    isRetry && next == .pass || next.weightInTurns > weightInTurns ? next : self
  }

  /// The order among turns of one case. A turn that says nothing about the kernel must not hide one that does: a skip does
  /// not hide a pass, nor an error a failure.
  private var weightInTurns: Int {
    switch self {
    case .skip: 0
    case .pass: 1
    case .error: 2
    case .fail: 3
    case .timeout: 4
    case .crash: 5
    }
  }
}
