/// Decides whether one more guest may be started.
///
/// - A guest gets its memory only if the host need not swap for it, and keeps a reserve.
/// - With ``GuestCount/auto``, guests together keep at most the host's processors busy. With a number they may want twice
///   as many: a processor of a guest then still runs for a quarter of the time that it wants, up to which time limits grow.
/// - The first guest of a process starts whatever its processors are. It waits for memory only as long as other processes
///   have some of it; what does not fit into an empty host runs alone.
package struct GuestBudget: Sendable, Equatable {
  package var count: GuestCount

  package init(_ count: GuestCount) { self.count = count }

  /// What there is too little of.
  package enum Shortage: Sendable, Equatable, CaseIterable {
    /// As many guests are up as were asked for.
    case guests
    case processors, memory, files
  }

  package enum Admission: Sendable, Equatable {
    case admitted
    /// It does not fit into the memory that the host can give, in bytes, and no other guest is up: it runs alone.
    case alone(free: UInt64)
    case refused(Shortage)
  }

  /// The files that one guest takes of this process: sockets and pipes of libvirt, and files of the journal.
  static let filesOfGuest = 48
  /// The files that the process keeps for everything else.
  static let filesLeft = 64
  /// The least memory that stays with the host, in bytes; it is a tenth of all on a larger one.
  static let leastReserve: UInt64 = 512 << 20

  /// Whether ``admission(of:beside:and:in:)`` looks at the host at all.
  package var looksAtHost: Bool { count != .one }

  /// - Parameters:
  ///   - own: the guests of this process that are up.
  ///   - others: those of other processes on this host.
  ///   - room: nil if nothing is known about the host; then only the number of guests counts.
  package func admission(
    of share: GuestShare, beside own: [GuestShare], and others: [GuestShare], in room: HostRoom?
  ) -> Admission {
    if case .most(let most) = count, own.count >= most { return .refused(.guests) }
    guard looksAtHost, let room else { return .admitted }
    if !own.isEmpty {
      guard room.files >= GuestBudget.filesOfGuest + GuestBudget.filesLeft else { return .refused(.files) }
      let wanted = (own + others + [share]).reduce(0) { $0 + min($1.processors, room.processors) }
      guard wanted <= room.processors * (count == .auto ? 1 : 2) else { return .refused(.processors) }
    }
    let free = GuestBudget.free(beside: own + others, in: room)
    if share.memory <= free { return .admitted }
    return own.isEmpty && others.isEmpty ? .alone(free: free) : .refused(.memory)
  }

  /// Which of several guests is started.
  package enum Choice: Sendable, Equatable {
    case taken(Int)
    /// It is more than the host can give, in bytes, and nothing else is up.
    case takenAlone(Int, free: UInt64)
    /// None fits now; what the first lacks.
    case refused(Shortage)

    /// The place of the guest that is started.
    package var taken: Int? {
      switch self {
      case .taken(let place), .takenAlone(let place, _): place
      case .refused: nil
      }
    }
  }

  /// Returns the first of the shares that is admitted.
  package func choice(
    from shares: [GuestShare], beside own: [GuestShare], and others: [GuestShare], in room: HostRoom?
  ) -> Choice {
    var shortage: Shortage?
    for (place, share) in shares.enumerated() {
      switch admission(of: share, beside: own, and: others, in: room) {
      case .admitted: return .taken(place)
      case .alone(let free): return .takenAlone(place, free: free)
      case .refused(let what): shortage = shortage ?? what
      }
    }
    return .refused(shortage ?? .guests)
  }

  /// Returns the memory that one more guest can have, in bytes: a guest that is up will want the rest of its own.
  static func free(beside shares: [GuestShare], in room: HostRoom) -> UInt64 {
    let promised = shares.reduce(UInt64(0)) { $0 + $1.memory - min($1.memory, room.resident[$1.name] ?? 0) }
    let kept = promised + max(leastReserve, room.memory / 10)
    return room.available - min(room.available, kept)
  }
}
