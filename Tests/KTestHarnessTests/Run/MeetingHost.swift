import GuestProtocol

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// Scripted guests that are up at the same time: each waits until so many have been started.
final class MeetingHost: GuestHost {
  private let scripted: ScriptedHost
  private let meeting: Meeting
  private let up = Locked<(now: Int, most: Int)>((0, 0))
  /// Whether a case hangs: nothing happens in its guest until the run is cancelled.
  private let hangs: @Sendable (String) -> Bool

  /// - Parameter guests: how many meet; whoever comes later does not wait.
  init(
    of guests: Int, _ script: GuestScript = GuestScript(), hangs: @escaping @Sendable (String) -> Bool = { _ in false }
  ) {
    (scripted, meeting, self.hangs) = (ScriptedHost(script), Meeting(of: guests), hangs)
  }

  /// The most guests that were up at the same time.
  var most: Int { up.with { $0.most } }
  var running: Int { scripted.running }
  var guests: [ScriptedGuest] { scripted.guests }

  func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result {
    try await scripted.withGuest(description) { guest in
      up.with { up in
        up.now += 1
        up.most = max(up.most, up.now)
      }
      defer { up.with { $0.now -= 1 } }
      await meeting.join()
      return try await body(HangingGuest(guest: guest, hangs: hangs))
    }
  }
}

/// Where so many tasks wait for each other.
actor Meeting {
  private let size: Int
  private var count = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(of size: Int) { self.size = size }

  func join() async {
    count += 1
    if count < size { return await withCheckedContinuation { waiting.append($0) } }
    for task in waiting { task.resume() }
    waiting = []
  }
}

private final class HangingGuest: Guest {
  private let guest: any Guest
  private let hangs: @Sendable (String) -> Bool
  private let isHanging = Locked(false)

  init(guest: any Guest, hangs: @escaping @Sendable (String) -> Bool) { (self.guest, self.hangs) = (guest, hangs) }

  func next(before deadline: ContinuousClock.Instant?) async -> GuestWait {
    let next = await guest.next(before: deadline)
    guard next == .deadline, isHanging.with({ $0 }) else { return next }
    try? await Task.sleep(for: .seconds(100_000))
    return .cancelled
  }

  func send(_ message: HostMessage) async throws {
    if case .runCase(let request) = message, hangs(request.name) { isHanging.with { $0 = true } }
    try await guest.send(message)
  }

  func kill() async {
    isHanging.with { $0 = false }
    await guest.kill()
  }
}
