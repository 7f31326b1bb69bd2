/// A result and the results nested below it.
struct KTAPNode: Sendable {
  package var name: String
  var status: KTAPStatus
  var detail: String
  var children: [KTAPNode] = []
  var diagnostics: [String] = []
  var metrics: [KTAPMetric] = []
  /// Whether its header announced results but none came.
  var isEmpty = false

  /// Whether a passing test ran no tests. Such a test has not passed, whatever its result line says. As in
  /// `tools/testing/kunit/kunit_parser.py`, other results stay as they are.
  var ranNothing: Bool { isEmpty && status == .pass }

  var isBad: Bool { status.isFailure || ranNothing || children.contains { $0.isBad } }

  /// Whether its innermost last result failed and has no diagnostic lines yet.
  var isBare: Bool { children.last?.isBare ?? (status.isFailure && diagnostics.isEmpty) }

  /// The counts of all results that have none below them.
  var leaves: KTAPCount {
    guard !children.isEmpty else { return KTAPCount(status) }
    return children.reduce(KTAPCount()) { $0 + $1.leaves }
  }

  /// Adds lines that came after all results to the innermost last one.
  mutating func addToLast(_ lines: [String]) {
    if let last = children.indices.last { return children[last].addToLast(lines) }
    let room = KTAPParser.passingLimit + (status.isFailure ? KTAPParser.pendingLimit : 0) - diagnostics.count
    guard room > 0 else { return }
    diagnostics += lines.prefix(room)
  }

  static func subtests(_ nodes: [KTAPNode]) -> (subtests: [KTAPSubtest], metrics: [KTAPMetric]) {
    var found: [KTAPSubtest] = []
    var metrics: [KTAPMetric] = []
    var uses: [String: Int] = [:]
    func walk(_ node: KTAPNode, _ above: [String]) {
      let path = above + [node.name]
      for child in node.children { walk(child, path) }
      // An outer failure that no inner one explains counts as a failure of its own; so does a forced end.
      let isExplained = node.children.contains { $0.isBad } && node.status == .fail
      let base = path.joined(separator: "/")
      var id = base
      defer {
        metrics += node.metrics.map { metric in
          var metric = metric
          metric.subtest = id
          return metric
        }
      }
      guard node.children.isEmpty || node.status.isFailure && !isExplained else { return }
      while uses[id] != nil {
        uses[base, default: 1] += 1
        id = "\(base) (\(uses[base] ?? 1))"
      }
      uses[id] = 1
      var subtest = KTAPSubtest(
        path: path, id: id, status: node.status, detail: node.detail, diagnostics: node.diagnostics)
      if node.ranNothing {
        (subtest.status, subtest.detail) = (.error, "no tests: no result follows its header")
      }
      found.append(subtest)
    }
    for node in nodes { walk(node, []) }
    return (found, metrics)
  }
}

/// The number of results of each kind, for comparison with the `# Totals:` line.
struct KTAPCount: Sendable {
  var results = 0
  var failures = 0
  var skips = 0

  init() {}

  init(_ status: KTAPStatus) {
    (results, failures, skips) = (1, status.isFailure ? 1 : 0, status == .skip ? 1 : 0)
  }

  static func + (left: KTAPCount, right: KTAPCount) -> KTAPCount {
    var sum = left
    sum.results += right.results
    sum.failures += right.failures
    sum.skips += right.skips
    return sum
  }
}

/// The results of one depth that do not belong to an outer result yet.
struct KTAPLevel: Sendable {
  let column: Int
  package var name: String?
  var plan: Int?
  /// Whether the plan is `1..0 # SKIP …`.
  var saysSkip = false
  var nodes: [KTAPNode] = []
  /// The number of results of the present document, kept or not; a new version line begins a new document.
  var seen = 0
  /// Whether an earlier document of this level had a plan.
  private(set) var settledPlan = false
  private(set) var results = KTAPCount()
  private(set) var leaves = KTAPCount()

  init(column: Int, name: String?) {
    self.column = column
    self.name = name
  }

  /// Whether a version line or a plan began this level but no result came. `settle` reports a non-empty plan without
  /// results; a plan that says SKIP has given its reason.
  var isEmpty: Bool { nodes.isEmpty && seen == 0 && !settledPlan && (plan ?? 0) == 0 && !saysSkip }

  var isFresh: Bool { name == nil && seen == 0 }
  var hasBegun: Bool { seen > 0 || plan != nil }

  mutating func count(_ node: KTAPNode) {
    results = results + KTAPCount(node.status)
    leaves = leaves + node.leaves
  }

  /// Compares the results with the plan, and prepares for the next document.
  mutating func settle(_ doubts: inout [KTAPDoubt], _ missing: inout Int, name: String?) {
    let place = name.map { " in " + $0 } ?? ""
    if let plan, seen != plan {
      missing += max(0, plan - seen)
      if doubts.count < KTAPParser.problemLimit {
        let text =
          seen < plan ? "missing \(plan - seen) of \(plan) results" : "\(seen) results, but \(plan) were planned"
        doubts.append(KTAPDoubt(kind: .other, text: text + place))
      }
    }
    settledPlan = settledPlan || plan != nil
    (plan, saysSkip, seen, results, leaves) = (nil, false, 0, KTAPCount(), KTAPCount())
  }
}
