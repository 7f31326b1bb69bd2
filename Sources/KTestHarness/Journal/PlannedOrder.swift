import KTestValues

/// The order of suites and cases in the plan of a run whose guests run side by side; empty for other runs, whose results are
/// in the order in which they came.
struct PlannedOrder: Sendable, Equatable {
  private struct Key: Sendable, Hashable {
    var suite: String
    var kernel: String
  }

  private var suites: [Key: Int] = [:]
  private var cases: [CaseKey: Int] = [:]

  mutating func add(suite: String, kernel: String, cases names: [String]) {
    let key = Key(suite: suite, kernel: kernel)
    if suites[key] == nil { suites[key] = suites.count }
    for (place, name) in names.enumerated() {
      let key = CaseKey(suite: suite, kernel: kernel, name: name)
      if cases[key] == nil { cases[key] = place }
    }
  }

  /// Sorts results by the plan, and boots by their numbers. What the plan does not have comes last, and what is at the same
  /// place, such as a case that ran twice, keeps its order.
  func sort(_ results: inout [SuiteResult], _ boots: inout [BootResult]) {
    guard !suites.isEmpty else { return }
    results = PlannedOrder.sorted(results) { suites[Key(suite: $0.name, kernel: $0.kernel)] }
    for place in results.indices {
      let (suite, kernel) = (results[place].name, results[place].kernel)
      results[place].cases = PlannedOrder.sorted(results[place].cases) {
        cases[CaseKey(suite: suite, kernel: kernel, name: $0.name)]
      }
    }
    boots = PlannedOrder.sorted(boots) { $0.id }
  }

  private static func sorted<Element>(_ list: [Element], by place: (Element) -> Int?) -> [Element] {
    let places = list.map { place($0) ?? .max }
    return list.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { list[$0] }
  }
}
