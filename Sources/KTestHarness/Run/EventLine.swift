import KTestValues

/// Passes the events of guests that run side by side on, one at a time and in the order in which they came.
///
/// Each guest waits until its own event has been taken, so the journal holds up exactly the guest whose event it writes, and
/// those that have something to say meanwhile. After a failure nothing is passed on any more.
actor EventLine {
  private let emit: RunEmit
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var failure: (any Error)?

  init(_ emit: @escaping RunEmit) { self.emit = emit }

  /// Returns what passes events on one at a time, which guests that follow each other do by themselves.
  static func emit(_ emit: @escaping RunEmit, for schedule: GuestSchedule) -> RunEmit {
    guard schedule.isSideBySide else { return emit }
    let line = EventLine(emit)
    return { try await line.pass($0) }
  }

  /// - Throws: what taking this event or an earlier one threw.
  func pass(_ event: RunEvent) async throws {
    // Whoever leaves hands its place to the first who waits, so that nobody overtakes.
    if isBusy { await withCheckedContinuation { waiting.append($0) } }
    isBusy = true
    defer { if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() } }
    if let failure { throw failure }
    do {
      try await emit(event)
    } catch {
      failure = error
      throw error
    }
  }
}
