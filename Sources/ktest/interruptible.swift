import UnixSignals

/// Runs `body`; Ctrl-C and SIGTERM cancel it, and a second one changes nothing: guests are on their way out already.
func interruptible<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
  let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      for await _ in signals { return nil }
      return nil
    }
    guard let first = try await group.next() else { throw CancellationError() }
    group.cancelAll()
    if let result = first { return result }
    // Interrupted: the body winds up, and what it returns then still counts.
    while let next = try await group.next() { if let result = next { return result } }
    throw CancellationError()
  }
}
