import KTestValues

/// What an answer may speak of: the cases of an order, and the numbers of its boots.
struct OrderedCases {
  private var names: [[String]] = []
  private var all: Set<[String]> = []
  private var finished: Set<[String]> = []
  private var boots = 0..<0

  init() {}

  init(_ order: GroupOrder) {
    for part in order.parts { for name in part.cases { names.append([part.suite.name, part.kernel.label, name]) } }
    all = Set(names)
    boots = order.firstBoot..<order.firstBoot + order.mostBoots
  }

  /// The cases without a result, as suite, kernel and name.
  var left: [(String, String, String)] {
    names.filter { !finished.contains($0) }.map { ($0[0], $0[1], $0[2]) }
  }

  /// Returns whether an event is one of the order's, and notes results.
  mutating func take(_ event: RunEvent) -> Bool {
    switch event {
    case .caseStarted(let boot, let suite, let kernel, let name):
      return has(boot) && all.contains([suite, kernel, name])
    case .caseFinished(let suite, let kernel, let result):
      let key = [suite, kernel, result.name]
      guard has(result.boot), all.contains(key) else { return false }
      finished.insert(key)
      return true
    case .output(let boot, let suite, let kernel, let name, _, _):
      return has(boot) && all.contains([suite, kernel, name])
    case .artefact(let boot, let suite, let kernel, let name, _, _):
      return has(boot) && all.contains([suite, kernel, name])
    case .bootStarted(let boot, let suite, let kernel, _): return has(boot) && hasSuite(suite, kernel)
    case .bootFinished(let result): return has(result.id) && hasSuite(result.suite, result.kernel)
    case .bootReady(let boot, _), .commandLine(let boot, _), .splat(let boot, _), .console(let boot, _),
      .evidence(let boot, _, _), .splatPending(let boot, _), .provoked(let boot):
      return has(boot)
    case .caseAbsent, .suitePlanned, .underWay, .groupAnswered: return false
    case .notice, .roundStarted, .runStarted, .runFinished: return true
    }
  }

  private func has(_ boot: Int?) -> Bool { boot.map(boots.contains) ?? true }
  private func hasSuite(_ suite: String, _ kernel: String) -> Bool {
    names.contains { $0[0] == suite && $0[1] == kernel }
  }
}
