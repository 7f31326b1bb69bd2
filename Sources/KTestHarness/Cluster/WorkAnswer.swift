import KTestValues

/// What came of a piece of work.
struct WorkAnswer: Sendable {
  var work: Work
  var outcome: Outcome
  /// The hosts that have tried and were lost, with the reason.
  var losses: [GroupAnswer.Loss] = []

  enum Outcome: Sendable {
    /// A group ran, or was interrupted.
    case ran(worker: WorkerFacts, part: any GroupEvents)
    /// See ``GroupAnswer/Outcome/cut(worker:part:_:)``.
    case cut(worker: WorkerFacts, part: any GroupEvents, VerdictReason)
    /// A build came to its end. The folder is there until this was taken.
    case built(worker: WorkerFacts, BuildEnd, WorkFolder)
    /// No host can do it.
    case refused(VerdictReason)
    /// All that tried were lost.
    case lost(VerdictReason)
  }

  init(_ work: Work, _ outcome: Outcome, losses: [GroupAnswer.Loss] = []) {
    (self.work, self.outcome, self.losses) = (work, outcome, losses)
  }
}

extension GroupAnswer {
  /// Creates the answer of a group; returns nil for that of other work.
  init?(_ answer: WorkAnswer) {
    guard let group = answer.work.group else { return nil }
    let outcome: Outcome? =
      switch answer.outcome {
      case .ran(let worker, let part): .ran(worker: worker, part: part)
      case .cut(let worker, let part, let why): .cut(worker: worker, part: part, why)
      case .refused(let why): .refused(why)
      case .lost(let why): .lost(why)
      case .built: nil
      }
    guard let outcome else { return nil }
    self.init(group, outcome, losses: answer.losses)
  }
}
