package import KTestValues

/// The budget of this process's guests, which all ktests of a user on this host share.
package actor SharedBudget {
  package nonisolated let budget: GuestBudget
  private let ledger: ShareLedger?
  private let room: (@Sendable () -> HostRoom)?
  private var own: [GuestShare] = []

  /// - Parameters:
  ///   - ledger: where this process notes its guests and finds those of others; nil for nowhere.
  ///   - room: looks at the host; nil if the guests are not on this one.
  package init(_ count: GuestCount, ledger: ShareLedger? = nil, room: (@Sendable () -> HostRoom)? = nil) {
    budget = GuestBudget(count)
    self.ledger = ledger
    self.room = room
  }

  /// Takes the first of the shares that fits.
  ///
  /// A ledger that cannot be read or written is no reason to run nothing: only guests of this process then count.
  ///
  /// - Parameter shares: not empty.
  /// - Throws: `CancellationError`.
  package func take(firstOf shares: [GuestShare]) async throws -> GuestBudget.Choice {
    let (budget, own) = (budget, own)
    let room = budget.looksAtHost ? room?() : nil
    let choose: @Sendable ([GuestShare]) -> GuestBudget.Choice = { others in
      budget.choice(from: shares, beside: own, and: others, in: room)
    }
    var choice: GuestBudget.Choice
    do {
      choice =
        try await ledger?.update { others in
          let choice = choose(others)
          return (choice.taken.map { own + [shares[$0]] }, choice)
        } ?? choose([])
    } catch is GuestError {
      choice = choose([])
    }
    if let place = choice.taken { self.own = own + [shares[place]] }
    return choice
  }

  /// Gives back what a guest had that is gone.
  package func giveBack(_ name: String) async {
    own.removeAll { $0.name == name }
    let left = own
    // What cannot be noted now is gone with the process.
    try? await ledger?.update { _ in (left, ()) }
  }
}
