/// The time to wait for something that a guest does: a limit, plus the time that its processors spend waiting
/// for a processor of the host.
struct FairPatience: Sendable, Equatable {
  let limit: Duration
  /// From the start of the wait.
  private(set) var duration: Duration
  /// Seconds that each thread had waited when the wait began, by thread id.
  private let waits: [Int32: Double]

  /// A host on which a processor gets less than a twentieth of its time is not fit for tests.
  private static let most = 20

  init(limit: Duration, waits: [Int32: Double]) {
    self.limit = limit
    self.waits = waits
    duration = limit
  }

  /// Adds the time that the threads have waited until now.
  ///
  /// - Returns: Whether there is more time than before.
  mutating func extend(waits now: [Int32: Double]) -> Bool {
    let waited = now.map { thread, seconds in seconds - (waits[thread] ?? seconds) }.max() ?? 0
    let fair = min(limit + .seconds(max(0, waited)), limit * FairPatience.most)
    // Scheduling noise alone is no reason to go on.
    guard fair > duration + .milliseconds(100) else { return false }
    duration = fair
    return true
  }
}
