/// The time to wait for something that threads of this host do: a limit, plus the time that they spend waiting for a
/// processor.
package struct FairPatience: Sendable, Equatable {
  package let limit: Duration
  /// From the start of the wait.
  package private(set) var duration: Duration
  /// Seconds that each thread had waited when the wait began, by thread id.
  private let waits: [Int32: Double]

  /// A host on which a processor gets less than a twentieth of its time is not fit for tests.
  private static let most = 20

  package init(limit: Duration, waits: [Int32: Double]) {
    self.limit = limit
    self.waits = waits
    duration = limit
  }

  /// Adds the time that the threads have waited until now.
  ///
  /// - Returns: Whether there is more time than before.
  package mutating func extend(waits now: [Int32: Double]) -> Bool {
    let waited = now.map { thread, seconds in seconds - (waits[thread] ?? seconds) }.max() ?? 0
    let fair = min(limit + .seconds(max(0, waited)), limit * FairPatience.most)
    // Scheduling noise alone is no reason to go on.
    guard fair > duration + .milliseconds(100) else { return false }
    duration = fair
    return true
  }
}

/// Sleeps until a limit has passed in which the threads could have run.
///
/// - Parameter waits: Returns for how many seconds each thread has waited for a processor of the host, by thread id.
func sleepFairly(_ limit: Duration, waits: @Sendable () -> [Int32: Double]) async throws {
  let start = ContinuousClock.now
  var patience = FairPatience(limit: limit, waits: waits())
  repeat { try await Task.sleep(until: start + patience.duration) } while patience.extend(waits: waits())
}
