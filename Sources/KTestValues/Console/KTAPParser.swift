/// Parses the output of a test as KTAP 1 or TAP 13/14, in the forms that kernel tests really print: nested by
/// indentation (KUnit) or by `# ` (kselftest), with plans early, late or missing, repeated names, and other lines in
/// between. Result numbers are ignored.
///
/// Memory is bounded: the parser keeps some ten thousand results, failures longest, and a few lines for each.
package struct KTAPParser: Sendable {
  /// The number of results that are kept. Above it, passes are only counted; above twice this number, all results are.
  static let resultLimit = 20_000
  static let problemLimit = 100
  /// The number of lines kept before a result, and the number of bytes of lines kept in total.
  static let pendingLimit = 64
  static let passingLimit = 8
  static let metricLimit = 1000
  static let diagnosticBudget = 8 << 20

  private var levels: [KTAPLevel] = []
  private var pending: [String] = []
  /// The name for the next deeper level.
  private var announced: Announcement?
  private var doubts: [KTAPDoubt] = []
  private var missing = 0
  private var bailOut: String?
  private var skippedWhole: String?
  private var kept = 0
  private var dropped = 0
  private var droppedFailures = 0
  private var budget = Self.diagnosticBudget
  private var numberless = false
  /// Metrics that precede the next result.
  private var metrics: [KTAPMetric] = []
  private var metricsSeen = 0

  private struct Announcement {
    package var name: String
    var promisesResults: Bool
  }

  package init() {}

  /// Processes the next line, without its line end.
  package mutating func push(_ line: String) {
    let line = KTAPLine(line, numberless: numberless)
    switch line.kind {
    case .other:
      note(line.text)
    case .bailOut(let reason):
      if bailOut == nil { bailOut = reason }
      note(line.text)
    case .announcement(let name, let promisesResults):
      abandon(deeperThan: line.column)
      let last = levels.indices.last
      if let last, line.column > 0, levels[last].column == line.column, levels[last].isFresh {
        levels[last].name = name
      } else {
        announced = Announcement(name: name, promisesResults: promisesResults)
      }
    case .version(let isTAP):
      numberless = isTAP && line.column == 0
      abandon(deeperThan: line.column)
      let level = open(line.column)
      if levels[level].hasBegun { settle(level) }
    case .plan(let count, let skip):
      let level = open(line.column)
      if levels[level].plan != nil, levels[level].seen > 0 { settle(level) }
      levels[level].plan = count
      levels[level].saysSkip = skip != nil
      if count == 0, let skip, level == 0 { skippedWhole = skip }
    case .totals(let totals):
      check(totals, column: line.column)
    case .metric(let metric):
      metricsSeen += 1
      if metricsSeen <= Self.metricLimit { metrics.append(metric) }
    case .badMetric(let text):
      doubt(text)
    case .result(let status, let name, let detail):
      add(KTAPNode(name: name, status: status, detail: detail), column: line.column)
    }
  }

  /// Returns the report after the last line.
  package mutating func finish() -> KTAPReport {
    var report = KTAPReport()
    report.sawAnything = !levels.isEmpty || bailOut != nil
    while levels.count > 1 { abandonDeepest() }
    if !levels.isEmpty {
      if levels[0].plan == nil, levels[0].seen > 0, !levels[0].settledPlan { doubt("plan missing", .planMissing) }
      if levels[0].plan == 0, levels[0].seen == 0, skippedWhole == nil { doubt("the plan is empty (1..0)") }
      if levels[0].plan == nil, levels[0].seen == 0, levels[0].nodes.isEmpty {
        doubt("only a version line")
      }
      settle(0)
      var nodes = levels[0].nodes
      if !pending.isEmpty, !nodes.isEmpty { nodes[nodes.count - 1].addToLast(pending) }
      (report.subtests, report.metrics) = KTAPNode.subtests(nodes)
    }
    report.metrics += metrics
    if metricsSeen > Self.metricLimit {
      doubt("\(metricsSeen) metrics are too many; only the first \(Self.metricLimit) were kept")
    }
    if let bailOut { doubt(bailOut.isEmpty ? "bailed out" : "bailed out: " + bailOut, .bailOut) }
    if dropped > 0 {
      doubt("\(dropped) further results were dropped, \(droppedFailures) of them failures")
    }
    (report.doubts, report.missing, report.bailOut) = (doubts, missing, bailOut)
    report.skippedWhole = skippedWhole
    self = KTAPParser()
    return report
  }

  private mutating func note(_ text: String) {
    guard !text.isEmpty else { return }
    if pending.count == Self.pendingLimit { pending.removeFirst() }
    pending.append(text)
  }

  private mutating func add(_ node: KTAPNode, column: Int) {
    var node = node
    while levels.count > 1, levels[levels.count - 2].column > column { foldDeepest() }
    if let deepest = levels.last, deepest.column > column {
      node.isEmpty = deepest.isEmpty
      levels[levels.count - 1].settle(&doubts, &missing, name: node.name)
      node.children = levels.removeLast().nodes
    } else if let header = announced, header.promisesResults, header.name == node.name {
      node.isEmpty = true
      announced = nil
    }
    let level = open(column)
    takePending(&node, level: level)
    (node.metrics, metrics) = (metrics, [])
    levels[level].seen += 1
    levels[level].count(node)
    guard kept < Self.resultLimit || node.isBad && kept < 2 * Self.resultLimit else {
      dropped += 1
      if node.isBad { droppedFailures += 1 }
      return
    }
    kept += 1
    levels[level].nodes.append(node)
  }

  /// Lines before a result belong to it; lines after a failure without lines may belong to that failure.
  private mutating func takePending(_ node: inout KTAPNode, level: Int) {
    defer { pending.removeAll(keepingCapacity: true) }
    guard !pending.isEmpty, budget > 0 else { return }
    let lines = Array(pending.suffix(node.status.isFailure ? Self.pendingLimit : Self.passingLimit))
    budget -= lines.reduce(0) { $0 + $1.utf8.count }
    node.diagnostics = lines
    let nodes = levels[level].nodes
    if let child = node.children.last {
      if child.isBare { node.children[node.children.count - 1].addToLast(pending) }
    } else if let last = nodes.last, last.isBare {
      levels[level].nodes[nodes.count - 1].addToLast(pending)
    }
  }

  /// Returns the index of the level at this column, creating it if necessary; deeper levels stay.
  private mutating func open(_ column: Int) -> Int {
    if let level = levels.lastIndex(where: { $0.column <= column }) {
      if levels[level].column == column { return level }
      levels.insert(KTAPLevel(column: column, name: announced?.name), at: level + 1)
      announced = nil
      return level + 1
    }
    levels.insert(KTAPLevel(column: column, name: nil), at: 0)
    return 0
  }

  private mutating func settle(_ level: Int) {
    levels[level].settle(&doubts, &missing, name: level == 0 ? nil : levels[level].name)
  }

  /// Moves the deepest level's results below the last announced name, into the level above.
  private mutating func foldDeepest() {
    settle(levels.count - 1)
    let level = levels.removeLast()
    let above = levels.count - 1
    if let name = level.name, !level.nodes.isEmpty {
      levels[above].nodes.append(KTAPNode(name: name, status: .pass, detail: "", children: level.nodes))
    } else {
      levels[above].nodes += level.nodes
    }
  }

  private mutating func abandon(deeperThan column: Int) {
    while levels.count > 1, let last = levels.last, last.column > column { abandonDeepest() }
  }

  private mutating func abandonDeepest() {
    let name = levels.last?.name
    doubt("no result for " + (name ?? "the test around " + (levels.last?.nodes.last?.name ?? "a plan")))
    if !pending.isEmpty, let last = levels[levels.count - 1].nodes.indices.last {
      levels[levels.count - 1].nodes[last].addToLast(pending)
      pending = []
    }
    foldDeepest()
  }

  private mutating func check(_ totals: KTAPTotals, column: Int) {
    // KUnit prints the totals of a suite before the suite's own result, at the same column.
    guard let level = levels.last(where: { $0.column >= column }) else { return }
    let seen = level.column > column ? level.leaves : level.results
    if totals.failures != seen.failures {
      doubt("Totals say \(totals.failures) failures, but \(seen.failures) were seen")
    }
    if totals.results != seen.results { doubt("Totals say \(totals.results) results, but \(seen.results) were seen") }
    // Many tests count their skips as passes. If the totals have more skips than the results, some passes were not
    // executed.
    if totals.skips > seen.skips { doubt("Totals say \(totals.skips) skipped, but \(seen.skips) were seen") }
  }

  private mutating func doubt(_ text: String, _ kind: KTAPDoubt.Kind = .other) {
    if doubts.count < Self.problemLimit { doubts.append(KTAPDoubt(kind: kind, text: text)) }
  }
}
