package import KTestValues

/// Runs groups of a plan somewhere else than in this process.
package protocol GroupExecutor: Sendable {
  /// How many groups can be busy at a time.
  var workers: Int { get async throws }

  /// Runs all orders, each to one answer.
  ///
  /// A group whose host is lost runs on another. When the task is cancelled, what is under way is ended, and the answers
  /// have the cases that were finished.
  ///
  /// - Parameters:
  ///   - say: gets sentences for people, and what is under way.
  ///   - take: gets one answer at a time.
  /// - Throws: what `take` and `say` throw; nothing is under way then. After ``EnoughAnswers``, `take` has got what had
  ///   ended.
  func run(
    _ orders: [GroupOrder], of run: String, say: @escaping @Sendable (GroupNews) async throws -> Void,
    take: @escaping @Sendable (GroupAnswer) async throws -> Void
  ) async throws
}

/// Whoever takes answers needs no more of them. Those that are there already count.
package struct EnoughAnswers: Error {
  package init() {}
}

/// What an executor tells before there are answers.
package enum GroupNews: Sendable, Equatable {
  case notice(String)
  /// One line for each group under way: it replaces the former ones.
  case underWay([String])
}

/// What came of a group.
package struct GroupAnswer: Sendable {
  package var order: GroupOrder
  package var outcome: Outcome
  /// The hosts that have tried and were lost, with the reason.
  package var losses: [Loss] = []

  package enum Outcome: Sendable {
    /// It ran, or was interrupted.
    case ran(worker: WorkerFacts, part: any GroupEvents)
    /// Every worker was ended before its end. What the last one has finished counts; the reason is that of the others.
    case cut(worker: WorkerFacts, part: any GroupEvents, VerdictReason)
    /// No host can run it.
    case refused(VerdictReason)
    /// All that tried were lost.
    case lost(VerdictReason)
  }

  package typealias Loss = LostHost

  package init(_ order: GroupOrder, _ outcome: Outcome, losses: [Loss] = []) {
    (self.order, self.outcome, self.losses) = (order, outcome, losses)
  }
}

/// The events of a group that has run, with their bytes.
package protocol GroupEvents: Sendable {
  func pass(to emit: RunEmit) async throws
}

extension AnsweredGroup {
  init(_ answer: GroupAnswer) {
    var host: WorkerFacts?
    switch answer.outcome {
    case .ran(let worker, _), .cut(let worker, _, _): host = worker
    case .refused, .lost: break
    }
    let order = answer.order
    self.init(
      host: host, round: order.round, group: order.number, firstBoot: order.firstBoot,
      cases: order.parts.flatMap { part in part.cases.map { "\(part.suite.name):\($0)" } }, losses: answer.losses)
  }
}
