package import KTestHost
package import KTestValues

/// Suites of kind build with their selections: a run that boots nothing.
package struct BuildPlan: Sendable {
  package struct Entry: Sendable {
    package var suite: Suite
    package var test: Case
    package var request: TargetRequest
  }

  /// The builds, in order.
  package let entries: [Entry]

  /// - Parameter jobs: the number of concurrent processes of one build.
  /// - Throws: ``PlanError``.
  package init(_ requests: [SuiteRequest], jobs: Int) throws(PlanError) {
    var entries: [Entry] = []
    for request in requests {
      for test in try request.chosen.flatMap(\.cases) {
        guard let build = test.build else {
          throw PlanError(
            "suite \(request.suite.name) boots guests, but suites with kind: build must be run separately",
            isSelection: true)
        }
        entries.append(Entry(suite: request.suite, test: test, request: TargetRequest(build, jobs: jobs)))
      }
    }
    self.entries = entries
  }
}

extension TargetRequest {
  init(_ build: CaseBuild, jobs: Int) {
    let wishes = build.config.sorted { $0.key < $1.key }.map { symbol, value in
      let wish: ConfigWish.Value =
        switch value {
        case "y": .builtIn
        case "m": .module
        case "n": .off
        default: .text(value)
        }
      return ConfigWish(symbol, wish, origin: "the case")
    }
    self.init(
      base: build.base == .defconfig ? .defconfig : .allnoconfig, wishes: wishes, targets: build.targets, jobs: jobs)
  }
}
