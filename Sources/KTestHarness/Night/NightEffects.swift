package import KTestValues

/// What tells others of a night: its pages, the mail, the report for KCIDB.
package protocol NightTeller: Sendable {
  /// Whether the plan wants it.
  func isWanted(by plan: NightPlan) -> Bool
  /// Tells of a night that is over. An error is shown, and costs nothing of the night.
  func tell(of night: NightRecord, _ order: NightOrder, in session: Session) async throws
}

/// What a night uses beside its session.
package struct NightEffects: Sendable {
  /// Everybody who tells others, in this order, when the record is final.
  package var tellers: [any NightTeller] = []
  package var clock: @Sendable () -> WallTime = WallTime.now

  package init() {}
}
