import KTestGuests
package import KTestValues

extension RunJob {
  /// Returns how the guests of the plan share the host.
  ///
  /// - Throws: ``Failure``, ``GuestError/noLedger``.
  func guestSchedule(on host: OpenHost, _ plan: Plan) throws -> GuestSchedule {
    guard host.executor == nil else {
      // Other hosts have budgets of their own; which group is long is known here.
      let times = formerTimes(in: session.places.stateDirectory, accelerator: plan.settings.accelerator.rawValue)
      return GuestSchedule(SharedBudget(.one), expected: times.seconds)
    }
    guard guests != .one else {
      // Others should know of the guest, but it waits for nobody.
      return GuestSchedule(SharedBudget(.one, ledger: host.shares.flatMap { try? ShareLedger(in: $0) }))
    }
    let times = formerTimes(in: session.places.stateDirectory, accelerator: plan.settings.accelerator.rawValue)
    guard let shares = host.shares else {
      guard guests != .auto else {
        throw Failure(
          .usage, "--guests auto looks at this host, and the guests of --connect run on another; give their number")
      }
      return GuestSchedule(SharedBudget(guests), expected: times.seconds)
    }
    return GuestSchedule(
      SharedBudget(guests, ledger: try ShareLedger(in: shares), room: { HostRoom.now() }), expected: times.seconds)
  }
}

extension OpenHost {
  /// Returns how the guests of several runs of this process share the host: at most so many of them are up, and no more than
  /// there is room for.
  ///
  /// - Throws: ``GuestError/noLedger``.
  package func schedule(_ guests: GuestCount) throws -> GuestSchedule {
    guard let shares else { return GuestSchedule(SharedBudget(guests)) }
    return GuestSchedule(SharedBudget(guests, ledger: try ShareLedger(in: shares), room: { HostRoom.now() }))
  }
}

extension FormerTimes {
  /// Returns the seconds of a case, or of a boot of the suite without its cases.
  fileprivate func seconds(_ suite: String, _ test: String?) -> Double? {
    test.map { seconds(suite: suite, name: $0) } ?? bootSeconds(suite: suite)
  }
}
