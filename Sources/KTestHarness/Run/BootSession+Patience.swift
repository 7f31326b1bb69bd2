internal import GuestProtocol
import KTestGuests
import KTestValues

/// Limits that grow by the time for which the guest's processors had none of the host: on a busy host a kernel that does
/// all that it should can take long for it.
extension BootSession {
  /// How many times its limit a boot or a case may take. On a host that gives a processor less than a quarter of its time,
  /// what does not end says nothing about the kernel.
  static let most = 4
  /// The time that the host waits beyond the agent's own deadline before it gives up the agent.
  static let grace = Duration.seconds(10)

  /// Whether the guest can still say something.
  var isAlive: Bool { end == nil && !isCancelled && brokenChannel == nil && !hasPanicked }

  /// Returns the patience for something that begins now.
  func patience(_ limit: Duration) async -> FairPatience {
    FairPatience(limit: limit, waits: await guest.processorWaits() ?? [:], most: BootSession.most)
  }

  private func extend(_ patience: inout FairPatience) async -> Bool {
    patience.extend(waits: await guest.processorWaits() ?? [:])
  }

  /// Waits for a message like ``message(before:_:unless:)``, since `start`.
  func message<Value>(
    since start: ContinuousClock.Instant, within patience: inout FairPatience, _ select: (GuestMessage) -> Value?
  ) async throws -> Value? {
    while true {
      if let value = try await message(before: start + patience.duration, select) { return value }
      guard isAlive, await extend(&patience) else { return nil }
    }
  }

  /// Waits for the end of a case that was requested at `start`. A case that is late by the guest's clock goes on if the host
  /// has kept it waiting.
  func ending(
    of id: UInt32, since start: ContinuousClock.Instant, within patience: inout FairPatience, rules: DmesgRules
  ) async throws -> LastWord? {
    /// What the agent allows the case.
    var granted = patience.limit
    while true {
      let left = start + patience.duration + BootSession.grace - clock.now
      let word = try await ending(of: id, within: left, rules: rules)
      guard word == .late || (word == nil && isAlive) else { return word }
      let isLonger = await extend(&patience)
      if word == .late {
        guard patience.duration > granted else { return word }
        let more = patience.duration - granted
        await send(.continueCase(id: id, milliseconds: UInt64(more.inSeconds * 1000)))
        granted = patience.duration
      } else if !isLonger {
        return nil
      }
    }
  }

  /// Waits like ``wait(before:until:)``, and longer by the time for which the guest's processors waited.
  @discardableResult
  func waitFairly(_ limit: Duration, until condition: () -> Bool) async throws -> Bool {
    let start = clock.now
    var patience = FairPatience(limit: limit, waits: await guest.processorWaits() ?? [:])
    while true {
      if try await wait(before: start + patience.duration, until: condition) { return true }
      guard end == nil, !isCancelled else { return condition() }
      guard await extend(&patience) else { return condition() }
    }
  }
}

extension StretchedLimit {
  /// Returns nil if nothing was added.
  init?(_ patience: FairPatience) {
    guard patience.added > .zero else { return nil }
    self.init(
      seconds: patience.limit.inSeconds, addedSeconds: patience.added.inSeconds, isExhausted: patience.isExhausted)
  }
}
