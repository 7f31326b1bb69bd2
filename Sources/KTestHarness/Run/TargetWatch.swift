/// Looks in the consoles of a run for one splat while the run goes on, so that a search need not wait for a test that
/// hangs after it.
public actor TargetWatch {
  private let isTarget: @Sendable (Splat) -> Bool
  private var detectors: [Int: (splitter: LineSplitter, detector: SplatDetector)] = [:]
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
    guard case .console(let boot, let bytes) = event, seen == nil else { return }
    var (splitter, detector) = detectors[boot] ?? (LineSplitter(), SplatDetector())
    var found: [Splat] = []
    for raw in splitter.push(bytes) {
      let line = ConsoleLine(raw).withInnerPrefix(before: raw.bytes.count)
      if line.hasPrefix { found += detector.feed(line) }
    }
    detectors[boot] = (splitter, detector)
    note(found)
    if detector.pending != nil, seen == nil { settle(boot, fed: bytesSeen(adding: bytes.count)) }
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

  private var total = 0

  private func bytesSeen(adding count: Int) -> Int {
    total += count
    return total
  }

  private func settle(_ boot: Int, fed: Int) {
    Task {
      try? await Task.sleep(for: silence)
      guard total == fed, seen == nil else { return }
      note(detectors[boot]?.detector.finish() ?? [])
    }
  }

  private func note(_ splats: [Splat]) {
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
