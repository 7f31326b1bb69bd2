/// Looks in the consoles of a run for one splat while the run goes on, so that a search need not wait for a test that
/// hangs after it.
public actor TargetWatch {
  private let isTarget: @Sendable (Splat) -> Bool
  private var consoles: [Int: ConsoleWatch] = [:]
  /// Boots whose consoles say nothing of the test any more.
  private var provoked: Set<Int> = []
  private var seen: Splat?
  private var waiter: CheckedContinuation<Splat?, Never>?
  private var isEnded = false

  /// Console silence after which a splat that has no end mark is taken as it is.
  private let silence: Duration

  public init(settle: Duration = .milliseconds(700), _ isTarget: @escaping @Sendable (Splat) -> Bool) {
    (self.silence, self.isTarget) = (settle, isTarget)
  }

  /// To be called with every event of the run, in order.
  public func take(_ event: RunEvent) {
    guard seen == nil else { return }
    switch event {
    case .console(let boot, let bytes):
      guard !provoked.contains(boot) else { return }
      total += bytes.count
      // The agent's markers are no splats, so that it does not matter which are genuine.
      note(consoles[boot, default: ConsoleWatch()].push(bytes))
      if consoles[boot]?.isInsideSplat == true, seen == nil { settle(boot, fed: total) }
    case .provoked(let boot):
      provoked.insert(boot)
      note(consoles[boot]?.flush() ?? [])
    default: break
    }
  }

  /// The splat, as soon as it is there; nil when the waiting task is cancelled first.
  public func wait() async -> Splat? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if seen != nil || isEnded { continuation.resume(returning: seen) } else { waiter = continuation }
      }
    } onCancel: {
      Task { await self.end() }
    }
  }

  /// Bytes of all consoles so far.
  private var total = 0

  private func settle(_ boot: Int, fed: Int) {
    Task {
      try? await Task.sleep(for: silence)
      guard total == fed, seen == nil else { return }
      note(consoles[boot]?.flush() ?? [])
    }
  }

  private func note(_ sightings: [ConsoleWatch.Sighting]) {
    let splats = sightings.compactMap { if case .splat(let splat) = $0 { splat } else { nil } }
    guard seen == nil, let splat = splats.first(where: isTarget) else { return }
    seen = splat
    waiter?.resume(returning: splat)
    waiter = nil
  }

  private func end() {
    isEnded = true
    waiter?.resume(returning: nil)
    waiter = nil
  }
}
