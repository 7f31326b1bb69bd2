/// Suites of kind build and what is wanted of each: a run that boots nothing.
public struct BuildPlan: Sendable {
  public struct Entry: Sendable {
    public var suite: Suite
    public var test: Case
    public var request: TargetRequest
  }

  /// In the order in which they are built.
  public let entries: [Entry]

  /// - Parameter jobs: processes of one build at once.
  /// - Throws: ``PlanError``.
  public init(_ requests: [SuiteRequest], jobs: Int) throws(PlanError) {
    var entries: [Entry] = []
    for request in requests {
      for test in try request.chosen.flatMap(\.cases) {
        guard let build = test.build else {
          throw PlanError(
            "suite \(request.suite.name) boots guests, and suites with kind: build are run by themselves",
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
