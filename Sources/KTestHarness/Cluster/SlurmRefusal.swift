/// That a batch was not taken, and since when nothing is known that may end it by itself.
struct SlurmRefusal: Sendable, Equatable {
  /// What is known of the reason. Slurm's own words are for people only.
  enum Reason: Sendable, Equatable {
    /// The folder that nodes share has no room.
    case noRoom
    /// The controller does not answer.
    case silence
    /// It answers, and this user has tasks in the queue: a quota may be full of them, and they end.
    case crowd
    /// It answers, and this user has nothing in the queue.
    case nothingQueued
  }

  var reason: Reason
  /// What people are told.
  var text: String
  var since: ContinuousClock.Instant

  init(_ reason: Reason, _ text: String, now: ContinuousClock.Instant = .now) {
    (self.reason, self.text, since) = (reason, text, now)
  }

  /// Returns this refusal after the former one of the same batch.
  func after(_ former: SlurmRefusal?) -> SlurmRefusal {
    var refusal = self
    if let former, former.reason == reason { refusal.since = former.since }
    return refusal
  }

  /// How long the same is asked for again in vain; nil for without an end.
  ///
  /// - Parameter patience: for a controller or a disk that somebody has to look after.
  func limit(_ patience: Duration) -> Duration? {
    switch reason {
    case .crowd: nil
    case .noRoom, .silence: patience
    // Nobody's work has to end first, so that the next answer will hardly be another one.
    case .nothingQueued: patience / 5
    }
  }

  func isFinal(_ patience: Duration, now: ContinuousClock.Instant = .now) -> Bool {
    limit(patience).map { now - since > $0 } ?? false
  }
}
