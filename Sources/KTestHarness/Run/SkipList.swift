import KTestValues

/// Cases that are skipped before boot. They are reported at their place among the others, so that a report has the
/// order of the suite.
actor SkipList {
  private var waiting: [(place: Int, suite: PlannedSuite, result: CaseResult)]
  private let places: [String: Int]

  init(_ group: [PlannedSuite]) {
    let all = group.flatMap { suite in suite.cases.map { (suite: suite, planned: $0) } }
    var places: [String: Int] = [:]
    var waiting: [(place: Int, suite: PlannedSuite, result: CaseResult)] = []
    for (place, entry) in all.enumerated() {
      let test = entry.planned.test
      places[BootCase(planned: entry.suite, test: test).id] = place
      guard let why = entry.planned.skip else { continue }
      waiting.append((place, entry.suite, CaseResult(name: test.name, verdict: entry.planned.verdict, why: why)))
    }
    self.places = places
    self.waiting = waiting
  }

  /// Returns the cases that precede the case in the suite, or all that are left; each is returned once.
  func take(before id: String?) -> [(suite: PlannedSuite, result: CaseResult)] {
    let end = id.flatMap { places[$0] } ?? .max
    defer { waiting.removeAll { $0.place < end } }
    return waiting.filter { $0.place < end }.map { ($0.suite, $0.result) }
  }
}
