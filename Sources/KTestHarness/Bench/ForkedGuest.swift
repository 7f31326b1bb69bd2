import KTestGuests
import KTestHost
import KTestValues
internal import Synchronization

/// Seconds from asking for a clone.
package struct CloneTimes: Sendable, Equatable {
  /// To the agent's answer.
  package var hello: Double
  /// To the start of its case.
  package var firstCase: Double

  package init(hello: Double, firstCase: Double) { (self.hello, self.firstCase) = (hello, firstCase) }
}

/// A suite's guest and its clones, made as a run makes them.
struct ForkedGuest: Sendable {
  let planned: PlannedSuite
  let settings: RunSettings
  let host: any GuestHost
  /// The beginning of the guests' names on the host.
  let name: String
  /// libvirt knows a guest for a second after its end, so that each has a name of its own.
  private let serial = DraftCounter()

  init(planned: PlannedSuite, settings: RunSettings, host: any GuestHost, name: String) {
    (self.planned, self.settings, self.host, self.name) = (planned, settings, host, name)
  }

  /// Boots the guest and stops it before its first case. Throws ``Failure`` if it cannot be forked.
  func template() async throws -> BootTemplate {
    let outcome = try await live(boot(.template, "template"), host) { _ in }
    guard let template = outcome.template else {
      throw Failure(.host, "the guest could not be forked: \(outcome.result.reason ?? "\(outcome.result.verdict)")")
    }
    return template
  }

  /// Runs the case in a clone.
  ///
  /// - Parameter standsReady: whether the clone is started before it is asked for.
  func clone(of template: BootTemplate, standsReady: Bool) async throws -> CloneTimes {
    let boot = boot(.clone(template), "clone")
    if standsReady {
      await host.anticipate(.clone(of: template.template, name: "\(boot.name)-next")) { 1 }
      await host.waitForStandby()
    }
    let clock = ContinuousClock()
    let seen = Mutex<(hello: ContinuousClock.Instant?, first: ContinuousClock.Instant?)>((nil, nil))
    let start = clock.now
    let outcome = try await live(boot, host) { event in
      switch event {
      case .bootReady: seen.withLock { $0.hello = clock.now }
      case .caseStarted: seen.withLock { $0.first = clock.now }
      default: break
      }
    }
    guard case let (hello?, first?) = seen.withLock({ $0 }) else {
      throw Failure(.host, "a clone came to no case: \(outcome.result.reason ?? "\(outcome.result.verdict)")")
    }
    return CloneTimes(hello: (hello - start).inSeconds, firstCase: (first - start).inSeconds)
  }

  private func boot(_ role: BootPlan.Role, _ word: String) -> BootPlan {
    let cases = planned.cases.filter { $0.skip == nil }.prefix(1).map { BootCase(planned: planned, test: $0.test) }
    return BootPlan(
      planned: planned, id: 1, cases: cases, settings: settings, name: "\(name)-\(serial.next())-\(word)",
      role: role)
  }

  private func live(
    _ boot: BootPlan, _ host: some GuestHost, _ see: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> BootOutcome {
    try await host.withGuest(try boot.description()) { guest in
      try await BootSession(boot, guest: guest, emit: { see($0) }).live()
    }
  }
}
