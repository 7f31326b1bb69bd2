import Glibc
import UnixSignals

/// Runs `body`; Ctrl-C and SIGTERM cancel it. A second signal has no effect, because guests are already being ended.
///
/// A signal that was ignored when ktest started stays ignored: `nohup ktest run` continues when the terminal is closed.
func interruptible<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
  let taken: [UnixSignal] = InheritedSignals.taken
  let signals = await UnixSignalsSequence(trapping: taken)
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      for await _ in signals { return nil }
      // No signal can interrupt.
      try await Task.sleep(for: .seconds(Int32.max))
      return nil
    }
    guard let first = try await group.next() else { throw CancellationError() }
    group.cancelAll()
    if let result = first { return result }
    // After an interrupt, the body winds up, and its result still counts.
    while let next = try await group.next() { if let result = next { return result } }
    throw CancellationError()
  }
}

private enum InheritedSignals {
  /// The signals that end a run, with their state at the first call: from then on they are handled.
  static let taken: [UnixSignal] = [(SIGINT, UnixSignal.sigint), (SIGTERM, .sigterm), (SIGHUP, .sighup)]
    .filter { !isIgnored($0.0) }.map(\.1)

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
