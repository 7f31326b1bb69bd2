package import KTestValues

/// A guest of a plan, if nothing goes wrong.
package struct PlannedGuest: Sendable {
  package enum Origin: Sendable, Equatable {
    case boot
    /// It boots, runs no case, and so many clones go on from it.
    case template(clones: Int)
    /// It goes on from the last template before it.
    case clone
  }

  package var origin: Origin
  /// The suite that describes the guest.
  package var suite: PlannedSuite
  /// Empty for a template.
  package var cases: [(suite: PlannedSuite, test: Case)]

  fileprivate init(_ item: BootItem, _ origin: Origin) {
    (self.origin, suite) = (origin, item.planned)
    cases = item.cases.map { (suite: $0.planned, test: $0.test) }
    if case .template = origin { cases = [] }
  }
}

extension Plan {
  /// The planned guests in the order of the plan, the clones of a template behind it.
  package var guests: [PlannedGuest] {
    groups.enumerated().flatMap { place, group in
      BootItem.items(of: group, at: place, settings: settings).flatMap { item in
        guard case .template = item.role else { return [PlannedGuest(item, .boot)] }
        let clones = BootItem.items(of: item.cases, at: place)
        return [PlannedGuest(item, .template(clones: clones.count))] + clones.map { PlannedGuest($0, .clone) }
      }
    }
  }
}
