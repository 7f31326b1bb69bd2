/// The thing that a guest's clock follows. docs/exact-numbers.md has the reasons.
package enum GuestClock: String, Sendable, Codable, CaseIterable {
  /// The host's time.
  case time
  /// The instructions that the guest executes: each takes one nanosecond, whatever else the host does.
  case instructions
}
