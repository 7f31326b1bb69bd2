import KTestValues

/// A suite over all kernels that it ran on, with a row per case and a column per kernel.
struct SuiteGroup {
  struct Row {
    var name: String
    /// One result for each kernel; nil if the case has no verdict on it.
    var results: [CaseResult?]
    /// For each kernel why the case does not exist there; nil if it does.
    var absences: [String?]
  }

  var name: String
  var kernels: [String]
  var rows: [Row]

  /// Returns the groups in the order of their first appearance.
  static func groups(of suites: [SuiteResult]) -> [SuiteGroup] {
    var groups: [SuiteGroup] = []
    for name in suites.map(\.name) where !groups.contains(where: { $0.name == name }) {
      groups.append(SuiteGroup(name, suites.filter { $0.name == name }))
    }
    return groups
  }

  private init(_ name: String, _ suites: [SuiteResult]) {
    self.name = name
    kernels = suites.map(\.kernel)
    rows = []
    // A case that ran several times has a row for each time: its name alone does not identify it.
    struct Identity: Hashable {
      var name: String
      var turn: Int
    }
    var places: [Identity: Int] = [:]
    for (column, suite) in suites.enumerated() {
      var turns: [String: Int] = [:]
      for result in suite.cases {
        let identity = Identity(name: result.name, turn: turns[result.name, default: 0])
        turns[result.name] = identity.turn + 1
        if let place = places[identity] {
          rows[place].results[column] = result
        } else {
          let place = add(result.name)
          rows[place].results[column] = result
          places[identity] = place
        }
      }
    }
    for (column, suite) in suites.enumerated() {
      for test in suite.absent {
        let identity = Identity(name: test.name, turn: 0)
        let place = places[identity] ?? add(test.name)
        rows[place].absences[column] = "it \(test.reason)"
        places[identity] = place
      }
    }
  }

  private mutating func add(_ name: String) -> Int {
    rows.append(
      Row(
        name: TerminalText.line(name, limit: 200), results: kernels.map { _ in nil }, absences: kernels.map { _ in nil }
      ))
    return rows.count - 1
  }
}
