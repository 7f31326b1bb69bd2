package import KTestGuests
package import KTestValues

/// How the guests of a run share their host.
package struct GuestSchedule: Sendable {
  package var budget: SharedBudget
  /// Returns the expected seconds of a case of a suite, or of a boot without its cases, as earlier runs took here; nil if
  /// that is unknown.
  package var expected: @Sendable (_ suite: String, _ test: String?) -> Double?

  package init(
    _ budget: SharedBudget,
    expected: @escaping @Sendable (_ suite: String, _ test: String?) -> Double? = { _, _ in nil }
  ) {
    (self.budget, self.expected) = (budget, expected)
  }

  /// One guest after the other, in the order of the plan.
  package static var oneByOne: GuestSchedule { GuestSchedule(SharedBudget(.one)) }

  package var count: GuestCount { budget.budget.count }
  /// Whether more than one guest may be up.
  package var isSideBySide: Bool { count != .one }

  /// Returns the seconds by which items are ordered: all the same where one follows the other. A case that has not run here
  /// counts with its limit, so that it does not come last.
  func seconds(of item: BootItem) -> Double {
    isSideBySide ? expectedSeconds(of: item) : 0
  }

  func expectedSeconds(of item: BootItem) -> Double {
    item.cases.reduce(expected(item.planned.suite.name, nil) ?? 0) { sum, entry in
      sum + (expected(entry.planned.suite.name, entry.test.name) ?? entry.test.timeout.seconds)
    }
  }

  /// The notice about a guest that runs alone because it does not fit; `free` is in bytes.
  static func aloneNotice(_ share: GuestShare, free: UInt64) -> String {
    "\(share.name) takes \(ByteSize(bytes: share.memory)) of memory, and this host can give "
      + "\(ByteSize.mebibytes(free >> 20)) without swapping: it runs alone"
  }

  /// The notice about what keeps guests waiting; nil for what the user has asked for.
  func notice(_ shortage: GuestBudget.Shortage, running: Int) -> String? {
    let guests = "\(running) \(running == 1 ? "guest" : "guests")"
    switch shortage {
    case .guests: return nil
    case .processors:
      return count == .auto
        ? nil : "\(guests) at a time instead of \(count): more would be too slow for their time limits"
    case .memory where running == 0:
      return "waiting for memory, which guests of another ktest have on this host"
    case .memory: return "\(guests) at a time: one more would not fit into the memory that this host can give"
    case .files: return "\(guests) at a time: this process may not open more files; see 'ulimit -n'"
    }
  }
}
