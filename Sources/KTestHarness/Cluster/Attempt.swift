import KTestHost
import KTestValues

/// One try at a piece of work on one host.
struct Attempt: Sendable, Equatable {
  var order: Work
  /// The name of the run.
  var run: String
  /// A word that its answer repeats: an answer to another attempt is none to this one.
  var word = Attempt.newWord()
  /// `BATCH/INDEX` below the run's folder; empty until it is started.
  var folder = ""
  /// Which batch of its fleet it is of.
  var batch = 0
  /// The host that it was given to, where that is known before it runs.
  var host: String?
  /// The hosts that were lost with this group.
  var losses: [GroupAnswer.Loss] = []

  /// Returns the number of a batch, which no other round of the run has.
  static func batch(_ number: Int, of attempt: Attempt) -> Int { attempt.order.round * 1_000_000 + number }

  static func newWord() -> String { String(UInt64.random(in: 0 ... .max), radix: 36) }

  /// Its place in the batch; 0 until it is started.
  var index: Int { Int(folder.split(separator: "/").last ?? "") ?? 0 }

  /// The next try at the same group.
  var anew: Attempt {
    var next = self
    (next.folder, next.batch, next.host, next.word) = ("", 0, nil, Attempt.newWord())
    return next
  }

  /// Other hosts that it should not go to.
  var unwanted: Set<String> = []

  /// The hosts that it should not go to.
  var avoided: Set<String> { Set(losses.map(\.host)).union(unwanted) }
}

/// What is known of an attempt that was started.
enum AttemptState: Sendable, Equatable {
  /// It waits in somebody's queue; why is in the queue's words.
  case queued(String)
  case running(host: String)
  /// Its worker has ended; the answer is in the local folder, or there is none.
  case ended(host: String)
  /// Its host does not answer any more.
  case lost(GroupAnswer.Loss)
  /// It has to begin again, though no host is at fault: nobody counts it as a loss.
  case again(String)
  /// No host takes it any more.
  case refused(String)
}

/// What came of an attempt whose worker has ended.
enum AttemptOutcome: Sendable {
  case ran(worker: WorkerFacts, part: any GroupEvents)
  /// - Parameter folder: where the kernel is.
  case built(worker: WorkerFacts, BuildEnd, folder: WorkFolder)
  /// - Parameter part: what the worker has left all the same.
  case lost(GroupAnswer.Loss, worker: WorkerFacts? = nil, part: (any GroupEvents)? = nil)
  /// It has to begin again, though no host is at fault.
  case again(String)
}

/// Hosts that run attempts. What it brings is in local folders, `ROOT/RUN/BATCH/INDEX`.
protocol WorkerFleet: Sendable {
  /// How many attempts can run at a time.
  var workers: Int { get async throws }
  /// How many more attempts are of use to it now; some of them may have to wait.
  func appetite() async -> Int
  /// Waits until the next look.
  func rest() async throws

  /// Returns the same hosts for another run, which may be at the same time.
  func another() -> Self
  /// Makes the fleet ready for a run.
  func begin(_ run: String) async throws
  /// Why no host can ever run it; nil if one can.
  func refusal(of needs: GroupOrder.Needs) async throws -> VerdictReason?
  /// Starts those of the attempts for which there is room, and returns all: those that were started have a folder.
  func start(_ attempts: [Attempt], _ write: @Sendable (Attempt, WorkFolder) throws -> Void) async throws -> [Attempt]
  /// Returns the state of each.
  func look(at attempts: [Attempt]) async throws -> [AttemptState]
  /// Sentences about hosts since the last call.
  func news() async -> [String]
  /// Returns the local folder of an attempt.
  func folder(of attempt: Attempt) -> WorkFolder
  /// Returns what came of an attempt whose worker has ended, or why that is a loss.
  ///
  /// - Parameter host: its name as far as the fleet knows it.
  func outcome(of attempt: Attempt, host: String) async -> AttemptOutcome
  /// Ends attempts, and returns when their workers have ended or cannot be reached.
  func stop(_ attempts: [Attempt]) async
  /// Removes everything of the run. Returns false if a host that may have something of it does not answer.
  func end() async -> Bool
}

extension WorkerFleet {
  func outcome(of attempt: Attempt, host: String) async -> AttemptOutcome { answer(to: attempt, host: host) }

  /// Reads the answer in the attempt's folder.
  func answer(to attempt: Attempt, host: String) -> AttemptOutcome {
    let folder = folder(of: attempt)
    let start = folder.readStart(to: attempt)
    func lost(_ reason: String) -> AttemptOutcome { .lost(GroupAnswer.Loss(host: host, reason: reason)) }
    guard let end = folder.readEnd(to: attempt) else { return lost("its worker ended without an answer") }
    if let failure = end.failure {
      return .lost(GroupAnswer.Loss(host: attempt.host ?? start?.facts.name ?? host, reason: failure))
    }
    if end.isInterrupted {
      // What it has finished counts if no other host can do it.
      let part = folder.journal(end).map { JournalPart(directory: $0) }
      return .lost(
        GroupAnswer.Loss(
          host: attempt.host ?? start?.facts.name ?? host, reason: "somebody ended its worker, or its time was over"),
        worker: start?.facts, part: part)
    }
    guard var facts = start?.facts else { return lost("its answer is not complete") }
    facts.name = attempt.host ?? facts.name
    if let built = end.built {
      guard built.trouble != nil || built.entry != nil && CommitBuild.isWhole(folder.kernel) else {
        return lost("the kernel that it has built is not whole here")
      }
      return .built(worker: facts, built, folder: folder)
    }
    guard let journal = folder.whole(end) else { return lost("its answer is not complete") }
    return .ran(worker: facts, part: JournalPart(directory: journal))
  }
}

/// Why a fleet cannot work at all. The text is for the user.
package struct FleetProblem: Error, Equatable, CustomStringConvertible {
  package var description: String
  /// Whether what the user gave is at fault.
  package var isUsage: Bool

  package init(_ description: String, isUsage: Bool = false) {
    (self.description, self.isUsage) = (description, isUsage)
  }
}
