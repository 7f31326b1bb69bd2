package import KTestValues

/// Waits for one splat in the events of a run while the run goes on, so that a search need not wait for a test that hangs
/// after it.
package actor TargetWatch {
  private let isTarget: @Sendable (SplatSighting) -> Bool
  /// By boot: a splat that has begun and is not complete.
  private var pending: [Int: SplatSighting] = [:]
  /// Boots whose consoles show what ktest has asked for.
  private var provoked: Set<Int> = []
  private var seen: SplatSighting?
  private var waiter: CheckedContinuation<SplatSighting?, Never>?
  private var isEnded = false
  /// Bytes of each boot's console so far.
  private var totals: [Int: Int] = [:]

  /// The time without console output after which a splat that has no end mark is taken as it is.
  private let silence: Duration

  package init(settle: Duration = .milliseconds(700), _ isTarget: @escaping @Sendable (SplatSighting) -> Bool) {
    (self.silence, self.isTarget) = (settle, isTarget)
  }

  /// Processes an event. Call it with every event of the run, in order.
  package func take(_ event: RunEvent) {
    guard seen == nil else { return }
    switch event {
    case .console(let boot, let bytes):
      totals[boot, default: 0] += bytes.count
      if pending[boot] != nil { settle(boot) }
    case .splatPending(let boot, let splat):
      guard !provoked.contains(boot) else { return }
      pending[boot] = splat
      if splat != nil { settle(boot) }
    case .splat(let boot, let splat):
      guard !provoked.contains(boot) else { return }
      note(splat)
    case .provoked(let boot):
      provoked.insert(boot)
      pending[boot] = nil
    default: break
    }
  }

  /// Returns the splat as soon as it is there, or nil if the waiting task is cancelled first.
  package func wait() async -> SplatSighting? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if seen != nil || isEnded { continuation.resume(returning: seen) } else { waiter = continuation }
      }
    } onCancel: {
      Task { await self.end() }
    }
  }

  private func settle(_ boot: Int) {
    let fed = totals[boot]
    Task {
      try? await Task.sleep(for: silence)
      guard totals[boot] == fed, let splat = pending[boot] else { return }
      note(splat)
    }
  }

  private func note(_ splat: SplatSighting) {
    guard seen == nil, isTarget(splat) else { return }
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
