/// The time to wait for something that threads of this host do: a limit, plus the time that they spend waiting for a
/// processor.
///
/// What is added is the wait of the most delayed thread. Threads that wait for each other can be delayed by more, up to the
/// sum of their waits; but the sum also counts waits at the same time, and would add to the limit of a guest that hangs in
/// several busy loops without end.
package struct FairPatience: Sendable, Equatable {
  package let limit: Duration
  /// From the start of the wait.
  package private(set) var duration: Duration
  /// Whether the threads have waited for longer than may be added.
  package private(set) var isExhausted = false
  /// Seconds that each thread had waited when the wait began, by thread id.
  private let waits: [Int32: Double]
  private let most: Int

  /// - Parameter most: how many times the limit the whole wait may take. A host on which a processor gets less than that
  ///   share of its time is not fit for what is awaited.
  package init(limit: Duration, waits: [Int32: Double], most: Int = 20) {
    self.limit = limit
    self.waits = waits
    self.most = most
    duration = limit
  }

  package var added: Duration { duration - limit }

  /// Adds the time that the threads have waited until now.
  ///
  /// - Returns: Whether there is more time than before.
  package mutating func extend(waits now: [Int32: Double]) -> Bool {
    let waited = now.map { thread, seconds in seconds - (waits[thread] ?? seconds) }.max() ?? 0
    let fair = limit + .seconds(max(0, waited))
    isExhausted = fair > limit * most
    let longer = min(fair, limit * most)
    // Scheduling noise alone is no reason to go on.
    guard longer > duration + max(.milliseconds(100), limit / 100) else { return false }
    duration = longer
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
